/* SPDX-License-Identifier: Apache-2.0 */
/* The long texts of advisories. Easy to get wrong: a character of UTF-8 (RFC 3629) may have four bytes, and
 * a text that ends within one is no text any more. */
#include "feed/texts.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/map.h"

struct str texts_cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	s.n = max;
	while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
}

struct str texts_links(struct arena *a, const str_list *links)
{
	struct map seen = { .arena = a };
	struct buffer joined = { .arena = a };

	VEC_EACH (const struct str, link, links) {
		void **slot = map_put(&seen, *link);
		struct str rest = *link, word;

		if (*slot || !str_word(&rest, &word) || word.n != link->n ||
		    joined.n + link->n + 1 > LIMIT_FEED_TEXT_BYTES)
			continue;
		*slot = slot;
		if (joined.n)
			put_u8(&joined, ' ');
		put_bytes(&joined, *link);
	}
	return buffer_str(&joined);
}
