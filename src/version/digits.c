/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of decimal digits in versions, compared without converting them: a version may hold more digits than
 * any integer type has. */
#include "version/digits.h"

struct str digits_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return (struct str){ s.p, n };
}

static struct str without_zeros(struct str s)
{
	while (s.n && s.p[0] == '0')
		s = str_sub(s, 1, s.n - 1);
	return s;
}

int digits_compare(struct str a, struct str b)
{
	a = without_zeros(a);
	b = without_zeros(b);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}
