/* SPDX-License-Identifier: Apache-2.0 */
/* CVE ids in text, mostly in URLs. Source: CVE Record Format 5.1, "cveId": CVE, a year of four digits, and a
 * number of 4 to 19 digits, https://cveproject.github.io/cve-schema/schema/CVE_Record_Format.json
 * What one would get wrong: a number may begin with zeros ("0160"), which belong to the id, and one of more
 * digits than 19 is no id, not the id that its first 19 would make. */
#include "model/cve.h"

enum { YEAR_DIGITS = 4, NUMBER_MIN = 4, NUMBER_MAX = 19, HEAD_BYTES = 9 /* "CVE-2014-" */ };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
	return c == '-' || c == '_';
}

/* Does s begin with "CVE-YYYY-"? */
static bool has_head(struct str s)
{
	if (s.n < HEAD_BYTES || !str_eq_nocase(str_sub(s, 0, 3), STR("CVE")) || !is_separator(s.p[3]))
		return false;
	for (size_t i = 4; i < 4 + YEAR_DIGITS; i++)
		if (!is_digit(s.p[i]))
			return false;
	return is_separator(s.p[8]);
}

/* Where a head may begin: the first c or C at or after from, or s.n. */
static size_t candidate(struct str s, size_t from)
{
	while (from < s.n && s.p[from] != 'C' && s.p[from] != 'c')
		from++;
	return from;
}

bool cve_next(struct str *rest, char out[CVE_BYTES])
{
	struct str s = *rest;

	for (size_t i = candidate(s, 0); i < s.n; i = candidate(s, i + 1)) {
		struct str at = str_sub(s, i, s.n - i);
		size_t end = HEAD_BYTES, digits;

		if (!has_head(at))
			continue;
		while (end < at.n && is_digit(at.p[end]))
			end++;
		digits = end - HEAD_BYTES;
		if (digits < NUMBER_MIN || digits > NUMBER_MAX)
			continue;
		memcpy(out, at.p, end);
		memcpy(out, "CVE-", 4);
		out[HEAD_BYTES - 1] = '-';
		out[end] = '\0';
		*rest = str_sub(at, end, at.n - end);
		return true;
	}
	*rest = str_sub(s, s.n, 0);
	return false;
}
