/* SPDX-License-Identifier: Apache-2.0 */
/* Versions normalized to ten numbers of a kind, and ranges of them, as Clair v4 writes them in its reports
 * ("normalized_version", "range"). Easy to get wrong: the kind is a part of the order, and a range whose ends
 * are of different kinds is empty. */
#include "version/normalized.h"

static bool parse_number(struct str text, int32_t *out)
{
	bool is_negative = text.n && text.p[0] == '-';
	uint64_t value;

	if (!str_u64(str_sub(text, is_negative, text.n - is_negative), INT32_MAX, &value))
		return false;
	*out = is_negative ? -(int32_t)value : (int32_t)value;
	return true;
}

bool normalized_parse(struct str text, struct normalized *out)
{
	struct normalized n = { .kind = text };
	struct str rest, number;

	if (!str_cut(text, ':', &n.kind, &rest))
		return false;
	for (int i = 0; rest.n; i++) {
		str_cut(rest, '.', &number, &rest);
		if (i == NORMALIZED_NUMBERS || !parse_number(number, &n.numbers[i]))
			return false;
	}
	*out = n;
	return true;
}

int normalized_compare(const struct normalized *a, const struct normalized *b)
{
	int c = str_cmp(a->kind, b->kind);

	for (int i = 0; i < NORMALIZED_NUMBERS && c == 0; i++)
		c = (a->numbers[i] > b->numbers[i]) - (a->numbers[i] < b->numbers[i]);
	return c;
}

bool normalized_in_range(struct str range, struct str version)
{
	size_t middle = str_search(range, STR(".."));
	struct normalized lower, upper, v;

	if (middle == range.n || !normalized_parse(version, &v) ||
	    !normalized_parse(str_sub(range, 0, middle), &lower) ||
	    !normalized_parse(str_sub(range, middle + 2, range.n - middle - 2), &upper))
		return false;
	return str_eq(lower.kind, v.kind) && str_eq(upper.kind, v.kind) &&
	       normalized_compare(&lower, &v) <= 0 && normalized_compare(&v, &upper) < 0;
}
