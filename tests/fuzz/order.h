/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_ORDER_H
#define TESTS_FUZZ_ORDER_H

#include "version/version.h"

#include <stdlib.h>

static inline int compare(const struct ordering *o, struct str a, struct str b)
{
	int c = o->compare(a, b);

	if (c < -1 || c > 1 || c != -o->compare(b, a))
		abort();
	return c;
}

static inline void check_triple(const struct ordering *o, struct str a, struct str b, struct str c)
{
	if (compare(o, a, b) <= 0 && compare(o, b, c) <= 0 && compare(o, a, c) > 0)
		abort();
	if (compare(o, a, b) == 0 && compare(o, a, c) != compare(o, b, c))
		abort();
}

/* Three texts, line feeds between them: the order must be a total one on any bytes. */
static inline int check_order(const struct ordering *o, const uint8_t *data, size_t size)
{
	struct str a, b, c, rest;

	str_cut((struct str){ (const char *)data, size }, '\n', &a, &rest);
	str_cut(rest, '\n', &b, &c);
	if (compare(o, a, a) || compare(o, b, b) || compare(o, c, c))
		abort();
	check_triple(o, a, b, c);
	check_triple(o, b, c, a);
	check_triple(o, c, a, b);
	check_triple(o, a, c, b);
	check_triple(o, b, a, c);
	check_triple(o, c, b, a);
	o->valid(a);
	return 0;
}

#endif
