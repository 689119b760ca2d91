/* SPDX-License-Identifier: Apache-2.0 */
/* The lexical rules of JSON, over bytes: escapes, UTF-8, numbers.
 * Source: RFC 8259 sections 6 and 7, https://www.rfc-editor.org/rfc/rfc8259 ; RFC 3629 section 4 (UTF-8).
 * Easy to get wrong: \ud83d\ude00 is one character; a half of such a pair alone is none. */
#include "base/json_text.h"

uint64_t json_text_line_feeds(const unsigned char *p, const unsigned char *end)
{
	const uint64_t low7 = 0x7f7f7f7f7f7f7f7fu;
	uint64_t n = 0;

	for (; end - p >= 8; p += 8) {
		uint64_t v;

		memcpy(&v, p, 8);
		v ^= 0x0a0a0a0a0a0a0a0au; /* zero where a line feed was */
		n += (uint64_t)__builtin_popcountll(~(((v & low7) + low7) | v | low7));
	}
	for (; p < end; p++)
		n += *p == '\n';
	return n;
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int json_text_hex4(const unsigned char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

size_t json_text_utf8(const unsigned char *p)
{
	unsigned char c = p[0], low = 0x80, high = 0xbf;
	size_t n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (n == 0 || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static size_t put_utf8(unsigned char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (unsigned char)(0xc0 | c >> 6);
		to[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (unsigned char)(0xe0 | c >> 12);
		to[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (unsigned char)(0xf0 | c >> 18);
	to[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

/* The character of the escape \uXXXX at *from, or of a pair of them; moves *from behind. */
static uint32_t unicode_escape(const unsigned char **from, const unsigned char *end)
{
	const unsigned char *p = *from;
	uint32_t c = (uint32_t)json_text_hex4(p + 2), low = 0;

	*from = p + 6;
	if (c < 0xd800 || c > 0xdfff)
		return c ? c : 0xfffd;
	if (c <= 0xdbff && end - p >= 12 && p[6] == '\\' && p[7] == 'u')
		low = (uint32_t)json_text_hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*from = p + 12;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static unsigned char short_escape(unsigned char c)
{
	switch (c) {
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	default: return c;
	}
}

size_t json_text_unescape(unsigned char *begin, unsigned char *end)
{
	const unsigned char *from = begin;
	unsigned char *to = begin;

	while (from < end) {
		const unsigned char *slash = memchr(from, '\\', (size_t)(end - from));
		size_t plain = (size_t)((slash ? slash : end) - from);

		memmove(to, from, plain);
		to += plain;
		from += plain;
		if (from == end)
			break;
		if (from[1] == 'u') {
			to += put_utf8(to, unicode_escape(&from, end));
		} else {
			*to++ = short_escape(from[1]);
			from += 2;
		}
	}
	return (size_t)(to - begin);
}

bool json_text_has_nul(struct str raw)
{
	while (raw.n) {
		size_t at = str_find(raw, '\\');

		if (raw.n - at < 2)
			return false;
		if (str_starts(str_sub(raw, at, raw.n - at), STR("\\u0000")))
			return true;
		raw = str_sub(raw, at + 2, raw.n - at - 2);
	}
	return false;
}

static unsigned char *skip_digits(unsigned char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

unsigned char *json_text_number_end(unsigned char *p)
{
	unsigned char *digits = *p == '-' ? p + 1 : p;

	p = *digits == '0' ? digits + 1 : skip_digits(digits);
	if (p == digits)
		return NULL;
	if (*p == '.') {
		digits = p + 1;
		p = skip_digits(digits);
		if (p == digits)
			return NULL;
	}
	if (*p != 'e' && *p != 'E')
		return p;
	digits = p + 1;
	if (*digits == '+' || *digits == '-')
		digits++;
	p = skip_digits(digits);
	return p == digits ? NULL : p;
}

bool json_text_is_number_longer(const unsigned char *p, size_t max)
{
	for (size_t n = 0; n <= max; n++)
		if (!((p[n] >= '0' && p[n] <= '9') || p[n] == '-' || p[n] == '+' || p[n] == '.' ||
		      (p[n] | 0x20) == 'e'))
			return false;
	return true;
}
