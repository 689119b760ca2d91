/* SPDX-License-Identifier: Apache-2.0 */
/* gzip members through ISA-L, which checks CRC-32 and size of the trailer itself, and makes members at about
 * five times the speed of zlib's fastest level.
 * Source: RFC 1952; igzip_lib.h of ISA-L 2.30, https://github.com/intel/isa-l
 * Easy to get wrong: isal_inflate says "ok" when it ran out of input or output; only block_state tells
 * whether the member is over, and it is set even when the trailer turns out to be wrong. And isal_inflate
 * forgets the flags of a member header that its input cuts, so headers are read by isal_read_gzip_header,
 * which remembers. */
#include "base/codec.h"

#include "base/arena.h"
#include "base/deflate.h"
#include "base/limits.h"

#include <isa-l/igzip_lib.h>

struct gzip {
	struct inflate_state inflate;
	struct isal_gzip_header header; /* of the member, while it is read */
};

static void *gzip_open(struct arena *a)
{
	struct gzip *g = ARENA_NEW(a, struct gzip);

	isal_inflate_init(&g->inflate);
	return g;
}

static int gzip_begin(void *state, struct err *err)
{
	struct gzip *g = state;

	(void)err;
	isal_inflate_reset(&g->inflate);
	g->inflate.crc_flag = ISAL_GZIP;
	g->header = (struct isal_gzip_header){ 0 };
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

static int inflate_some(struct gzip *g)
{
	int code = 0;

	if (!g->inflate.wrapper_flag) /* set when the header is over */
		code = isal_read_gzip_header(&g->inflate, &g->header);
	return code ? code : isal_inflate(&g->inflate);
}

static int gzip_step(void *state, struct codec_io *io, struct err *err)
{
	struct gzip *g = state;
	struct inflate_state *s = &g->inflate;
	int code;

	s->next_in = (uint8_t *)(uintptr_t)io->in;
	s->avail_in = (uint32_t)io->in_n;
	s->next_out = io->out;
	s->avail_out = (uint32_t)io->out_n;
	code = inflate_some(g);
	*io = (struct codec_io){ s->next_in, s->avail_in, s->next_out, s->avail_out };
	if (code < 0)
		return err_set(err, E_FORMAT, "%s", gzip_problem(code));
	return s->block_state == ISAL_BLOCK_FINISH ? CODEC_END : CODEC_MORE;
}

const struct codec codec_gzip = { .open = gzip_open, .begin = gzip_begin, .step = gzip_step };

/* What does not shrink is stored, in blocks of at most 64 KiB. */
static size_t deflated_bound(size_t n)
{
	return n + (n / 32768 + 1) * 5 + 512;
}

int gzip_compress(struct arena *a, struct str in, struct str *out, struct err *err)
{
	struct arena_mark mark;
	struct isal_zstream *z;
	uint8_t *to;
	size_t bound;
	int code;

	if (in.n > LIMIT_DEFLATE_BYTES)
		return err_set(err, E_LIMIT, "%zu bytes to compress, limit %llu", in.n, LIMIT_DEFLATE_BYTES);
	bound = deflated_bound(in.n);
	to = arena_alloc_raw(a, bound);
	mark = arena_mark(a);
	z = ARENA_NEW(a, struct isal_zstream);
	isal_deflate_stateless_init(z);
	z->level = 1;
	z->level_buf = arena_alloc_raw(a, ISAL_DEF_LVL1_DEFAULT);
	z->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
	z->gzip_flag = IGZIP_GZIP;
	z->end_of_stream = 1;
	z->next_in = (uint8_t *)(uintptr_t)in.p;
	z->avail_in = (uint32_t)in.n;
	z->next_out = to;
	z->avail_out = (uint32_t)bound;
	code = isal_deflate_stateless(z);
	*out = (struct str){ (const char *)to, bound - z->avail_out };
	arena_release(a, mark);
	return code == COMP_OK ? 0 : err_set(err, E_IO, "gzip: ISA-L answers %d", code);
}
