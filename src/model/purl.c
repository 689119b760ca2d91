/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs.
 * Source: https://github.com/package-url/purl-spec, PURL-SPECIFICATION.rst, "How to parse a purl string in
 * its components". Easy to get wrong: parts are separated before they are decoded, and a plus sign stands for
 * itself, in qualifiers too (versions of rpm modules have it). */
#include "model/purl.h"

#include "base/cursor.h"
#include "base/limits.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that "%41" at the beginning of s says, or -1. */
static int percent_octet(struct str s)
{
	int high = s.n >= 3 ? hex_digit(s.p[1]) : -1, low = s.n >= 3 ? hex_digit(s.p[2]) : -1;

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static int put_decoded(struct buffer *b, struct str s, struct err *err)
{
	while (s.n) {
		bool is_code = s.p[0] == '%';
		int c = is_code ? percent_octet(s) : (unsigned char)s.p[0];

		if (c < 0)
			return err_set(err, E_FORMAT, "purl: bad percent code");
		put_u8(b, (uint8_t)c);
		s = str_sub(s, is_code ? 3 : 1, s.n - (is_code ? 3 : 1));
	}
	return 0;
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return str_is_text(s);
}

static int decode(struct arena *a, struct str s, struct str *out, struct err *err)
{
	struct buffer b = { .arena = a };

	*out = s;
	if (str_find(s, '%') < s.n) {
		TRY(put_decoded(&b, s, err));
		*out = buffer_str(&b);
	}
	return is_clean(*out) ? 0 : err_set(err, E_FORMAT, "purl: not text");
}

/* Keep the array ordered by key. */
static int insert(struct purl_qualifier *list, size_t n, struct purl_qualifier q, struct err *err)
{
	for (; n > 0; n--) {
		int order = str_cmp(list[n - 1].key, q.key);

		if (order == 0)
			return err_set(err, E_FORMAT, "purl: a qualifier is given twice");
		if (order < 0)
			break;
		list[n] = list[n - 1];
	}
	list[n] = q;
	return 0;
}

static int parse_qualifiers(struct arena *a, struct str text, struct purl *out, struct err *err)
{
	struct purl_qualifier *list;
	struct str pair;
	size_t most = 1;

	for (size_t i = 0; i < text.n; i++)
		most += text.p[i] == '&';
	if (most > LIMIT_PURL_QUALIFIERS)
		return err_set(err, E_FORMAT, "purl: more than %u qualifiers", LIMIT_PURL_QUALIFIERS);
	out->qualifiers = list = ARENA_ARRAY(a, struct purl_qualifier, most);
	while (text.n) {
		struct purl_qualifier q;

		str_cut(text, '&', &pair, &text);
		if (!str_cut(pair, '=', &q.key, &q.value) || q.key.n == 0)
			return err_set(err, E_FORMAT, "purl: a qualifier without key or value");
		q.key = str_lower(a, q.key);
		TRY(decode(a, q.value, &q.value, err));
		if (!is_clean(q.key))
			return err_set(err, E_FORMAT, "purl: not text");
		if (q.value.n == 0)
			continue;
		TRY(insert(list, out->qualifier_count, q, err));
		out->qualifier_count++;
	}
	return 0;
}

/* "namespace/name" */
static int parse_path(struct arena *a, struct str path, struct purl *out, struct err *err)
{
	struct str namespace, name;

	path = str_strip(path, STR("/"));
	if (!str_rcut(path, '/', &namespace, &name)) {
		name = path;
		namespace = STR("");
	}
	TRY(decode(a, str_strip(namespace, STR("/")), &out->namespace, err));
	TRY(decode(a, name, &out->name, err));
	return out->name.n ? 0 : err_set(err, E_FORMAT, "purl: no name");
}

int purl_parse(struct arena *a, struct str text, struct purl *out, struct err *err)
{
	struct str rest, subpath, qualifiers, version, type;
	struct purl p = { 0 };

	if (text.n > LIMIT_FIELD_BYTES)
		return err_set(err, E_FORMAT, "purl: %zu bytes, limit %u", text.n, LIMIT_FIELD_BYTES);
	if (!str_starts(text, STR("pkg:")))
		return err_set(err, E_FORMAT, "purl: does not begin with pkg:");
	rest = str_strip(str_sub(text, 4, text.n - 4), STR("/"));
	str_rcut(rest, '#', &rest, &subpath);
	str_cut(rest, '?', &rest, &qualifiers);
	str_rcut(rest, '@', &rest, &version);
	if (!str_cut(rest, '/', &type, &rest) || type.n == 0)
		return err_set(err, E_FORMAT, "purl: no type, or no name");
	if (!is_clean(type))
		return err_set(err, E_FORMAT, "purl: not text");
	p.type = str_lower(a, type);
	TRY(parse_path(a, rest, &p, err));
	TRY(decode(a, version, &p.version, err));
	TRY(decode(a, str_strip(subpath, STR("/")), &p.subpath, err));
	TRY(parse_qualifiers(a, qualifiers, &p, err));
	*out = p;
	return 0;
}

struct str purl_get(const struct purl *p, const char *key)
{
	for (size_t i = 0; i < p->qualifier_count; i++)
		if (str_eq(p->qualifiers[i].key, str_of(key)))
			return p->qualifiers[i].value;
	return (struct str){ NULL, 0 };
}
