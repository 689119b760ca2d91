/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_INFLATE_DIFF_H
#define TESTS_FUZZ_INFLATE_DIFF_H

/* Inflate a stream whole, in other portions, and cut inside for the decoder; compare with what the format's
 * own library makes of each member. At most OUTPUT_MAX bytes are looked at. */

#include "base/arena.h"
#include "base/cursor.h"
#include "base/inflate.h"

#include <stdlib.h>

enum { OUTPUT_MAX = 16 * 1024 * 1024, CUT_AT = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	int code; /* 0, an error, or 1: the output was longer than OUTPUT_MAX */
	struct str bytes;
};

/* One member at *in, by the library: appends to out and moves *in behind it. False when it is refused. */
typedef bool (*inflate_member)(struct str *in, struct buffer *out);

/* A source that gives CUT_AT bytes a read, so that the decoder's input ends there. */
struct cut_reader {
	struct reader reader;
	struct str rest;
};

static inline ssize_t cut_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct cut_reader *c = (struct cut_reader *)r;

	(void)err;
	if (n > CUT_AT)
		n = CUT_AT;
	if (n > c->rest.n)
		n = c->rest.n;
	if (n)
		memcpy(buf, c->rest.p, n);
	c->rest = str_sub(c->rest, n, c->rest.n - n);
	return (ssize_t)n;
}

static inline struct outcome inflate_by(struct arena *a, struct str stream, size_t step, bool is_skipped)
{
	autoinflate struct inflate *z = NULL;
	struct cut_reader source = { .reader = { .read = cut_read }, .rest = stream };
	struct buffer out = { .arena = a };
	struct err err = { 0 };
	char *chunk = arena_alloc_raw(a, step);
	ssize_t got;

	if (inflate_open(&source.reader, &z, &err) < 0)
		abort();
	if (is_skipped) {
		int code = reader_skip(inflate_reader(z), OUTPUT_MAX, &err);

		return (struct outcome){ code, { NULL, 0 } };
	}
	while ((got = reader_read(inflate_reader(z), chunk, step, &err)) > 0) {
		put_bytes(&out, (struct str){ chunk, (size_t)got });
		if (out.n > OUTPUT_MAX)
			return (struct outcome){ 1, buffer_str(&out) };
	}
	if (got == 0 && source.rest.n)
		abort(); /* the end is only told when the source is read up */
	if (got < 0 && reader_read(inflate_reader(z), chunk, step, &err) != got)
		abort(); /* an error lasts */
	return (struct outcome){ (int)got, buffer_str(&out) };
}

static inline struct outcome inflate_by_library(struct arena *a, struct str in, enum compression kind,
						inflate_member member)
{
	struct buffer out = { .arena = a };

	for (;;) {
		while (kind != COMPRESSION_ZSTD && in.n && *in.p == 0)
			in = str_sub(in, 1, in.n - 1);
		if (!in.n)
			return (struct outcome){ 0, buffer_str(&out) };
		if (compression_of(in) != kind || !member(&in, &out))
			return (struct outcome){ E_FORMAT, buffer_str(&out) };
		if (out.n > OUTPUT_MAX)
			return (struct outcome){ 1, buffer_str(&out) };
	}
}

/* The same stream behind an empty member and what may stand between members, so that CUT_AT is inside it. */
static inline struct str shifted(struct arena *a, struct str empty, struct str stream, size_t cut)
{
	struct buffer b = { .arena = a };
	size_t gap = CUT_AT - empty.n - cut;

	put_bytes(&b, empty);
	if (compression_of(stream) == COMPRESSION_ZSTD) {
		put_le32(&b, 0x184d2a50);
		put_le32(&b, (uint32_t)(gap - 8));
		gap -= 8;
	}
	put_bytes(&b, (struct str){ arena_alloc(a, gap), gap });
	put_bytes(&b, stream);
	return buffer_str(&b);
}

static inline void must_be_same(struct outcome x, struct outcome y)
{
	if (x.code != y.code || (x.code == 0 && !str_eq(x.bytes, y.bytes)))
		abort();
}

/* Who may refuse what the other one takes. */
enum stricter { NOBODY, LIBRARY, WE };

/* The whole test. empty: a member of nothing. */
static inline int inflate_diff(struct str in, enum compression kind, struct str empty, inflate_member member,
			       enum stricter stricter)
{
	autoarena struct arena a = { 0 };
	struct outcome ours, theirs;

	if (compression_of(in) != kind || in.n > CUT_AT / 2)
		return 0;
	ours = inflate_by(&a, in, 1 << 20, false);
	must_be_same(ours, inflate_by(&a, in, 1009, false));
	must_be_same(ours, inflate_by(&a, shifted(&a, empty, in, (unsigned char)in.p[in.n - 1] % in.n), 40000,
				      false));
	if (ours.code <= 0 && inflate_by(&a, in, 1, true).code >= 0)
		abort(); /* more was passed over than there is */
	theirs = inflate_by_library(&a, in, kind, member);
	if (ours.code == E_LIMIT || ours.code == E_UNSUPPORTED)
		return 0;
	if ((stricter == LIBRARY && theirs.code < 0) || (stricter == WE && ours.code < 0))
		return 0;
	must_be_same(ours, theirs);
	return 0;
}

#endif
