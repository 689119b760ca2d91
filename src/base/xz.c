/* SPDX-License-Identifier: Apache-2.0 */
/* xz streams through liblzma.
 * Source: The .xz File Format 1.2.0, https://xz.tukaani.org/format/xz-file-format.txt ; lzma/container.h 5.4
 * Easy to get wrong: the dictionary size is the sender's choice; the decoder's memory is capped at
 * LIMIT_XZ_MEMORY_BYTES. A check that the library cannot compute is refused, not ignored. */
#include "base/codec.h"

#include "base/arena.h"
#include "base/limits.h"

#include <lzma.h>

static void *xz_open(struct arena *a)
{
	lzma_stream *s = ARENA_NEW(a, lzma_stream);

	*s = (lzma_stream)LZMA_STREAM_INIT;
	return s;
}

static int xz_problem(lzma_ret code, struct err *err)
{
	switch (code) {
	case LZMA_MEMLIMIT_ERROR:
		return err_set(err, E_LIMIT, "dictionary needs more than %llu bytes", LIMIT_XZ_MEMORY_BYTES);
	case LZMA_MEM_ERROR: return err_set(err, E_LIMIT, "out of memory");
	case LZMA_OPTIONS_ERROR: return err_set(err, E_UNSUPPORTED, "unknown options or filters");
	case LZMA_UNSUPPORTED_CHECK: return err_set(err, E_UNSUPPORTED, "unknown kind of check");
	case LZMA_FORMAT_ERROR: return err_set(err, E_FORMAT, "bad stream header");
	default: return err_set(err, E_FORMAT, "damaged");
	}
}

static int xz_begin(void *state, struct err *err)
{
	lzma_ret code = lzma_stream_decoder(state, LIMIT_XZ_MEMORY_BYTES, LZMA_TELL_UNSUPPORTED_CHECK);

	return code == LZMA_OK ? 0 : xz_problem(code, err);
}

static int xz_step(void *state, struct codec_io *io, struct err *err)
{
	lzma_stream *s = state;
	lzma_ret code;

	s->next_in = io->in;
	s->avail_in = io->in_n;
	s->next_out = io->out;
	s->avail_out = io->out_n;
	code = lzma_code(s, LZMA_RUN);
	*io = (struct codec_io){ s->next_in, s->avail_in, s->next_out, s->avail_out };
	if (code == LZMA_STREAM_END)
		return CODEC_END;
	return code == LZMA_OK || code == LZMA_BUF_ERROR ? CODEC_MORE : xz_problem(code, err);
}

static void xz_close(void *state)
{
	lzma_end(state);
}

const struct codec codec_xz = { .open = xz_open, .begin = xz_begin, .step = xz_step, .close = xz_close };
