/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, for credentials. Source: RFC 4648, section 4. What a reader would get wrong: `docker login` pads,
 * other tools that write its file do not, so padding is taken but not asked for. */
#include "image/base64.h"

#include "base/cursor.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_group(struct buffer *b, const unsigned char *p, size_t n)
{
	unsigned bits = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

	for (size_t i = 0; i < 4; i++)
		put_u8(b, i <= n ? (uint8_t)digits[bits >> (18 - 6 * i) & 63] : '=');
}

struct str base64_encode(struct arena *a, struct str bytes)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < bytes.n; i += 3)
		put_group(&b, (const unsigned char *)bytes.p + i, bytes.n - i < 3 ? bytes.n - i : 3);
	return buffer_str(&b);
}

static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool base64_decode(struct arena *a, struct str text, struct str *out)
{
	struct buffer b = { .arena = a };
	unsigned bits = 0, have = 0;

	text = str_trim(text);
	for (unsigned i = 0; i < 2 && text.n && text.p[text.n - 1] == '='; i++)
		text.n--;
	for (size_t i = 0; i < text.n; i++) {
		int v = value_of(text.p[i]);

		if (v < 0)
			return false;
		bits = (bits << 6 | (unsigned)v) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			put_u8(&b, (uint8_t)(bits >> have));
		}
	}
	*out = buffer_str(&b);
	return have < 6;
}
