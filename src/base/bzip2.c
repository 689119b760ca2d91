/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2 streams through libbz2.
 * Source: "bzip2 and libbzip2, version 1.0.8", https://sourceware.org/bzip2/manual/manual.html
 * Easy to get wrong: there is no reset; each stream of a concatenation needs a new decoder. */
#include "base/codec.h"

#include "base/arena.h"

#include <bzlib.h>

static void *bzip2_open(struct arena *a)
{
	return ARENA_NEW(a, bz_stream);
}

static void bzip2_close(void *state)
{
	bz_stream *s = state;

	if (s->state)
		BZ2_bzDecompressEnd(s);
}

static int bzip2_begin(void *state, struct err *err)
{
	bz_stream *s = state;

	bzip2_close(s);
	*s = (bz_stream){ 0 };
	if (BZ2_bzDecompressInit(s, 0, 0) != BZ_OK)
		return err_set(err, E_LIMIT, "out of memory");
	return 0;
}

static int bzip2_step(void *state, struct codec_io *io, struct err *err)
{
	bz_stream *s = state;
	int code;

	s->next_in = (char *)(uintptr_t)io->in;
	s->avail_in = (unsigned)io->in_n;
	s->next_out = (char *)io->out;
	s->avail_out = (unsigned)io->out_n;
	code = BZ2_bzDecompress(s);
	*io = (struct codec_io){ (unsigned char *)s->next_in, s->avail_in, (unsigned char *)s->next_out,
				 s->avail_out };
	if (code == BZ_STREAM_END)
		return CODEC_END;
	if (code == BZ_OK)
		return CODEC_MORE;
	if (code == BZ_MEM_ERROR)
		return err_set(err, E_LIMIT, "out of memory");
	return err_set(err, E_FORMAT, code == BZ_DATA_ERROR_MAGIC ? "bad stream header" : "damaged");
}

const struct codec codec_bzip2 = {
	.open = bzip2_open,
	.begin = bzip2_begin,
	.step = bzip2_step,
	.close = bzip2_close,
};
