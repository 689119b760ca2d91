/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers of package repositories inside URL queries.
 * Source: application/x-www-form-urlencoded, https://url.spec.whatwg.org/#application/x-www-form-urlencoded,
 * as Go's net/url writes it and hence Clair v4's reports have it.
 * Easy to get wrong: a space is "+", "~" stays, and all else but letters, digits, "-", "_" and "." is encoded
 * in upper case hexadecimal. */
#include "model/repoid.h"

#include "base/cursor.h"

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       str_find(STR("-_.~"), c) < 4;
}

static void put_encoded(struct buffer *b, char c)
{
	static const char digits[] = "0123456789ABCDEF";

	if (is_plain(c)) {
		put_u8(b, (uint8_t)c);
	} else if (c == ' ') {
		put_u8(b, '+');
	} else {
		put_u8(b, '%');
		put_u8(b, (uint8_t)digits[(unsigned char)c >> 4]);
		put_u8(b, (uint8_t)digits[(unsigned char)c & 15]);
	}
}

struct str repoid_query(struct arena *a, struct str repoid)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, STR("repoid="));
	for (size_t i = 0; i < repoid.n; i++)
		put_encoded(&b, repoid.p[i]);
	return buffer_str(&b);
}

struct str repoid_of_query(struct str query)
{
	struct str pair, key, value;

	while (query.n) {
		str_cut(query, '&', &pair, &query);
		str_cut(pair, '=', &key, &value);
		if (str_eq(key, STR("repoid")))
			return value;
	}
	return (struct str){ NULL, 0 };
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str repoid_decode(struct arena *a, struct str value)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		int high = c == '%' && i + 2 < value.n ? digit_of(value.p[i + 1]) : -1;
		int low = high >= 0 ? digit_of(value.p[i + 2]) : -1;

		put_u8(&b, low >= 0 ? (uint8_t)(high << 4 | low) : c == '+' ? ' ' : (uint8_t)c);
		i += low >= 0 ? 2 : 0;
	}
	return buffer_str(&b);
}
