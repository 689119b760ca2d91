/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON in order of the calls; commas, blanks and escapes are added here.
 * Source: RFC 8259. The compact form escapes what Go's encoding/json does by default (< > & U+2028 U+2029),
 * so that it may stand in HTML; readers see no difference. Easy to get wrong: bytes that are no UTF-8 may
 * reach a report from a package database; they become U+FFFD, one for each byte, and never break the
 * document. */
#include "base/json.h"

#include "base/json_text.h"

#include <inttypes.h>
#include <stdio.h>

void json_writer_open(struct json_writer *w, struct writer *to, unsigned indent, struct err *err)
{
	*w = (struct json_writer){ .to = to, .err = err, .indent = indent, .is_first = true };
}

static void put(struct json_writer *w, struct str s)
{
	if (w->failed == 0)
		w->failed = writer_str(w->to, s, w->err);
}

static void new_line(struct json_writer *w)
{
	static const char blanks[] = "                                                                ";
	size_t n = (size_t)w->depth * w->indent;

	if (!w->indent)
		return;
	put(w, STR("\n"));
	if (w->indent == JSON_TABS) {
		for (n = w->depth; n; n--)
			put(w, STR("\t"));
		return;
	}
	for (; n >= sizeof(blanks) - 1; n -= sizeof(blanks) - 1)
		put(w, (struct str){ blanks, sizeof(blanks) - 1 });
	put(w, (struct str){ blanks, n });
}

/* What comes before a value or key. */
static void separate(struct json_writer *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (!w->is_first)
		put(w, STR(","));
	if (w->depth)
		new_line(w);
	w->is_first = false;
}

static void begin(struct json_writer *w, struct str bracket)
{
	separate(w);
	put(w, bracket);
	w->depth++;
	w->is_first = true;
}

static void end(struct json_writer *w, struct str bracket)
{
	w->depth--;
	if (!w->is_first)
		new_line(w);
	w->is_first = false;
	put(w, bracket);
}

void json_object_begin(struct json_writer *w)
{
	begin(w, STR("{"));
}

void json_object_end(struct json_writer *w)
{
	end(w, STR("}"));
}

void json_array_begin(struct json_writer *w)
{
	begin(w, STR("["));
}

void json_array_end(struct json_writer *w)
{
	end(w, STR("]"));
}

/* Length of the UTF-8 sequence at p, 0 when there is none. */
static size_t utf8_at(const char *p, size_t left)
{
	unsigned char four[5] = { 0 };

	memcpy(four, p, left < 4 ? left : 4);
	return json_text_utf8(four);
}

/* Bytes at p to pass over as they are: 0 when what is there must be written otherwise. */
static size_t plain_at(const char *p, size_t left, bool is_html)
{
	unsigned char c = (unsigned char)*p;
	size_t n;

	if (c < 0x80)
		return c >= 0x20 && c != '"' && c != '\\' && !(is_html && (c == '<' || c == '>' || c == '&'));
	n = utf8_at(p, left);
	if (is_html && n == 3 && memcmp(p, "\xe2\x80", 2) == 0 && ((unsigned char)p[2] & 0xfe) == 0xa8)
		return 0;
	return n;
}

/* Are the 8 bytes at p all written as they are? May say no when they are. */
static bool are_plain(const char *p, bool is_html)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t v, quote, slash, hit;

	memcpy(&v, p, 8);
	quote = v ^ ones * '"';
	slash = v ^ ones * '\\';
	hit = v | (v - ones * 0x20) | (quote - ones) | (slash - ones);
	if (is_html)
		hit |= ((v ^ ones * '<') - ones) | ((v ^ ones * '>') - ones) | ((v ^ ones * '&') - ones);
	return !(hit & ones * 0x80);
}

/* Write what plain_at refused at p. Returns the bytes it stood for. */
static size_t put_escape(struct json_writer *w, const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;
	char text[8] = { '\\', (char)c };

	if (c >= 0x80) {
		size_t n = utf8_at(p, left);

		put(w, n ? (p[2] & 1 ? STR("\\u2029") : STR("\\u2028")) : STR("\xef\xbf\xbd"));
		return n ? n : 1;
	}
	if (c == '\n' || c == '\r' || c == '\t')
		text[1] = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
	else if (c != '"' && c != '\\')
		snprintf(text, sizeof(text), "\\u%04x", c);
	put(w, str_of(text));
	return 1;
}

static void put_quoted(struct json_writer *w, struct str s)
{
	bool is_html = w->indent == 0 && !w->keeps_html;
	size_t begin = 0, i = 0;

	put(w, STR("\""));
	while (i < s.n) {
		size_t plain = s.n - i >= 8 && are_plain(s.p + i, is_html)
				       ? 8
				       : plain_at(s.p + i, s.n - i, is_html);

		if (plain) {
			i += plain;
			continue;
		}
		put(w, str_sub(s, begin, i - begin));
		i += put_escape(w, s.p + i, s.n - i);
		begin = i;
	}
	if (i > begin)
		put(w, str_sub(s, begin, i - begin));
	put(w, STR("\""));
}

void json_key_str(struct json_writer *w, struct str key)
{
	separate(w);
	put_quoted(w, key);
	put(w, w->indent ? STR(": ") : STR(":"));
	w->after_key = true;
}

void json_key(struct json_writer *w, const char *key)
{
	json_key_str(w, str_of(key));
}

void json_str(struct json_writer *w, struct str s)
{
	separate(w);
	put_quoted(w, s);
}

void json_int(struct json_writer *w, int64_t v)
{
	char text[24];

	separate(w);
	snprintf(text, sizeof(text), "%" PRId64, v);
	put(w, str_of(text));
}

void json_u64(struct json_writer *w, uint64_t v)
{
	char text[24];

	separate(w);
	snprintf(text, sizeof(text), "%" PRIu64, v);
	put(w, str_of(text));
}

void json_bool(struct json_writer *w, bool v)
{
	separate(w);
	put(w, v ? STR("true") : STR("false"));
}

void json_null(struct json_writer *w)
{
	separate(w);
	put(w, STR("null"));
}

void json_raw(struct json_writer *w, struct str text)
{
	separate(w);
	put(w, text);
}

void json_member(struct json_writer *w, const char *key, struct str value)
{
	json_key(w, key);
	json_str(w, value);
}

void json_member_int(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, key);
	json_int(w, value);
}

void json_member_bool(struct json_writer *w, const char *key, bool value)
{
	json_key(w, key);
	json_bool(w, value);
}

int json_writer_end(struct json_writer *w)
{
	return w->failed;
}

static void write_members(struct json_writer *w, const struct json_value *v)
{
	json_object_begin(w);
	for (size_t i = 0; i < v->n; i++) {
		json_key_str(w, v->keys[i]);
		json_tree_write(w, &v->items[i]);
	}
	json_object_end(w);
}

void json_tree_write(struct json_writer *w, const struct json_value *v)
{
	switch (v->type) {
	case JSON_OBJECT: write_members(w, v); return;
	case JSON_ARRAY:
		json_array_begin(w);
		for (size_t i = 0; i < v->n; i++)
			json_tree_write(w, &v->items[i]);
		json_array_end(w);
		return;
	case JSON_STRING: json_str(w, v->text); return;
	case JSON_NUMBER: json_raw(w, v->text); return;
	case JSON_TRUE:
	case JSON_FALSE: json_bool(w, v->type == JSON_TRUE); return;
	default: json_null(w);
	}
}
