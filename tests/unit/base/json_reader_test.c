/* SPDX-License-Identifier: Apache-2.0 */
/* json: tokens, what is refused and where, limits; the same whatever the pieces in which a document comes. */
#include "../unit.h"
#include "pieces.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"

/* Write a token as text: keys as k(...), strings as s(...), numbers as they are. */
static void dump_token(struct buffer *b, const struct json_token *t)
{
	static const char *const words[] = { "null", "false", "true", "", "", "[", "{", "]", "}", "" };
	bool is_quoted = t->type == JSON_STRING || t->type == JSON_KEY;

	if (b->n)
		put_u8(b, ' ');
	put_bytes(b, str_of(words[t->type]));
	if (is_quoted)
		put_bytes(b, t->type == JSON_KEY ? STR("k(") : STR("s("));
	put_bytes(b, t->text);
	if (is_quoted)
		put_u8(b, ')');
}

/* All tokens of a document that comes in pieces. */
static int tokens_of(struct arena *a, struct str text, size_t piece, struct str *out, struct err *err)
{
	struct pieces source;
	struct buffer b = { .arena = a };
	struct json_token token;
	int more;

	pieces_open(&source, text, piece);
	autojson struct json_reader *j = json_reader_open(&source.reader);

	while ((more = json_next(j, &token, err)) > 0)
		dump_token(&b, &token);
	if (more < 0)
		assert_int_equal(json_next(j, &token, err), more); /* it stays broken */
	*out = buffer_str(&b);
	return more;
}

static void documents_become_tokens(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{}", "{ }" },
		{ "[]", "[ ]" },
		{ " \r\n\t[ \n]\n ", "[ ]" },
		{ "\"\"", "s()" },
		{ "null", "null" },
		{ "[true,false,null]", "[ true false null ]" },
		{ "[[],{},[{}]]", "[ [ ] { } [ { } ] ]" },
		{ "{\"a\":1,\"b\":[2,{\"c\":\"d\"}],\"\":{}}",
		  "{ k(a) 1 k(b) [ 2 { k(c) s(d) } ] k() { } }" },
		{ "{\"a\"  :\n\"b\"\t,\r\n\"a\":\"c\"}", "{ k(a) s(b) k(a) s(c) }" },
		{ "[0,-0,1.5,-12.25e+10,1E-2,10]", "[ 0 -0 1.5 -12.25e+10 1E-2 10 ]" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s(\"\\/\b\f\n\r\t)" },
		{ "\"a\\u0041\\u00e9\\u20AC\\ud83d\\ude00z\"", "s(aA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z)" },
		{ "\"\\u0000\"", "s(\xef\xbf\xbd)" },
		{ "\"\\ud83d\"", "s(\xef\xbf\xbd)" },
		{ "\"\\ude00\\ud83d\"", "s(\xef\xbf\xbd\xef\xbf\xbd)" },
		{ "\"\\ud83d\\u0041\"", "s(\xef\xbf\xbd"
					"A)" },
		{ "\"\\ud83d\\n\"", "s(\xef\xbf\xbd\n)" },
		{ "{\"k\\n\\u0041\":1}", "{ k(k\nA) 1 }" },
		{ "{\"\\\\u0000\":1}", "{ k(\\u0000) 1 }" },
		{ "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f"
		  "\xbf\xbf\"",
		  "s("
		  "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f"
		  "\xbf\xbf)" },
		{ "\"sixteen bytes long and then some \xc3\xa9 more, \x7f\"",
		  "s(sixteen bytes long and then some \xc3\xa9 more, \x7f)" },
	};
	struct err err = { 0 };
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t piece = 1; piece < 40; piece++) {
			autoarena struct arena a = { 0 };

			if (tokens_of(&a, str_of(cases[i].text), piece, &out, &err) < 0)
				fail_msg("%s: %s", cases[i].text, err.text);
			assert_str_is(out, cases[i].want);
		}
}

static void what_is_not_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "line 1 column 1: empty document" },
		{ " \n ", "line 2 column 2: empty document" },
		{ "[", "line 1 column 2: the document breaks off" },
		{ "[1", "line 1 column 3: the document breaks off" },
		{ "{\"a\"", "line 1 column 5: \":\" is expected" },
		{ "{\"a\":", "line 1 column 6: the document breaks off" },
		{ "{\"a\":1", "line 1 column 7: the document breaks off" },
		{ "{\"a\":1,", "line 1 column 8: the document breaks off" },
		{ "\"abc", "line 1 column 1: string does not end" },
		{ "\"abc\\", "line 1 column 6: string does not end" },
		{ "\"abc\\u12", "line 1 column 5: \\u without four hex digits" },
		{ "[1,]", "line 1 column 4: a value is expected" },
		{ "[,1]", "line 1 column 2: a value is expected" },
		{ "[1 2]", "line 1 column 4: \",\" or \"]\" is expected" },
		{ "[1}", "line 1 column 3: \",\" or \"]\" is expected" },
		{ "{\"a\":1]", "line 1 column 7: \",\" or \"}\" is expected" },
		{ "{\"a\":1,}", "line 1 column 8: a key in quotes is expected" },
		{ "{1:2}", "line 1 column 2: a key in quotes is expected" },
		{ "{\"a\",1}", "line 1 column 5: \":\" is expected" },
		{ "{\"a\" 1}", "line 1 column 6: \":\" is expected" },
		{ "]", "line 1 column 1: a value is expected" },
		{ "1 2", "line 1 column 3: bytes after the document" },
		{ "{}\n{}", "line 2 column 1: bytes after the document" },
		{ "[\n\n  tru]", "line 3 column 3: a value is expected" },
		{ "nulL", "line 1 column 1: a value is expected" },
		{ "truex", "line 1 column 5: bytes after the document" },
		{ "'a'", "line 1 column 1: a value is expected" },
		{ "// x\n1", "line 1 column 1: a value is expected" },
		{ "\xef\xbb\xbf{}", "line 1 column 1: a value is expected" },
		{ "NaN", "line 1 column 1: a value is expected" },
		{ "01", "line 1 column 2: bytes after the document" },
		{ "+1", "line 1 column 1: a value is expected" },
		{ "-", "line 1 column 1: malformed number" },
		{ "1.", "line 1 column 1: malformed number" },
		{ ".5", "line 1 column 1: a value is expected" },
		{ "1e", "line 1 column 1: malformed number" },
		{ "1e+", "line 1 column 1: malformed number" },
		{ "\"a\nb\"", "line 1 column 3: control character in a string" },
		{ "\"a\x1f\"", "line 1 column 3: control character in a string" },
		{ "\"\\x41\"", "line 1 column 2: unknown escape" },
		{ "\"\\u12g4\"", "line 1 column 2: \\u without four hex digits" },
		{ "{\"\\u0000\":1}", "line 1 column 2: \\u0000 in a key" },
		{ "\"\x80\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xc0\xaf\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xe0\x9f\xbf\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xed\xa0\x80\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xf0\x8f\xbf\xbf\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xf4\x90\x80\x80\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xf5\x80\x80\x80\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xe2\x82\"", "line 1 column 2: invalid UTF-8" },
		{ "\"\xe2\x82", "line 1 column 2: invalid UTF-8" },
		/* escapes that become line feeds are no lines */
		{ "[\"\\n\\n\",\n\"a\\nb\", x]", "line 2 column 9: a value is expected" },
	};
	struct err err = { 0 };
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t piece = 1; piece < 12; piece++) {
			autoarena struct arena a = { 0 };

			if (tokens_of(&a, str_of(cases[i].text), piece, &out, &err) != E_FORMAT)
				fail_msg("%s is taken", cases[i].text);
			assert_string_equal(err.text, cases[i].want);
		}
}

static void a_nul_byte_is_no_end(void **state)
{
	autoarena struct arena a = { 0 };
	struct err err = { 0 };
	struct str out;

	(void)state;
	assert_int_equal(tokens_of(&a, STR("\"a\0b\""), 100, &out, &err), E_FORMAT);
	assert_int_equal(tokens_of(&a, STR("[1\0]"), 100, &out, &err), E_FORMAT);
	assert_int_equal(tokens_of(&a, STR("{}\0"), 100, &out, &err), E_FORMAT);
	assert_int_equal(tokens_of(&a, STR("\"a\\\0\""), 100, &out, &err), E_FORMAT);
	assert_int_equal(tokens_of(&a, STR("\0"), 100, &out, &err), E_FORMAT);
}

/* n times part. */
static struct str repeat(struct arena *a, const char *part, size_t n)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < n; i++)
		put_bytes(&b, str_of(part));
	return buffer_str(&b);
}

static struct str join3(struct arena *a, struct str x, struct str y, struct str z)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, x);
	put_bytes(&b, y);
	put_bytes(&b, z);
	return buffer_str(&b);
}

static void limits_are_crossed_by_one(void **state)
{
	static const struct {
		const char *begin, *part, *end;
		size_t n;
		int want;
	} cases[] = {
		{ "", "[", "", LIMIT_JSON_DEPTH, E_FORMAT },
		{ "", "[", "", LIMIT_JSON_DEPTH + 1, E_LIMIT },
		{ "", "{\"\":", "", LIMIT_JSON_DEPTH + 1, E_LIMIT },
		{ "", "1", "", LIMIT_JSON_NUMBER_BYTES, 0 },
		{ "", "1", "", LIMIT_JSON_NUMBER_BYTES + 1, E_LIMIT },
		{ "", "1", ".", LIMIT_JSON_NUMBER_BYTES, E_LIMIT }, /* whatever comes behind */
		{ "\"", "abcdefghijklmnop", "\"", LIMIT_JSON_STRING_BYTES / 16, 0 },
		{ "\"", "abcdefghijklmnop", "x\"", LIMIT_JSON_STRING_BYTES / 16, E_LIMIT },
		{ "\"", "abcdefghijklmnop", "", LIMIT_JSON_STRING_BYTES / 8, E_LIMIT },
		{ "{\"", "abcdefghijklmnop", "\":1}", LIMIT_JSON_STRING_BYTES / 8, E_LIMIT },
	};
	struct err err = { 0 };
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str text = join3(&a, str_of(cases[i].begin), repeat(&a, cases[i].part, cases[i].n),
					str_of(cases[i].end));

		assert_int_equal(tokens_of(&a, text, 100000, &out, &err), cases[i].want);
	}
}

/* The buffer is 256 KiB: tokens of any kind lie across its end. */
static void tokens_cross_the_end_of_the_buffer(void **state)
{
	static const char *const tokens[] = { "\"plain text of some length\"",
					      "\"\\u00e9\\ud83d\\ude00\\n\\\\\"",
					      "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "-123.456e+78",
					      "false" };
	enum { BUFFER_BYTES = 256 * 1024 };
	struct err err = { 0 };
	struct str want, out;

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		for (size_t before = BUFFER_BYTES - 30; before <= BUFFER_BYTES; before++) {
			autoarena struct arena a = { 0 };
			struct str blanks = repeat(&a, " ", before);

			assert_int_equal(tokens_of(&a, str_of(tokens[i]), 100, &want, &err), 0);
			assert_int_equal(tokens_of(&a, join3(&a, blanks, str_of(tokens[i]), STR(" ")),
						   SIZE_MAX, &out, &err),
					 0);
			assert_true(str_eq(out, want));
		}
}

static void long_strings_come_in_one_piece(void **state)
{
	static const size_t sizes[] = { 100000, 262142, 262144, 300000, 5000000 };
	struct err err = { 0 };
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t piece = 4001; piece < 10000000; piece *= 20) {
			autoarena struct arena a = { 0 };
			struct str body = repeat(&a, "0123456789", sizes[i] / 10);
			struct str text = join3(&a, STR("[1,\"x"), body, STR("\\n\",2]"));

			assert_int_equal(tokens_of(&a, text, piece, &out, &err), 0);
			assert_true(str_eq(out, join3(&a, STR("[ 1 s(x"), body, STR("\n) 2 ]"))));
		}
}

static void a_value_can_be_passed_over(void **state)
{
	struct json_reader *j = json_reader_open_text(STR("[[1,[2,{\"a\":[]}]],{\"b\":{\"c\":0}},\"s\",3]"));
	struct json_token token;
	struct err err = { 0 };
	uint64_t line, column;

	(void)state;
	assert_int_equal(json_next(j, &token, &err), 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(json_next(j, &token, &err), 1);
		assert_int_equal(json_skip(j, &token, &err), 0);
	}
	assert_int_equal(json_next(j, &token, &err), 1);
	assert_str_is(token.text, "3");
	json_position(j, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 37);
	assert_int_equal(json_next(j, &token, &err), 1);
	assert_int_equal(token.type, JSON_ARRAY_END);
	assert_int_equal(token.text.n, 0);
	assert_int_equal(json_next(j, &token, &err), 0);
	assert_int_equal(json_next(j, &token, &err), 0);
	json_reader_close(j);
}

static void positions_count_lines_over_many_buffers(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = join3(&a, STR("["), repeat(&a, "\"a\\nb\",\n ", 100000), STR("\n\n?"));
	struct err err = { 0 };
	struct str out;

	(void)state;
	assert_int_equal(tokens_of(&a, text, SIZE_MAX, &out, &err), E_FORMAT);
	assert_string_equal(err.text, "line 100003 column 1: a value is expected");
}

static void documents_may_follow_one_another(void **state)
{
	static const char text[] = "{\"a\":1}\n[]\n\n 7 \n";
	static const int values[] = { JSON_OBJECT, JSON_ARRAY, JSON_NUMBER };
	autojson struct json_reader *j = json_reader_open_text(str_of(text));
	struct json_token token;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(json_next(j, &token, &err), 1);
		assert_int_equal(token.type, values[i]);
		assert_int_equal(json_skip(j, &token, &err), 0);
		assert_int_equal(json_next_document(j, &err), i < 2);
	}
	assert_int_equal(json_next(j, &token, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_become_tokens),
		cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
		cmocka_unit_test(a_nul_byte_is_no_end),
		cmocka_unit_test(limits_are_crossed_by_one),
		cmocka_unit_test(tokens_cross_the_end_of_the_buffer),
		cmocka_unit_test(long_strings_come_in_one_piece),
		cmocka_unit_test(a_value_can_be_passed_over),
		cmocka_unit_test(positions_count_lines_over_many_buffers),
		cmocka_unit_test(documents_may_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
