/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a peer's error page, for messages. What a reader would get wrong: such pages repeat what
 * was sent (object stores show the signature that did not match), so a page that holds the beginning of any
 * secret is not shown at all. */
#include "net/http_excerpt.h"

#include "base/cursor.h"
#include "net/url.h"

#define EXCERPT_BYTES 256u
#define SECRET_BYTES_MIN 6u /* shorter ones are ordinary words */
#define SECRET_BYTES_MAX 16u /* the beginning tells */

static bool shows(struct str page, struct str secret)
{
	if (secret.n < SECRET_BYTES_MIN)
		return false;
	if (secret.n > SECRET_BYTES_MAX)
		secret.n = SECRET_BYTES_MAX;
	return str_search(page, secret) < page.n;
}

/* "Bearer x": x. */
static bool shows_header(struct str page, struct str value)
{
	struct str word;

	while (str_word(&value, &word))
		if (shows(page, word))
			return true;
	return false;
}

static bool shows_query(struct arena *a, struct str page, struct str url)
{
	struct str rest = url_split(url).query, pair, key, value, plain;
	struct err ignored;

	while (rest.n) {
		str_cut(rest, '&', &pair, &rest);
		str_cut(pair, '=', &key, &value);
		if (shows(page, value) ||
		    (url_unescape(a, value, &plain, &ignored) == 0 && shows(page, plain)))
			return true;
	}
	return false;
}

static bool shows_user(struct str page, struct str url)
{
	struct str user, host, name, password;

	if (!str_rcut(url_split(url).authority, '@', &user, &host))
		return false;
	str_cut(user, ':', &name, &password);
	return shows(page, name) || shows(page, password);
}

struct str http_excerpt(struct arena *a, struct str page, const struct http_secrets *secrets)
{
	struct buffer line = { .arena = a };
	struct str word;

	for (size_t i = 0; i < secrets->header_count; i++)
		if (shows_header(page, secrets->headers[i].value))
			return STR("");
	if (shows_query(a, page, secrets->url) || shows_query(a, page, secrets->final_url) ||
	    shows_user(page, secrets->url) || shows_user(page, secrets->final_url))
		return STR("");
	if (page.n > EXCERPT_BYTES)
		page.n = EXCERPT_BYTES;
	while (str_word(&page, &word)) {
		put_bytes(&line, line.n ? STR(" ") : STR(""));
		put_bytes(&line, word);
	}
	page = str_printable(a, buffer_str(&line));
	return str_sub(page, 0, page.n < EXCERPT_BYTES ? page.n : EXCERPT_BYTES);
}
