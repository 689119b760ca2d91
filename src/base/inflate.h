/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include "base/io.h"

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD, COMPRESSION_BZIP2, COMPRESSION_XZ };

const char *compression_name(enum compression c); /* "none", "gzip", "zstd", "bzip2", "xz" */
/* By magic bytes (indexer.md 1.2; xz: FD 37 7A 58 5A 00). head: the first bytes, 6 are enough. zstd also when
 * the stream starts with a skippable frame (magic 0x184D2A50..5F). */
enum compression compression_of(struct str head);

/* Bytes of memory that a decoder of this stream will ask for, by its header: at most the decoder's limit,
 * which stops streams that lie. head: the first bytes, 64 are enough. */
uint64_t inflate_memory(struct str head);

struct inflate;

/* Decompress source (borrowed) by what its first bytes say; bytes that are not compressed come through.
 * Multi-member gzip, multi-frame zstd (skippable frames too), concatenated bzip2 and xz streams are read to
 * the end. Zero bytes of padding after a gzip, xz or bzip2 member are dropped; other trailing bytes are
 * E_FORMAT. A stream that ends inside a member is E_FORMAT; a zstd window or xz dictionary above its limit is
 * E_LIMIT. The source is always read to its end before 0 is returned, so that a digest around it is complete.
 * Returns 0 and *out (close with inflate_close), or the source's error from sniffing. */
int inflate_open(struct reader *source, struct inflate **out, struct err *err);
struct reader *inflate_reader(struct inflate *z);
enum compression inflate_compression(const struct inflate *z);
void inflate_close(struct inflate *z);
void inflate_closep(struct inflate **z);
#define autoinflate __attribute__((cleanup(inflate_closep)))

#endif
