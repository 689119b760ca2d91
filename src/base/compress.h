/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include "base/inflate.h"

struct arena;

/* Compression of what we send, at the fastest levels: one gzip member or one zstd frame. */
struct compressor;

/* to is borrowed. kind: COMPRESSION_GZIP, COMPRESSION_ZSTD, or COMPRESSION_NONE, which passes bytes through.
 */
struct compressor *compressor_new(enum compression kind, struct writer *to);
/* zstd, before the first byte: work harder (1 to 19). */
void compressor_set_level(struct compressor *c, int level);
struct writer *compressor_writer(struct compressor *c);
/* Write the rest. 0, or the error of the destination. */
int compressor_end(struct compressor *c, struct err *err);
void compressor_free(struct compressor *c);
void compressor_freep(struct compressor **c);
#define autocompressor __attribute__((cleanup(compressor_freep)))

/* Bytes in memory; the result is in the arena. */
struct str compress_bytes(struct arena *a, enum compression kind, struct str bytes);

#endif
