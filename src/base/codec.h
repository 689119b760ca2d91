/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/inflate.h"

struct arena;

/* The contract between base/inflate.c and the decoders beside it; nobody else includes this. A decoder knows
 * one member (gzip member, zstd frame, xz or bzip2 stream); buffers, members and the end of input are
 * inflate.c's. */
struct codec_io {
	const unsigned char *in;
	size_t in_n;
	unsigned char *out;
	size_t out_n;
};

enum { CODEC_MORE = 0, CODEC_END = 1 };

struct codec {
	/* Memory of the decoder; in the arena, or released by close. */
	void *(*open)(struct arena *a);
	/* Before each member, the first too. Returns 0 or a negative error. */
	int (*begin)(void *state, struct err *err);
	/* Decode: moves io on. in_n may be 0 (pending output is then delivered); neither exceeds 1 MiB.
	 * Returns CODEC_MORE, CODEC_END after the last byte of the member was delivered and its checksum
	 * was right, or a negative error. */
	int (*step)(void *state, struct codec_io *io, struct err *err);
	void (*close)(void *state); /* NULL: nothing to release */
};

/* gzip_isal.c or gzip_zlib.c: the build takes one. */
extern const struct codec codec_gzip, codec_zstd, codec_xz, codec_bzip2;

#endif
