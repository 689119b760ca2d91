/* SPDX-License-Identifier: Apache-2.0 */
/* What a request line asks for, and what a server listens on. Source: RFC 9112 "HTTP/1.1", section 3.2
 * (request target), https://www.rfc-editor.org/rfc/rfc9112; for queries the WHATWG URL standard,
 * "application/x-www-form-urlencoded parsing". What one would get wrong: a client may send the absolute form
 * ("GET http://host/path"), whose host is not the path's; and "+" is a blank in a query only. */
#include "net/http_target.h"

#include "base/arena.h"
#include "net/url.h"

/* Leave of the absolute form only what follows the authority. */
static bool cut_origin(struct str *target)
{
	struct url u = url_split(*target);
	size_t n = u.scheme.n + 3 + u.authority.n; /* "://" */

	if (!u.has_authority ||
	    !(str_eq_nocase(u.scheme, STR("http")) || str_eq_nocase(u.scheme, STR("https"))))
		return false;
	*target = str_sub(*target, n, target->n - n);
	return true;
}

int http_target_split(struct arena *a, struct str target, struct str *path, struct str *query,
		      struct err *err)
{
	struct str raw, rest, decoded;
	bool is_absolute = cut_origin(&target);

	str_cut(target, '?', &raw, &rest);
	if (is_absolute && raw.n == 0)
		raw = STR("/");
	if (!str_starts(raw, STR("/")) && !str_eq(raw, STR("*")))
		return err_set(err, E_FORMAT, "the request names no path");
	TRY(url_unescape(a, raw, &decoded, err));
	if (str_find(decoded, '\0') < decoded.n)
		return err_set(err, E_FORMAT, "the path holds a NUL");
	*path = decoded;
	*query = rest;
	return 0;
}

static struct str decode_form(struct arena *a, struct str s)
{
	struct str copy = str_copy(a, s), out;
	char *p = (char *)copy.p; /* ours */
	struct err err;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] == '+')
			p[i] = ' ';
	return url_unescape(a, copy, &out, &err) < 0 ? s : out;
}

int http_target_parameter(struct arena *a, struct str query, struct str name, struct str *out)
{
	struct str pair, key, value;

	*out = (struct str){ 0 };
	while (query.n) {
		struct arena_mark mark = arena_mark(a);
		bool is_it;

		str_cut(query, '&', &pair, &query);
		str_cut(pair, '=', &key, &value);
		is_it = str_eq(decode_form(a, key), name);
		arena_release(a, mark);
		if (!is_it)
			continue;
		*out = decode_form(a, value);
		return 1;
	}
	return 0;
}

int http_target_listen(struct str address, struct str *host, struct str *port, struct err *err)
{
	struct str name, number;
	uint64_t n;
	bool is_bracketed;

	if (!str_rcut(address, ':', &name, &number) || !str_u64(number, 65535, &n))
		return err_set(err, E_CONFIG, "listen address \"" STR_FMT "\": write HOST:PORT or :PORT",
			       STR_ARG(address));
	is_bracketed = name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
	if (is_bracketed)
		name = str_sub(name, 1, name.n - 2);
	if ((!is_bracketed && str_find(name, ':') < name.n) || str_find(name, '\0') < name.n ||
	    str_find(name, '[') < name.n || str_find(name, ']') < name.n)
		return err_set(err, E_CONFIG,
			       "listen address \"" STR_FMT "\": write an IPv6 address as [ADDRESS]:PORT",
			       STR_ARG(address));
	*host = name;
	*port = number;
	return 0;
}
