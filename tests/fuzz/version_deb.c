/* SPDX-License-Identifier: Apache-2.0 */
/* Three texts, line feeds between them: the order must be a total one on any bytes. */
#include "version/version.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int compare(struct str a, struct str b)
{
	int c = ordering_deb.compare(a, b);

	if (c < -1 || c > 1 || c != -ordering_deb.compare(b, a))
		abort();
	return c;
}

static void check_triple(struct str a, struct str b, struct str c)
{
	if (compare(a, b) <= 0 && compare(b, c) <= 0 && compare(a, c) > 0)
		abort();
	if (compare(a, b) == 0 && compare(a, c) != compare(b, c))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str a, b, c, rest;

	str_cut((struct str){ (const char *)data, size }, '\n', &a, &rest);
	str_cut(rest, '\n', &b, &c);
	if (compare(a, a) || compare(b, b) || compare(c, c))
		abort();
	check_triple(a, b, c);
	check_triple(b, c, a);
	check_triple(c, a, b);
	check_triple(a, c, b);
	check_triple(b, a, c);
	check_triple(c, b, a);
	ordering_deb.valid(a);
	return 0;
}
