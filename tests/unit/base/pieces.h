/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_BASE_PIECES_H
#define TESTS_UNIT_BASE_PIECES_H

/* A source that delivers at most `piece` bytes a read. */

#include "base/io.h"

struct pieces {
	struct reader reader;
	struct str rest;
	size_t piece;
};

static inline ssize_t pieces_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct pieces *p = (struct pieces *)r;

	(void)err;
	if (n > p->piece)
		n = p->piece;
	if (n > p->rest.n)
		n = p->rest.n;
	if (n)
		memcpy(buf, p->rest.p, n);
	p->rest = str_sub(p->rest, n, p->rest.n - n);
	return (ssize_t)n;
}

static inline void pieces_open(struct pieces *p, struct str bytes, size_t piece)
{
	*p = (struct pieces){ .reader = { .read = pieces_read }, .rest = bytes, .piece = piece };
}

#endif
