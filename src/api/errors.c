/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as the API answers them: {"code","message","reason"}. code is Clair's word for the status, reason is
 * ours and says what kind of failure it was. What a reader would get wrong: the body must be pure ASCII,
 * since Quay decodes it as such, so everything else is escaped after the JSON writer, which leaves UTF-8 as
 * it is. */
#include "api/request.h"

#include "base/cursor.h"

#include <stdio.h>

const char *error_slug(unsigned status)
{
	switch (status) {
	case 400: return "bad-request";
	case 404: return "not-found";
	case 405: return "method-not-allowed";
	case 429: return "too-many-requests";
	default: return "internal-error";
	}
}

const char *error_reason(int code)
{
	static const char *const reasons[] = { "unknown",
					       "io",
					       "format",
					       "limit",
					       "not-found",
					       "conflict",
					       "canceled",
					       "timeout",
					       "unsupported",
					       "invalid",
					       "unauthorized-upstream" };
	int i = -code;

	return i > 0 && i < (int)(sizeof(reasons) / sizeof(reasons[0])) ? reasons[i] : reasons[0];
}

/* One character of valid UTF-8 beyond ASCII: its code point; *p moves behind it. */
static uint32_t code_point(const unsigned char **p)
{
	const unsigned char *s = *p;
	unsigned more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
	uint32_t c = s[0] & (0x3fu >> more);

	for (unsigned i = 1; i <= more; i++)
		c = c << 6 | (s[i] & 0x3f);
	*p = s + more + 1;
	return c;
}

static void put_escape(struct buffer *b, uint32_t unit)
{
	char text[8];

	snprintf(text, sizeof(text), "\\u%04x", unit & 0xffffu);
	put_bytes(b, str_of(text));
}

/* JSON text with everything beyond ASCII escaped; text is the JSON writer's, so valid UTF-8. */
static struct str to_ascii(struct arena *a, struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p, *end = p + text.n;
	struct buffer out = { .arena = a };

	while (p < end) {
		uint32_t c;

		if (*p < 0x80) {
			put_u8(&out, *p++);
			continue;
		}
		c = code_point(&p);
		if (c >= 0x10000) {
			put_escape(&out, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		put_escape(&out, c);
	}
	return buffer_str(&out);
}

struct str error_body(struct arena *a, unsigned status, const char *reason, struct str message)
{
	struct buffer bytes = { .arena = a };
	struct mem_writer to;
	struct json_writer w;
	struct err err = { 0 };

	mem_writer_open(&to, &bytes);
	json_writer_open(&w, &to.writer, 0, &err);
	json_object_begin(&w);
	json_member(&w, "code", str_of(error_slug(status)));
	json_member(&w, "message", message);
	json_member(&w, "reason", str_of(reason));
	json_object_end(&w);
	(void)json_writer_end(&w); /* memory takes everything */
	return to_ascii(a, buffer_str(&bytes));
}
