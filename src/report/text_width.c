/* SPDX-License-Identifier: Apache-2.0 */
/* How wide text is on a terminal: by code point, two columns for East Asian wide ones, none for combining
 * marks. The ranges are a short extract of Unicode 15 (EastAsianWidth.txt W and F, and general categories Mn,
 * Me, Cf), https://www.unicode.org/Public/15.0.0/ucd/. libc's wcwidth is not used because it depends on the
 * locale, and a report must not. The same ranges hold the direction marks (U+202A to U+202E, U+2066 to
 * U+2069), which would let a package name rearrange its line: text_clean escapes them. */
#include "report/text_width.h"

#include "base/arena.h"

#include <stdio.h>

struct range {
	uint32_t first, last;
};

static const struct range no_width[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 },	  { 0x0591, 0x05bd }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0e34, 0x0e3a }, { 0x1ab0, 0x1aff },	  { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
	{ 0x2060, 0x2064 }, { 0x2066, 0x2069 },	  { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },	  { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },	  { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static bool is_in(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

static unsigned width_of(uint32_t c)
{
	if (c < 0x0300)
		return 1;
	if (is_in(no_width, sizeof(no_width) / sizeof(no_width[0]), c))
		return 0;
	return is_in(wide, sizeof(wide) / sizeof(wide[0]), c) ? 2 : 1;
}

/* The code point at s (not empty), and its length in bytes; a byte out of place stands for itself. */
static size_t decode(struct str s, uint32_t *c)
{
	unsigned char first = (unsigned char)s.p[0];
	size_t n = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;

	*c = n == 1 ? first : first & (0xffu >> (n + 1));
	if (n > s.n)
		n = 1;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80) {
			*c = first;
			return 1;
		}
		*c = *c << 6 | ((unsigned char)s.p[i] & 0x3f);
	}
	return n;
}

unsigned text_columns(struct str s)
{
	unsigned columns = 0;
	uint32_t c;

	for (size_t i = 0; i < s.n;) {
		i += decode(str_sub(s, i, s.n - i), &c);
		columns += width_of(c);
	}
	return columns;
}

size_t text_fit(struct str s, unsigned columns)
{
	unsigned used = 0;
	uint32_t c;

	for (size_t i = 0; i < s.n;) {
		size_t n = decode(str_sub(s, i, s.n - i), &c);

		used += width_of(c);
		if (used > columns)
			return i;
		i += n;
	}
	return s.n;
}

struct str text_cut(struct arena *a, struct str s, unsigned columns)
{
	if (text_fit(s, columns) == s.n)
		return s;
	s.n = text_fit(s, columns - 1);
	return str_format(a, STR_FMT "\xe2\x80\xa6", STR_ARG(str_trim(s)));
}

static bool is_direction_mark(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_clean(struct str s)
{
	uint32_t c;

	for (size_t i = 0; i < s.n;) {
		i += decode(str_sub(s, i, s.n - i), &c);
		if (c == '\n' || c == '\t' || is_direction_mark(c))
			return false;
		if (c == ' ' && (i == 1 || i == s.n || s.p[i] == ' '))
			return false;
	}
	return true;
}

struct str text_clean(struct arena *a, struct str s)
{
	uint32_t c;
	char *out, *p;

	s = str_printable(a, s);
	if (is_clean(s))
		return s;
	p = out = arena_alloc_raw(a, size_add(size_mul(s.n, 3), 1));
	for (size_t i = 0; i < s.n;) {
		size_t n = decode(str_sub(s, i, s.n - i), &c);

		if (is_direction_mark(c)) {
			p += snprintf(p, 9, "<U+%04X>", c);
		} else if (c != ' ' && c != '\n' && c != '\t') {
			memcpy(p, s.p + i, n);
			p += n;
		} else if (p > out && p[-1] != ' ') {
			*p++ = ' ';
		}
		i += n;
	}
	return str_trim((struct str){ out, (size_t)(p - out) });
}
