/* SPDX-License-Identifier: Apache-2.0 */
/* Trees as YAML for people. Source: YAML 1.1, https://yaml.org/spec/1.1/ , sections 5.1 (which characters may
 * stand in a text), 5.6 (escapes) and 9.1. What a reader would get wrong: which words readers take for truth,
 * numbers or dates differs between versions of YAML, so everything but words of a few safe characters is
 * quoted; and a key of more than 1024 characters must be marked with "?". Recursion is bounded by the depth
 * of the trees (LIMIT_JSON_DEPTH). */
#include "base/yaml_write.h"

#include "base/arena.h"
#include "base/json_text.h"
#include "base/yaml_scalar.h"

enum { LONG_KEY = 128 };

struct output {
	struct writer *to;
	struct err *err;
};

static int put(const struct output *o, struct str s)
{
	return writer_str(o->to, s, o->err);
}

static int put_blanks(const struct output *o, unsigned level)
{
	for (; level; level--)
		TRY(put(o, STR("  ")));
	return 0;
}

static bool is_safe_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || c == '/' || c == '-' || c == '+';
}

/* May s stand without quotes? */
static bool is_plain(struct str s)
{
	static const char *const truths[] = { "y", "n", "yes", "no", "on", "off" };
	autoarena struct arena scratch = { 0 };
	struct json_value v;
	struct err why;

	for (size_t i = 0; i < s.n; i++)
		if (!is_safe_byte(s.p[i]))
			return false;
	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++)
		if (str_eq_nocase(s, str_of(truths[i])))
			return false;
	if (s.n == 0 || s.p[0] == '-' || s.p[0] == '.' || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	return yaml_scalar(&scratch, s, &v, &why) == 0 && v.type == JSON_STRING;
}

static uint32_t code_point(const unsigned char *p, size_t n)
{
	uint32_t c = n == 2 ? p[0] & 0x1fu : n == 3 ? p[0] & 0x0fu : p[0] & 0x07u;

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

/* Characters that a reader refuses or takes for the end of a line. */
static bool is_special(uint32_t c)
{
	return c < 0xa1 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

/* One character of a quoted text. Returns the bytes it took, or a negative error. */
static int put_character(const struct output *o, struct str s)
{
	unsigned char four[5] = { 0 };
	size_t n;
	uint32_t c;

	memcpy(four, s.p, s.n < 4 ? s.n : 4);
	if (four[0] >= 0x20 && four[0] < 0x7f) {
		if (four[0] == '"' || four[0] == '\\')
			TRY(put(o, STR("\\")));
		TRY(put(o, str_sub(s, 0, 1)));
		return 1;
	}
	n = four[0] < 0x80 ? 0 : json_text_utf8(four);
	c = n ? code_point(four, n) : four[0] < 0x80 ? four[0] : 0xfffd;
	if (c == '\n')
		TRY(put(o, STR("\\n")));
	else if (is_special(c) || n == 0)
		TRY(writer_format(o->to, o->err, "\\u%04x", (unsigned)c));
	else
		TRY(put(o, str_sub(s, 0, n)));
	return n ? (int)n : 1;
}

static int put_text(const struct output *o, struct str s)
{
	if (is_plain(s))
		return put(o, s);
	TRY(put(o, STR("\"")));
	while (s.n) {
		int n = put_character(o, s);

		TRY(n);
		s = str_sub(s, (size_t)n, s.n - (size_t)n);
	}
	return put(o, STR("\""));
}

/* A scalar or an empty container, and the end of the line. False when v is neither. */
static bool is_short(const struct json_value *v)
{
	return (v->type != JSON_ARRAY && v->type != JSON_OBJECT) || v->n == 0;
}

static int put_short(const struct output *o, const struct json_value *v)
{
	switch (v->type) {
	case JSON_FALSE: TRY(put(o, STR("false"))); break;
	case JSON_TRUE: TRY(put(o, STR("true"))); break;
	case JSON_NUMBER: TRY(put(o, v->text)); break;
	case JSON_STRING: TRY(put_text(o, v->text)); break;
	case JSON_ARRAY: TRY(put(o, STR("[]"))); break;
	case JSON_OBJECT: TRY(put(o, STR("{}"))); break;
	default: TRY(put(o, STR("null"))); break;
	}
	return put(o, STR("\n"));
}

static int put_container(const struct output *o, const struct json_value *v, unsigned level, bool is_begun);

/* What follows "key:" or "-": on the same line, or on lines of its own. */
static int put_value(const struct output *o, const struct json_value *v, unsigned level, bool is_item)
{
	if (is_short(v)) {
		TRY(put(o, STR(" ")));
		return put_short(o, v);
	}
	TRY(put(o, is_item ? STR(" ") : STR("\n")));
	return put_container(o, v, level + 1, is_item);
}

static int put_key(const struct output *o, struct str key, unsigned level)
{
	if (key.n <= LONG_KEY) {
		TRY(put_text(o, key));
		return put(o, STR(":"));
	}
	TRY(put(o, STR("? ")));
	TRY(put_text(o, key));
	TRY(put(o, STR("\n")));
	TRY(put_blanks(o, level));
	return put(o, STR(":"));
}

/* is_begun: the first line has its indent. */
static int put_container(const struct output *o, const struct json_value *v, unsigned level, bool is_begun)
{
	for (size_t i = 0; i < v->n; i++) {
		if (!is_begun || i)
			TRY(put_blanks(o, level));
		if (v->type == JSON_OBJECT)
			TRY(put_key(o, v->keys[i], level));
		else
			TRY(put(o, STR("-")));
		TRY(put_value(o, &v->items[i], level, v->type == JSON_ARRAY));
	}
	return 0;
}

int yaml_write(struct writer *to, const struct json_value *v, struct err *err)
{
	const struct output o = { to, err };

	return is_short(v) ? put_short(&o, v) : put_container(&o, v, 0, false);
}
