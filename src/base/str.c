/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed slices of bytes. */
#include "base/str.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c == 0)
		c = (a.n > b.n) - (a.n < b.n);
	return (c > 0) - (c < 0);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

size_t str_find(struct str s, char c)
{
	const char *q = s.n ? memchr(s.p, c, s.n) : NULL;

	return q ? (size_t)(q - s.p) : s.n;
}

size_t str_rfind(struct str s, char c)
{
	const char *q = s.n ? memrchr(s.p, c, s.n) : NULL;

	return q ? (size_t)(q - s.p) : s.n;
}

size_t str_search(struct str s, struct str needle)
{
	const char *q = s.n && needle.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;

	return q ? (size_t)(q - s.p) : s.n;
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_strip(struct str s, struct str set)
{
	while (s.n && str_find(set, s.p[0]) < set.n)
		s.p++, s.n--;
	while (s.n && str_find(set, s.p[s.n - 1]) < set.n)
		s.n--;
	return s;
}

static bool split(struct str s, size_t at, struct str *head, struct str *tail)
{
	if (at == s.n) {
		*head = s;
		*tail = (struct str){ NULL, 0 };
		return false;
	}
	*head = str_sub(s, 0, at);
	*tail = str_sub(s, at + 1, s.n - at - 1);
	return true;
}

bool str_cut(struct str s, char sep, struct str *head, struct str *tail)
{
	return split(s, str_find(s, sep), head, tail);
}

bool str_rcut(struct str s, char sep, struct str *head, struct str *tail)
{
	return split(s, str_rfind(s, sep), head, tail);
}

bool str_line(struct str *rest, struct str *line)
{
	if (rest->n == 0)
		return false;
	str_cut(*rest, '\n', line, rest);
	return true;
}

bool str_word(struct str *rest, struct str *word)
{
	size_t i = 0;

	while (rest->n && is_space(rest->p[0]))
		rest->p++, rest->n--;
	if (rest->n == 0)
		return false;
	while (i < rest->n && !is_space(rest->p[i]))
		i++;
	*word = str_sub(*rest, 0, i);
	*rest = str_sub(*rest, i, rest->n - i);
	return true;
}

bool str_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - '0';

		if (d > 9 || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, d, &v))
			return false;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

/* Length of the valid UTF-8 sequence at s (1 to 4), or 0. */
static size_t utf8_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
	unsigned char d;

	if (n <= 1 || s.n < n)
		return n <= 1 ? n : 0;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	d = (unsigned char)s.p[1];
	if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) ||
	    (c == 0xf4 && d > 0x8f))
		return 0;
	return n;
}

/* Bytes at the beginning that are printable ASCII: nearly all that is ever met. */
static size_t plain_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (unsigned char)(s.p[n] - 0x20) < 0x5f)
		n++;
	return n;
}

static struct str after_plain(struct str s)
{
	size_t n = plain_length(s);

	return n ? str_sub(s, n, s.n - n) : s;
}

bool str_is_text(struct str s)
{
	for (s = after_plain(s); s.n; s = after_plain(s)) {
		size_t n = utf8_length(s);

		if (n == 0 || s.p[0] == '\0')
			return false;
		s = str_sub(s, n, s.n - n);
	}
	return true;
}

struct str str_copy(struct arena *a, struct str s)
{
	char *p = arena_alloc_raw(a, size_add(s.n, 1));

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

struct str str_format(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	int n;
	char *p;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

struct str str_lower(struct arena *a, struct str s)
{
	char *p = arena_alloc_raw(a, size_add(s.n, 1));

	for (size_t i = 0; i < s.n; i++)
		p[i] = lower(s.p[i]);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

/* Bytes at s that may be printed as they are: 0 when the first one may not. */
static size_t printable_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = utf8_length(s);

	if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
		return 0;
	if (c == 0xc2 && n == 2 && (unsigned char)s.p[1] < 0xa0) /* C1 controls */
		return 0;
	return n;
}

struct str str_printable(struct arena *a, struct str s)
{
	struct str rest;
	char *out, *p;

	for (rest = after_plain(s); rest.n; rest = after_plain(rest)) {
		size_t n = printable_length(rest);

		if (n == 0)
			break;
		rest = str_sub(rest, n, rest.n - n);
	}
	if (rest.n == 0)
		return s;
	p = out = arena_alloc_raw(a, size_add(size_mul(s.n, 4), 1));
	for (rest = s; rest.n;) {
		size_t n = printable_length(rest);

		if (n) {
			memcpy(p, rest.p, n);
			p += n;
		} else {
			p += snprintf(p, 5, "\\x%02x", (unsigned char)rest.p[0]);
			n = 1;
		}
		rest = str_sub(rest, n, rest.n - n);
	}
	*p = '\0';
	return (struct str){ out, (size_t)(p - out) };
}

bool str_glob(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0; /* from: where the last star's text may end next */

	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == s.p[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

uint64_t str_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

/* Levenshtein distance of short words; 99 when either is longer than 63. */
static unsigned distance(struct str a, struct str b)
{
	unsigned row[64];

	if (a.n > 63 || b.n > 63)
		return 99;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned best = diagonal + (lower(a.p[i - 1]) != lower(b.p[j - 1]));

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.n];
}

const char *str_nearest(const char *word, const char *const *candidates)
{
	struct str w = str_of(word);
	unsigned best = (unsigned)(w.n / 3 + 2);
	const char *found = NULL;

	for (; *candidates; candidates++) {
		struct str c = str_of(*candidates);
		unsigned d = w.n >= 2 && str_starts(c, w) ? 1 : distance(w, c);

		if (d < best) {
			best = d;
			found = *candidates;
		}
	}
	return found;
}
