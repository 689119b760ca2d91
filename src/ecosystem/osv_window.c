/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of versions in the fixed version's place: what Clair's matchers of languages go by
 * (matching.md 8.4). What one would get wrong: an upper bound is exclusive ("fixed") or inclusive
 * ("lastAffected"), and an empty text is no missing answer but says that all versions are affected. */
#include "ecosystem/osv_window.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Values of URL queries: %XX and, for a blank, +. */
static bool decode(struct arena *a, struct str text, struct str *out)
{
	char *to = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int high, low;

		if (text.p[i] != '%') {
			to[n++] = text.p[i] == '+' ? ' ' : text.p[i];
			continue;
		}
		high = i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
		low = i + 2 < text.n ? hex_value(text.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return false;
		to[n++] = (char)(high * 16 + low);
		i += 2;
	}
	*out = (struct str){ to, n };
	return true;
}

bool osv_window_parse(struct arena *a, struct str query, struct osv_window *out)
{
	const struct {
		const char *name;
		struct str *value;
	} names[] = { { "introduced", &out->introduced },
		      { "fixed", &out->fixed },
		      { "lastAffected", &out->last_affected } };
	struct str part, name, value;

	*out = (struct osv_window){ .fixed = { NULL, 0 } };
	while (query.n) {
		bool is_known = false;

		str_cut(query, '&', &part, &query);
		if (!str_cut(part, '=', &name, &value))
			return false;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (str_eq(name, str_of(names[i].name)))
				is_known = decode(a, value, names[i].value);
		if (!is_known)
			return false;
	}
	return true;
}

static bool is_bound(const struct ordering *ordering, struct str bound)
{
	return bound.n == 0 || ordering->valid(bound);
}

static enum verdict undecided(struct arena *a, const char *what, struct str text, struct str *reason)
{
	*reason = str_format(a, "%s \"" STR_FMT "\" cannot be read", what, STR_ARG(text));
	return UNDECIDED;
}

static bool is_inside(const struct ordering *ordering, struct str version, const struct osv_window *w)
{
	if (w->introduced.n && ordering->compare(version, w->introduced) < 0)
		return false;
	if (w->fixed.n)
		return ordering->compare(version, w->fixed) < 0;
	return !w->last_affected.n || ordering->compare(version, w->last_affected) <= 0;
}

enum verdict osv_window_affects(struct arena *a, const struct ordering *ordering, struct str version,
				const struct advisory *advisory, struct str *reason)
{
	struct osv_window w;

	if (advisory->status == STATUS_NOT_AFFECTED)
		return NOT_AFFECTED;
	if (!ordering->valid(version))
		return undecided(a, "installed version", version, reason);
	if (!osv_window_parse(a, advisory->fixed_in, &w) || !is_bound(ordering, w.introduced) ||
	    !is_bound(ordering, w.fixed) || !is_bound(ordering, w.last_affected))
		return undecided(a, "range", advisory->fixed_in, reason);
	return is_inside(ordering, version, &w) ? AFFECTED : NOT_AFFECTED;
}
