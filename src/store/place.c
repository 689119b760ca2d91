/* SPDX-License-Identifier: Apache-2.0 */
/* Where a store is, from one text. Source: PostgreSQL documentation, "libpq: Connection Strings" (keywords
 * with values that may be quoted by ', and URIs with parameters behind ?). What one would get wrong: a
 * connection string holds a password, so no message quotes it; and strings written for Clair may have pool_*
 * parameters, which are not libpq's. */
#include "store/place.h"

#include "base/arena.h"
#include "base/cursor.h"

static bool is_uri(struct str s)
{
	return str_starts(s, STR("postgresql://")) || str_starts(s, STR("postgres://"));
}

/* "host=..." or "host = ...": a keyword, and no path. */
static bool has_keyword(struct str s)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') || s.p[n] == '_'))
		n++;
	s = str_trim(str_sub(s, n, s.n - n));
	return n > 0 && s.n > 0 && s.p[0] == '=';
}

int store_place_parse(struct str text, const char *what, struct store_place *out, struct err *err)
{
	struct str s = str_trim(text);
	bool is_postgres = is_uri(s) || has_keyword(s);

	if (s.n == 0 || memchr(s.p, '\0', s.n))
		return err_set(err, E_CONFIG, "%s: neither a directory nor a connection string", what);
	if (!is_postgres && str_starts(s, STR("sqlite:")))
		s = str_sub(s, strlen("sqlite:"), s.n - strlen("sqlite:"));
	if (!is_postgres && (s.n == 0 || str_search(s, STR("://")) < s.n))
		return err_set(err, E_CONFIG,
			       "%s: neither a directory nor a connection string of PostgreSQL "
			       "(postgresql://user@host/database, or host=... dbname=...)",
			       what);
	*out = (struct store_place){ .kind = is_postgres ? STORE_POSTGRES : STORE_SQLITE };
	if (is_postgres)
		out->conninfo = s;
	else
		out->dir = s;
	return 0;
}

/* ---- pool_* ---- */

/* Is it a parameter of a pool? Its value, when it is the number of connections, in *max. */
static bool is_of_pool(struct str pair, unsigned *max)
{
	struct str name, value;
	uint64_t n;

	str_cut(pair, '=', &name, &value);
	if (!str_starts(str_trim(name), STR("pool_")))
		return false;
	if (str_eq(str_trim(name), STR("pool_max_conns")) && str_u64(str_trim(value), 1000, &n) && n)
		*max = (unsigned)n;
	return true;
}

static struct str clean_uri(struct arena *a, struct str text, unsigned *max)
{
	struct buffer b = { .arena = a };
	struct str rest, pair, before;
	char separator = '?';

	if (!str_cut(text, '?', &before, &rest))
		return text;
	put_bytes(&b, before);
	while (rest.n) {
		str_cut(rest, '&', &pair, &rest);
		if (is_of_pool(pair, max))
			continue;
		put_u8(&b, (uint8_t)separator);
		put_bytes(&b, pair);
		separator = '&';
	}
	return buffer_str(&b);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The end of the value that begins at i: blanks in quotes and behind \ do not end it. */
static size_t value_end(struct str s, size_t i)
{
	bool is_quoted = i < s.n && s.p[i] == '\'';

	for (i += is_quoted; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (is_quoted ? s.p[i] == '\'' : is_blank(s.p[i]))
			return i + is_quoted;
	}
	return s.n;
}

static size_t skip_blanks(struct str s, size_t i)
{
	while (i < s.n && is_blank(s.p[i]))
		i++;
	return i;
}

static struct str clean_keywords(struct arena *a, struct str s, unsigned *max)
{
	struct buffer b = { .arena = a };

	for (size_t i = skip_blanks(s, 0); i < s.n; i = skip_blanks(s, i)) {
		size_t start = i;

		i += str_find(str_sub(s, i, s.n - i), '=');
		i = i < s.n ? value_end(s, skip_blanks(s, i + 1)) : i;
		if (is_of_pool(str_sub(s, start, i - start), max))
			continue;
		put_bytes(&b, str_sub(s, start, i - start));
		put_u8(&b, ' ');
	}
	return buffer_str(&b);
}

struct str store_place_conninfo(struct arena *a, struct str text, unsigned *connections)
{
	return str_copy(a, is_uri(text) ? clean_uri(a, text, connections)
					: clean_keywords(a, text, connections));
}
