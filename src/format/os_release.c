/* SPDX-License-Identifier: Apache-2.0 */
/* Reads os-release files, and their older cousin lsb-release.
 * Source: os-release(5), https://www.freedesktop.org/software/systemd/man/latest/os-release.html; quoting as
 * Clair reads it, which is simpler than a shell's.
 * Easily got wrong: in double quotes only \` \\ \" \$ are escapes, in single quotes only '\'' is, and all the
 * quotes at both ends go, not one of each. */
#include "format/os_release.h"

#include "base/cursor.h"
#include "base/limits.h"

/* Length of the white space character (Unicode property White_Space) that s starts with, 0 when none. */
static size_t space_length(struct str s)
{
	static const char *const wide[] = {
		"\xc2\x85",	"\xc2\xa0",	"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (s.n && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (str_starts(s, str_of(wide[i])))
			return strlen(wide[i]);
	return 0;
}

/* The same at the end of s. */
static size_t last_space_length(struct str s)
{
	for (size_t n = 1; n <= 3 && n <= s.n; n++)
		if (space_length(str_sub(s, s.n - n, n)) == n)
			return n;
	return 0;
}

static struct str trim(struct str s)
{
	size_t n;

	while ((n = space_length(s)) > 0)
		s = str_sub(s, n, s.n - n);
	while ((n = last_space_length(s)) > 0)
		s.n -= n;
	return s;
}

static struct str unquote_single(struct arena *a, struct str s)
{
	struct str escaped = STR("'\\''");
	struct buffer b = { .arena = a };

	s = str_strip(s, STR("'"));
	for (;;) {
		size_t at = str_search(s, escaped);

		if (at == s.n && b.n == 0)
			return s;
		put_bytes(&b, str_sub(s, 0, at));
		if (at == s.n)
			return buffer_str(&b);
		put_u8(&b, '\'');
		s = str_sub(s, at + escaped.n, s.n - at - escaped.n);
	}
}

static struct str unquote_double(struct arena *a, struct str s)
{
	struct buffer b = { .arena = a };

	s = str_strip(s, STR("\""));
	if (str_find(s, '\\') == s.n)
		return s;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && str_find(STR("`\\\"$"), s.p[i + 1]) < 4)
			i++;
		put_u8(&b, (uint8_t)s.p[i]);
	}
	return buffer_str(&b);
}

static struct str unquote(struct arena *a, struct str value)
{
	if (value.n && value.p[0] == '\'')
		return unquote_single(a, value);
	if (value.n && value.p[0] == '"')
		return unquote_double(a, value);
	return value;
}

static int check_size(struct str text, struct err *err)
{
	if (text.n > LIMIT_OS_RELEASE_BYTES)
		return err_set(err, E_LIMIT, "%zu bytes, limit %llu", text.n, LIMIT_OS_RELEASE_BYTES);
	return 0;
}

int os_release_parse(struct arena *a, struct str text, struct os_release *out, struct err *err)
{
	struct str line, key, value;
	unsigned number = 0;
	int result = 0;

	*out = (struct os_release){ 0 };
	TRY(check_size(text, err));
	while (str_line(&text, &line)) {
		number++;
		line = trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (str_cut(line, '=', &key, &value))
			VEC_PUSH(a, &out->fields,
				 ((struct os_release_field){ trim(key), unquote(a, trim(value)) }));
		else if (result == 0)
			result = err_set(err, E_FORMAT, "line %u: no '='", number);
	}
	return result;
}

int os_release_parse_lsb(struct arena *a, struct str text, struct os_release *out, struct err *err)
{
	struct str line, key, value;

	*out = (struct os_release){ 0 };
	TRY(check_size(text, err));
	while (str_line(&text, &line))
		if (str_cut(line, '=', &key, &value))
			VEC_PUSH(a, &out->fields,
				 ((struct os_release_field){ key, str_strip(value, STR("\"\r\n")) }));
	return 0;
}

static const struct os_release_field *find(const struct os_release *r, struct str key)
{
	for (size_t i = r->fields.n; i > 0; i--)
		if (str_eq(r->fields.p[i - 1].key, key))
			return &r->fields.p[i - 1];
	return NULL;
}

struct str os_release_get(const struct os_release *r, struct str key)
{
	const struct os_release_field *f = find(r, key);

	return f ? f->value : STR("");
}

bool os_release_has(const struct os_release *r, struct str key)
{
	return find(r, key) != NULL;
}
