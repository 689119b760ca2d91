/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tar members as the rest of the program sees them: one spelling per place in the tree.
 * Source: the rules of docs/formats/tar.md, "Names"; they are those of Clair's layer reader.
 * Easy to get wrong: the whole name decides whether U+FFFD is escaped. In a valid name it is an ordinary
 * character; in an invalid one it would be confused with a replaced byte. */
#include "format/tar_path.h"

#include "base/limits.h"

/* Names up to here are never too deep, so that the fast path needs no count. */
#define SHORT_NAME 4096u

/* Nothing to do: ASCII, no empty component, none that begins with a dot. */
static bool is_normal(struct str s)
{
	bool at_start = true;

	if (s.n > SHORT_NAME)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80 || (at_start && (c == '.' || c == '/')))
			return false;
		at_start = c == '/';
	}
	return !at_start;
}

static struct str without_slashes(struct str s)
{
	while (s.n >= 2 && s.p[0] == '.' && s.p[1] == '/')
		s = str_sub(s, 2, s.n - 2);
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* What b holds from `from` on, with a NUL after it. */
static struct str terminated(struct buffer *b, size_t from)
{
	put_u8(b, '\0');
	b->n--;
	return str_sub(buffer_str(b), from, b->n - from);
}

static void drop_last(struct buffer *b, size_t *depth)
{
	size_t slash = str_rfind(buffer_str(b), '/');

	b->n = slash < b->n ? slash : 0;
	*depth -= *depth > 0;
}

/* Append the components of name to the normal path in b. */
static int append(struct buffer *b, struct str name, size_t *depth, struct err *err)
{
	struct str component;

	while (name.n) {
		str_cut(name, '/', &component, &name);
		if (component.n == 0 || str_eq(component, STR(".")))
			continue;
		if (str_eq(component, STR(".."))) {
			drop_last(b, depth);
			continue;
		}
		if (b->n)
			put_u8(b, '/');
		put_bytes(b, component);
		if (b->n > LIMIT_PATH_BYTES)
			return err_set(err, E_LIMIT, "path of more than %u bytes", LIMIT_PATH_BYTES);
		if (++*depth > LIMIT_PATH_DEPTH)
			return err_set(err, E_LIMIT, "path of more than %u components", LIMIT_PATH_DEPTH);
	}
	return 0;
}

/* Length of the character at the beginning of s, 0 when it must be escaped. */
static size_t character(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (n > s.n || !str_is_text(str_sub(s, 0, n)) || str_eq(str_sub(s, 0, n), STR("\xef\xbf\xbd")))
		return 0;
	return n;
}

/* Write the escaped form behind the name in b. */
static int escape(struct buffer *b, struct str *result, struct err *err)
{
	static const char hex[] = "0123456789abcdef";
	size_t plain_n = b->n;

	for (size_t i = 0; i < plain_n;) {
		struct str rest = { (const char *)b->p + i, plain_n - i };
		size_t n = character(rest);
		unsigned char c = (unsigned char)rest.p[0];
		char escaped[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };
		char copy[4];

		memcpy(copy, rest.p, n); /* the buffer may move */
		put_bytes(b, n ? (struct str){ copy, n } : (struct str){ escaped, sizeof(escaped) });
		i += n ? n : 1;
	}
	*result = terminated(b, plain_n);
	if (result->n > LIMIT_PATH_BYTES)
		return err_set(err, E_LIMIT, "path of more than %u bytes", LIMIT_PATH_BYTES);
	return 0;
}

static size_t depth_of(struct str normal)
{
	size_t depth = normal.n > 0;

	for (size_t i = 0; i < normal.n; i++)
		depth += normal.p[i] == '/';
	return depth;
}

int tar_path_normal(struct buffer *scratch, struct str dir, struct str name, struct str *result,
		    struct err *err)
{
	struct str simple = without_slashes(name);
	size_t depth;

	scratch->n = 0;
	if (str_eq(dir, STR(".")) || (name.n && name.p[0] == '/'))
		dir.n = 0;
	if (dir.n == 0 && is_normal(simple)) {
		put_bytes(scratch, simple);
		*result = terminated(scratch, 0);
		return 0;
	}
	put_bytes(scratch, dir);
	depth = depth_of(dir);
	TRY(append(scratch, name, &depth, err));
	*result = scratch->n ? terminated(scratch, 0) : STR(".");
	return str_is_text(*result) ? 0 : escape(scratch, result, err);
}
