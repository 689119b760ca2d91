/* SPDX-License-Identifier: Apache-2.0 */
/* gzip members through zlib, for builds without ISA-L.
 * Source: RFC 1952; zlib.h 1.2.13, https://zlib.net/manual.html
 * Easy to get wrong: Z_BUF_ERROR is no error here, it says that a call could not go on without more room. */
#include "base/codec.h"

#include "base/arena.h"
#include "base/deflate.h"
#include "base/limits.h"

#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_BITS_GZIP_ONLY = 15 + 16 };

static void *gzip_open(struct arena *a)
{
	z_stream *s = ARENA_NEW(a, z_stream);

	if (inflateInit2(s, WINDOW_BITS_GZIP_ONLY) != Z_OK)
		abort(); /* out of memory, or a zlib of another version */
	return s;
}

static int gzip_begin(void *state, struct err *err)
{
	if (inflateReset(state) != Z_OK)
		return err_set(err, E_FORMAT, "zlib state is damaged");
	return 0;
}

static int gzip_step(void *state, struct codec_io *io, struct err *err)
{
	z_stream *s = state;
	int code;

	s->next_in = (Bytef *)(uintptr_t)io->in;
	s->avail_in = (uInt)io->in_n;
	s->next_out = io->out;
	s->avail_out = (uInt)io->out_n;
	code = inflate(s, Z_NO_FLUSH);
	*io = (struct codec_io){ s->next_in, s->avail_in, s->next_out, s->avail_out };
	if (code == Z_STREAM_END)
		return CODEC_END;
	if (code == Z_OK || code == Z_BUF_ERROR)
		return CODEC_MORE;
	return err_set(err, E_FORMAT, "%s", s->msg ? s->msg : "damaged");
}

static void gzip_close(void *state)
{
	inflateEnd(state);
}

const struct codec codec_gzip = {
	.open = gzip_open,
	.begin = gzip_begin,
	.step = gzip_step,
	.close = gzip_close,
};

int gzip_compress(struct arena *a, struct str in, struct str *out, struct err *err)
{
	z_stream s = { 0 };
	size_t bound;
	char *to;
	int code;

	if (in.n > LIMIT_DEFLATE_BYTES)
		return err_set(err, E_LIMIT, "%zu bytes to compress, limit %llu", in.n, LIMIT_DEFLATE_BYTES);
	if (deflateInit2(&s, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS_GZIP_ONLY, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* out of memory, or a zlib of another version */
	bound = deflateBound(&s, in.n);
	to = arena_alloc_raw(a, bound);
	s.next_in = (Bytef *)(uintptr_t)in.p;
	s.avail_in = (uInt)in.n;
	s.next_out = (Bytef *)to;
	s.avail_out = (uInt)bound;
	code = deflate(&s, Z_FINISH);
	*out = (struct str){ to, bound - s.avail_out };
	deflateEnd(&s);
	return code == Z_STREAM_END ? 0 : err_set(err, E_IO, "gzip: zlib answers %d", code);
}
