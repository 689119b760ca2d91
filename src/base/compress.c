/* SPDX-License-Identifier: Apache-2.0 */
/* Compression of answers: gzip through zlib, zstd through libzstd.
 * Source: RFC 1952 and zlib.h 1.2, https://zlib.net/manual.html; RFC 8878 and zstd.h 1.5.
 * Easy to get wrong: the gzip member is asked for by 16 added to the window's logarithm, and the header that
 * zlib writes holds no time, so the same bytes give the same member. */
#include "base/compress.h"

#include "base/cursor.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { GZIP_LEVEL = 1, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, ZSTD_LEVEL = 1, PIECE = 32768 };

struct compressor {
	struct writer writer, *to;
	enum compression kind;
	z_stream gzip;
	ZSTD_CStream *zstd;
	unsigned char out[PIECE];
};

static int gzip_run(struct compressor *c, const void *p, unsigned n, int flush, struct err *err)
{
	c->gzip.next_in = (unsigned char *)p;
	c->gzip.avail_in = n;
	do {
		c->gzip.next_out = c->out;
		c->gzip.avail_out = PIECE;
		if (deflate(&c->gzip, flush) == Z_STREAM_ERROR)
			return err_set(err, E_IO, "gzip: stream is over");
		TRY(writer_str(c->to, (struct str){ (const char *)c->out, PIECE - c->gzip.avail_out }, err));
	} while (c->gzip.avail_out == 0);
	return 0;
}

static int zstd_run(struct compressor *c, const void *p, size_t n, ZSTD_EndDirective end, struct err *err)
{
	ZSTD_inBuffer in = { p, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { c->out, PIECE, 0 };

		left = ZSTD_compressStream2(c->zstd, &out, &in, end);
		if (ZSTD_isError(left))
			return err_set(err, E_IO, "zstd: %s", ZSTD_getErrorName(left));
		TRY(writer_str(c->to, (struct str){ (const char *)c->out, out.pos }, err));
	} while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

static int compressor_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct compressor *c = (struct compressor *)w;
	const char *p = buf;

	if (c->kind == COMPRESSION_ZSTD)
		return zstd_run(c, p, n, ZSTD_e_continue, err);
	if (c->kind != COMPRESSION_GZIP)
		return writer_str(c->to, (struct str){ p, n }, err);
	for (size_t at = 0; at < n; at += PIECE)
		TRY(gzip_run(c, p + at, (unsigned)(n - at < PIECE ? n - at : PIECE), Z_NO_FLUSH, err));
	return 0;
}

struct compressor *compressor_new(enum compression kind, struct writer *to)
{
	struct compressor *c = calloc(1, sizeof(*c));
	bool ok = c != NULL;

	if (ok && kind == COMPRESSION_GZIP)
		ok = deflateInit2(&c->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
				  Z_DEFAULT_STRATEGY) == Z_OK;
	if (ok && kind == COMPRESSION_ZSTD) {
		c->zstd = ZSTD_createCStream();
		ok = c->zstd &&
		     !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL));
	}
	if (!ok)
		abort(); /* out of memory */
	c->writer.write = compressor_write;
	c->to = to;
	c->kind = kind;
	return c;
}

void compressor_set_level(struct compressor *c, int level)
{
	(void)ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, level);
	(void)ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1);
}

struct writer *compressor_writer(struct compressor *c)
{
	return &c->writer;
}

int compressor_end(struct compressor *c, struct err *err)
{
	if (c->kind == COMPRESSION_GZIP)
		return gzip_run(c, NULL, 0, Z_FINISH, err);
	if (c->kind == COMPRESSION_ZSTD)
		return zstd_run(c, NULL, 0, ZSTD_e_end, err);
	return 0;
}

void compressor_free(struct compressor *c)
{
	if (!c)
		return;
	if (c->kind == COMPRESSION_GZIP)
		deflateEnd(&c->gzip);
	ZSTD_freeCStream(c->zstd);
	free(c);
}

void compressor_freep(struct compressor **c)
{
	compressor_free(*c);
}

static void compress_all(struct compressor *c, struct str bytes)
{
	struct err err = { 0 };

	if (writer_str(compressor_writer(c), bytes, &err) < 0 || compressor_end(c, &err) < 0)
		abort(); /* memory takes everything */
}

struct str compress_bytes(struct arena *a, enum compression kind, struct str bytes)
{
	struct buffer buffer = { .arena = a };
	struct compressor *c;
	struct mem_writer to;

	mem_writer_open(&to, &buffer);
	c = compressor_new(kind, &to.writer);
	compress_all(c, bytes);
	compressor_free(c);
	return buffer_str(&buffer);
}
