/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations that can be shown. Connection strings: PostgreSQL 15 documentation, section 34.1.1. What a
 * reader would get wrong: people write passwords with @ and / in them without escaping, so what is hidden of
 * a URL goes to the last @ there is, and rather too much is hidden than too little. */
#include "cmd/config_mask.h"

#include "base/cursor.h"
#include "cmd/config_table.h"

#define MASK STR("***")

/* Words in the names of members that nobody should see. */
static bool is_secret_name(struct arena *a, struct str name)
{
	static const char *const words[] = { "pass",	"secret", "token", "credential",
					     "api_key", "apikey", "auth" };
	struct str lower = str_lower(a, name);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_search(lower, str_of(words[i])) < lower.n)
			return true;
	return false;
}

/* ---- URLs ---- */

/* "a=b&password=c" with the secret values hidden. */
static void put_query(struct buffer *out, struct str query)
{
	struct str part, name, value;

	while (query.n) {
		bool has_more = str_cut(query, '&', &part, &query);

		if (str_cut(part, '=', &name, &value) && is_secret_name(out->arena, name)) {
			put_bytes(out, name);
			put_bytes(out, STR("="));
			put_bytes(out, MASK);
		} else {
			put_bytes(out, part);
		}
		if (has_more)
			put_bytes(out, STR("&"));
	}
}

/* "user:password@" as "user:***@". A name alone may be a token, unless it is known to be a user's. */
static void put_user(struct buffer *out, struct str user, bool is_user_public)
{
	struct str name, password;
	bool has_password = str_cut(user, ':', &name, &password);

	if (has_password || is_user_public)
		put_bytes(out, name);
	if (has_password)
		put_bytes(out, STR(":"));
	if (has_password || !is_user_public)
		put_bytes(out, MASK);
	put_bytes(out, STR("@"));
}

static struct str mask_url(struct arena *a, struct str url, bool is_user_public)
{
	struct buffer out = { .arena = a };
	size_t scheme = str_search(url, STR("://")), at;
	struct str rest, head, query;

	if (scheme == url.n)
		return url;
	rest = str_sub(url, scheme + 3, url.n - scheme - 3);
	put_bytes(&out, str_sub(url, 0, scheme + 3));
	at = str_rfind(rest, '@');
	if (at < rest.n) {
		put_user(&out, str_sub(rest, 0, at), is_user_public);
		rest = str_sub(rest, at + 1, rest.n - at - 1);
	}
	if (str_cut(rest, '?', &head, &query)) {
		put_bytes(&out, head);
		put_bytes(&out, STR("?"));
		put_query(&out, query);
	} else {
		put_bytes(&out, rest);
	}
	return buffer_str(&out);
}

/* ---- key=value pairs ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* Length of the value at the beginning of s: 'quoted' or up to a blank, with backslashes. s.n + 1: no end. */
static size_t value_length(struct str s)
{
	bool is_quoted = s.n && s.p[0] == '\'';
	size_t i = is_quoted;

	for (; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (is_quoted ? s.p[i] == '\'' : is_blank(s.p[i]))
			return i + is_quoted;
	}
	return is_quoted || i > s.n ? s.n + 1 : s.n;
}

static struct str mask_pairs(struct arena *a, struct str text)
{
	struct buffer out = { .arena = a };
	struct str rest = str_trim(text), name;

	while (rest.n) {
		bool has_value = str_cut(rest, '=', &name, &rest);
		size_t n;

		name = str_trim(name);
		while (rest.n && is_blank(rest.p[0]))
			rest = str_sub(rest, 1, rest.n - 1);
		n = value_length(rest);
		if (!has_value || n > rest.n || str_find(name, ' ') < name.n)
			return MASK;
		put_bytes(&out, out.n ? STR(" ") : STR(""));
		put_bytes(&out, name);
		put_bytes(&out, STR("="));
		put_bytes(&out, is_secret_name(a, name) ? MASK : str_sub(rest, 0, n));
		rest = str_trim(str_sub(rest, n, rest.n - n));
	}
	return buffer_str(&out);
}

struct str config_mask_connstring(struct arena *a, struct str text)
{
	size_t scheme = str_search(text, STR("://")), equals = str_find(text, '=');

	if (scheme < text.n && scheme < equals)
		return mask_url(a, text, true);
	return equals < text.n ? mask_pairs(a, text) : text;
}

/* ---- documents ---- */

enum mask_how { MASK_NOTHING, MASK_ALL, MASK_CONNSTRING, MASK_URL, MASK_BY_NAME, MASK_BY_TABLE };

static enum mask_how how_of(const struct config_key *key)
{
	if (key->flags & CONFIG_SECRET)
		return MASK_ALL;
	switch (key->type) {
	case CONFIG_CONNSTRING: return MASK_CONNSTRING;
	case CONFIG_URL:
	case CONFIG_URLS: return MASK_URL;
	case CONFIG_FREE: return MASK_BY_NAME;
	default: return MASK_NOTHING;
	}
}

static struct str mask_text(struct arena *a, enum mask_how how, struct str text)
{
	switch (how) {
	case MASK_ALL: return MASK;
	case MASK_CONNSTRING: return config_mask_connstring(a, text);
	case MASK_URL:
	case MASK_BY_NAME: return mask_url(a, text, false);
	default: return text;
	}
}

static enum mask_how how_of_member(struct arena *a, enum mask_how how, struct str path, struct str name)
{
	const struct config_key *key;

	if (how == MASK_BY_NAME)
		return is_secret_name(a, name) ? MASK_ALL : MASK_BY_NAME;
	if (how != MASK_BY_TABLE)
		return how;
	key = config_key_find(path);
	return key ? how_of(key) : MASK_BY_TABLE;
}

/* Depth is that of documents, LIMIT_JSON_DEPTH. */
static struct json_value mask(struct arena *a, const struct json_value *v, enum mask_how how, struct str path)
{
	struct json_value copy = *v;

	if (v->type == JSON_STRING || (v->type == JSON_NUMBER && how == MASK_ALL)) {
		copy.type = JSON_STRING;
		copy.text = mask_text(a, how, v->text);
	}
	if (v->n == 0 || how == MASK_NOTHING)
		return copy;
	copy.items = ARENA_ARRAY(a, struct json_value, v->n);
	for (size_t i = 0; i < v->n; i++) {
		struct str name = v->type == JSON_OBJECT ? v->keys[i] : (struct str){ NULL, 0 };
		struct str below = !path.n || how != MASK_BY_TABLE
					   ? name
					   : str_format(a, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(name));
		enum mask_how inner = v->type == JSON_OBJECT ? how_of_member(a, how, below, name) : how;

		copy.items[i] = mask(a, &v->items[i], inner, below);
	}
	return copy;
}

struct json_value config_mask(struct arena *a, const struct json_value *document)
{
	return mask(a, document, MASK_BY_TABLE, (struct str){ NULL, 0 });
}
