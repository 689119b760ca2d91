/* SPDX-License-Identifier: Apache-2.0 */
/* Taking URLs apart and putting them together.
 * Source: RFC 3986, "Uniform Resource Identifier (URI): Generic Syntax", sections 3 and 5,
 * https://www.rfc-editor.org/rfc/rfc3986.
 * Easy to get wrong: joining replaces the last segment of the base ("a/b" + "c" is "a/c"), and ".." never
 * climbs above the root. */
#include "net/url.h"

#include "base/arena.h"
#include "base/cursor.h"

#include <stdio.h>

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of "scheme" when text begins with "scheme:", else 0. */
static size_t scheme_length(struct str text)
{
	size_t i = 0;

	if (text.n == 0 || !is_alpha(text.p[0]))
		return 0;
	while (i < text.n && (is_alpha(text.p[i]) || is_digit(text.p[i]) || text.p[i] == '+' ||
			      text.p[i] == '-' || text.p[i] == '.'))
		i++;
	return i < text.n && text.p[i] == ':' ? i : 0;
}

struct url url_split(struct str text)
{
	struct url u = { 0 };
	size_t n = scheme_length(text), slash;
	struct str rest = text;

	if (n) {
		u.scheme = str_sub(text, 0, n);
		rest = str_sub(text, n + 1, text.n - n - 1);
	}
	u.has_fragment = str_cut(rest, '#', &rest, &u.fragment);
	u.has_query = str_cut(rest, '?', &rest, &u.query);
	if (str_starts(rest, STR("//"))) {
		u.has_authority = true;
		rest = str_sub(rest, 2, rest.n - 2);
		slash = str_find(rest, '/');
		u.authority = str_sub(rest, 0, slash);
		rest = str_sub(rest, slash, rest.n - slash);
	}
	u.path = rest;
	return u;
}

/* Drop the last segment that was put, with its slash. */
static void drop_segment(struct buffer *b, size_t floor)
{
	while (b->n > floor && b->p[b->n - 1] != '/')
		b->n--;
	if (b->n > floor)
		b->n--;
}

/* Append path without "." and ".." segments. Source: RFC 3986, 5.2.4, segment by segment. */
static void put_clean_path(struct buffer *b, struct str path)
{
	size_t floor = b->n;
	bool more = true;

	while (more) {
		struct str segment;
		bool is_first = b->n == floor && !str_starts(path, STR("/"));

		if (str_starts(path, STR("/")))
			path = str_sub(path, 1, path.n - 1);
		more = str_find(path, '/') < path.n;
		segment = str_sub(path, 0, str_find(path, '/'));
		path = str_sub(path, segment.n, path.n - segment.n);
		if (str_eq(segment, STR("..")))
			drop_segment(b, floor);
		if (str_eq(segment, STR("..")) || str_eq(segment, STR("."))) {
			if (!more)
				put_u8(b, '/');
			continue;
		}
		if (!is_first)
			put_u8(b, '/');
		put_bytes(b, segment);
	}
}

/* The path of a relative reference, merged with the base's directory. Source: RFC 3986, 5.2.3. */
static struct str merge_paths(struct arena *a, const struct url *base, struct str path)
{
	size_t slash = str_rfind(base->path, '/');
	struct str directory = str_sub(base->path, 0, slash < base->path.n ? slash + 1 : 0);

	if (str_starts(path, STR("/")))
		return path;
	if (base->has_authority && base->path.n == 0)
		directory = STR("/");
	return str_format(a, STR_FMT STR_FMT, STR_ARG(directory), STR_ARG(path));
}

static struct str compose(struct arena *a, const struct url *u)
{
	struct buffer b = { .arena = a };

	if (u->scheme.n) {
		put_bytes(&b, u->scheme);
		put_u8(&b, ':');
	}
	if (u->has_authority) {
		put_bytes(&b, STR("//"));
		put_bytes(&b, u->authority);
	}
	if (u->path.n)
		put_clean_path(&b, u->path);
	if (u->has_query) {
		put_u8(&b, '?');
		put_bytes(&b, u->query);
	}
	if (u->has_fragment) {
		put_u8(&b, '#');
		put_bytes(&b, u->fragment);
	}
	return buffer_str(&b);
}

struct str url_join(struct arena *a, struct str base, struct str reference)
{
	struct url b = url_split(base), r = url_split(reference);

	if (r.scheme.n)
		return compose(a, &r);
	r.scheme = b.scheme;
	if (r.has_authority)
		return compose(a, &r);
	r.has_authority = b.has_authority;
	r.authority = b.authority;
	if (r.path.n) {
		r.path = merge_paths(a, &b, r.path);
		return compose(a, &r);
	}
	r.path = b.path;
	if (!r.has_query) {
		r.has_query = b.has_query;
		r.query = b.query;
	}
	return compose(a, &r);
}

struct str url_escape(struct arena *a, struct str s, struct str keep)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_alpha(c) || is_digit(c) || str_find(STR("-._~"), c) < 4 ||
		    str_find(keep, c) < keep.n) {
			put_u8(&b, (uint8_t)c);
			continue;
		}
		put_u8(&b, '%');
		put_u8(&b, (uint8_t)hex[(unsigned char)c >> 4]);
		put_u8(&b, (uint8_t)hex[(unsigned char)c & 15]);
	}
	return buffer_str(&b);
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int url_unescape(struct arena *a, struct str s, struct str *out, struct err *err)
{
	char *p = arena_alloc_raw(a, size_add(s.n, 1)), *q = p;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			*q++ = s.p[i];
			continue;
		}
		if (s.n - i < 3 || hex_value(s.p[i + 1]) < 0 || hex_value(s.p[i + 2]) < 0)
			return err_set(err, E_FORMAT, "%% without two hex digits at byte %zu", i);
		*q++ = (char)(hex_value(s.p[i + 1]) << 4 | hex_value(s.p[i + 2]));
		i += 2;
	}
	*q = '\0';
	*out = (struct str){ p, (size_t)(q - p) };
	return 0;
}

int url_file_path(struct arena *a, struct str url, struct str *out, struct err *err)
{
	struct url u = url_split(url);
	struct str path;

	if (!str_eq_nocase(u.scheme, STR("file")) || !str_starts(u.path, STR("/")))
		return err_set(err, E_FORMAT, "not a file URL: " STR_FMT, STR_ARG(url));
	if (u.authority.n && !str_eq_nocase(u.authority, STR("localhost")))
		return err_set(err, E_UNSUPPORTED, "file URL on another host: " STR_FMT, STR_ARG(url));
	TRY(url_unescape(a, u.path, &path, err));
	if (str_find(path, '\0') < path.n)
		return err_set(err, E_FORMAT, "file URL with a NUL byte");
	*out = path;
	return 0;
}

/* No blank, control or non-ASCII byte: what a request line can carry. */
static bool is_printable_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return false;
	return true;
}

bool url_is_http(struct str text)
{
	struct url u = url_split(text);

	return (str_eq_nocase(u.scheme, STR("http")) || str_eq_nocase(u.scheme, STR("https"))) &&
	       u.authority.n && is_printable_ascii(text);
}

struct str url_redact(struct arena *a, struct str text)
{
	struct url u = url_split(text);
	struct str user, host;

	if (str_rcut(u.authority, '@', &user, &host))
		u.authority = host;
	return str_format(a, STR_FMT "%s%s" STR_FMT STR_FMT, STR_ARG(u.scheme), u.scheme.n ? ":" : "",
			  u.has_authority ? "//" : "", STR_ARG(u.authority), STR_ARG(u.path));
}
