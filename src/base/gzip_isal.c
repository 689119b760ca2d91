/* SPDX-License-Identifier: Apache-2.0 */
/* gzip members through ISA-L, which checks CRC-32 and size of the trailer itself.
 * Source: RFC 1952; igzip_lib.h of ISA-L 2.30, https://github.com/intel/isa-l
 * Easy to get wrong: isal_inflate says "ok" when it ran out of input or output; only block_state tells
 * whether the member is over, and it is set even when the trailer turns out to be wrong. */
#include "base/codec.h"

#include "base/arena.h"

#include <isa-l/igzip_lib.h>

static void *gzip_open(struct arena *a)
{
	struct inflate_state *s = arena_alloc_raw(a, sizeof(*s));

	isal_inflate_init(s);
	return s;
}

static int gzip_begin(void *state, struct err *err)
{
	struct inflate_state *s = state;

	(void)err;
	isal_inflate_reset(s);
	s->crc_flag = ISAL_GZIP;
	return 0;
}

static const char *gzip_problem(int code)
{
	switch (code) {
	case ISAL_INVALID_BLOCK: return "invalid block";
	case ISAL_INVALID_SYMBOL: return "invalid code";
	case ISAL_INVALID_LOOKBACK: return "distance reaches before the beginning";
	case ISAL_INVALID_WRAPPER: return "bad member header";
	case ISAL_UNSUPPORTED_METHOD: return "compression method is not deflate";
	case ISAL_INCORRECT_CHECKSUM: return "checksum or size differs";
	default: return "damaged";
	}
}

static int gzip_step(void *state, struct codec_io *io, struct err *err)
{
	struct inflate_state *s = state;
	int code;

	s->next_in = (uint8_t *)(uintptr_t)io->in;
	s->avail_in = (uint32_t)io->in_n;
	s->next_out = io->out;
	s->avail_out = (uint32_t)io->out_n;
	code = isal_inflate(s);
	*io = (struct codec_io){ s->next_in, s->avail_in, s->next_out, s->avail_out };
	if (code < 0 || code == ISAL_NEED_DICT)
		return err_set(err, E_FORMAT, "%s", gzip_problem(code));
	return s->block_state == ISAL_BLOCK_FINISH ? CODEC_END : CODEC_MORE;
}

const struct codec codec_gzip = { .open = gzip_open, .begin = gzip_begin, .step = gzip_step };
