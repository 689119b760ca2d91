/* SPDX-License-Identifier: Apache-2.0 */
/* yaml: documents become the trees that a JSON text would give, and are written so that they are read again.
 */
#include "../unit.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "base/yaml_write.h"

#include <stdio.h>

static void write_json(struct json_writer *w, const struct json_value *v)
{
	switch (v->type) {
	case JSON_FALSE:
	case JSON_TRUE: json_bool(w, v->type == JSON_TRUE); return;
	case JSON_STRING: json_str(w, v->text); return;
	case JSON_ARRAY: json_array_begin(w); break;
	case JSON_OBJECT: json_object_begin(w); break;
	default: json_null(w); return;
	}
	for (size_t i = 0; i < v->n; i++) {
		if (v->type == JSON_OBJECT)
			json_key_str(w, v->keys[i]);
		if (v->items[i].type == JSON_NUMBER) {
			json_str(w, str_format(((struct mem_writer *)w->to)->buffer->arena, "#" STR_FMT,
					       STR_ARG(v->items[i].text)));
			continue;
		}
		write_json(w, &v->items[i]);
	}
	if (v->type == JSON_OBJECT)
		json_object_end(w);
	else
		json_array_end(w);
}

/* Compact JSON; numbers as "#12". */
static struct str as_json(struct arena *a, const struct json_value *v)
{
	struct buffer b = { .arena = a };
	struct mem_writer to;
	struct json_writer w;
	struct err err = { 0 };

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, &err);
	write_json(&w, v);
	assert_int_equal(json_writer_end(&w), 0);
	return buffer_str(&b);
}

static const struct {
	const char *text, *want; /* want: JSON, or "error: " and what it says */
} cases[] = {
	{ "", "{}" },
	{ "# only a comment\n", "{}" },
	{ "a: 1\n", "{\"a\":\"#1\"}" },
	{ "{\"a\": [1, \"1\", null]}", "{\"a\":[\"#1\",\"1\",null]}" },
	{ "a:\nb: ~\nc: null\nd: ''\n", "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"\"}" },
	{ "- true\n- True\n- tRue\n- 'true'\n- FALSE\n", "[true,true,\"tRue\",\"true\",false]" },
	{ "[yes, no, on, off, y]", "[\"yes\",\"no\",\"on\",\"off\",\"y\"]" },
	{ "[0x1F, 0o17, 0b101, 017, 08, 1_000, -5, +7, 0, -0x10]",
	  "[\"#31\",\"#15\",\"#5\",\"#15\",\"#8\",\"#1000\",\"#-5\",\"#7\",\"#0\",\"#-16\"]" },
	{ "[1.5, .5, 1., 1e3, -2.5e-3, 01.50, 1e, 0x, 1.2.3, 1:30, 6h]",
	  "[\"#1.5\",\"#0.5\",\"#1\",\"#1e3\",\"#-2.5e-3\",\"#1.50\",\"1e\",\"0x\",\"1.2.3\",\"1:30\","
	  "\"6h\"]" },
	{ "[18446744073709551615, 18446744073709551616, 0x1ffffffffffffffff]",
	  "[\"#18446744073709551615\",\"#18446744073709551616\",\"0x1ffffffffffffffff\"]" },
	{ "[!!str 5, !!int '5', ! '5', 2001-01-01]", "[\"5\",\"#5\",\"5\",\"2001-01-01\"]" },
	{ "a: |\n  two\n  lines\nb: >\n  folded\n  text\n",
	  "{\"a\":\"two\\nlines\\n\",\"b\":\"folded text\\n\"}" },
	{ "1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}" },
	{ "a: &x [1, 2]\nb: *x\n", "{\"a\":[\"#1\",\"#2\"],\"b\":[\"#1\",\"#2\"]}" },
	{ "a: &x word\n*x : b\n", "{\"a\":\"word\",\"word\":\"b\"}" },
	{ "base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n",
	  "{\"base\":{\"x\":\"#1\",\"y\":\"#2\"},\"c\":{\"y\":\"#3\",\"x\":\"#1\"}}" },
	{ "- &a {x: 1}\n- &b {x: 2, z: 3}\n- <<: [*a, *b]\n",
	  "[{\"x\":\"#1\"},{\"x\":\"#2\",\"z\":\"#3\"},{\"x\":\"#1\",\"z\":\"#3\"}]" },
	{ "'<<': 1\n", "{\"\\u003c\\u003c\":\"#1\"}" },
	{ "a: 1\n---\nb: 2\n", "{\"a\":\"#1\"}" },
	{ "a: 1\nb: 2\na: 3\n", "error: line 3: key 'a' is there twice" },
	{ "<<: 5\n", "error: line 2 column 1: << takes mappings only" },
	{ "a: *x\n", "error: line 1 column 4: an alias of nothing" },
	{ "a: &x [*x]\n", "error: line 1 column 8: an alias inside" },
	{ "? [a]\n: 1\n", "error: line 1 column 3: a key must be a word" },
	{ "a: &x {}\n*x : 1\n", "error: line 2 column 1: a key must be a word" },
	{ "a: .inf\n", "error: line 1 column 4: .inf is no number" },
	{ "a: \"\\0\"\n", "error: line 1 column 4: a zero byte" },
	{ "a: [1\n", "error: line 2 column 1: " },
	{ "a: 1\n\tb: 2\n", "error: line 2 column 1: " },
	{ "a: \xff\n", "error: byte 3: " },
	{ "\xff\xfe"
	  "a",
	  "error: UTF-16" },
	{ "%TAG ! tag:x,\n---\na: !y z\n", "{\"a\":\"z\"}" },
};

static void documents_become_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct json_value v;
		struct err err = { 0 };
		struct str want = str_of(cases[i].want), got;

		if (yaml_parse(&a, str_of(cases[i].text), &v, &err) < 0)
			got = str_format(&a, "error: %s", err.text);
		else
			got = as_json(&a, &v);
		if (str_starts(want, STR("error: ")) ? !str_starts(got, want) : !str_eq(got, want))
			fail_msg("%s\ngave  " STR_FMT "\nnot   %s", cases[i].text, STR_ARG(got),
				 cases[i].want);
	}
}

static void what_is_written_is_read_again(void **state)
{
	static const char *const strings[] = {
		"plain",
		"yes",
		"null",
		"1e3",
		"0x10",
		"two words",
		"colon: here",
		"#",
		"- a",
		"\"quoted\" \\",
		"line\nbreak\ttab",
		"\x7f\xc2\x85\xc2\xa0",
		"\xe2\x80\xa8",
		"\xef\xbb\xbf",
		"\xf0\x9f\x90\xa7",
		"~",
		"<<",
		"a/b-c.d_e+f",
		"%TAG",
		"&a",
		"*a",
		"!a",
		"?",
		"2001-01-01",
		"6h",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str key = str_of(strings[i]);
		struct json_value text = { .type = JSON_STRING, .text = key };
		struct json_value list = { .type = JSON_ARRAY, .items = &text, .n = 1 };
		struct json_value inner = { .type = JSON_OBJECT, .keys = &key, .items = &list, .n = 1 };
		struct json_value nested[] = { inner, { .type = JSON_ARRAY }, { .type = JSON_OBJECT }, list };
		struct json_value outer = { .type = JSON_ARRAY, .items = nested, .n = 4 }, again;
		struct json_value root = { .type = JSON_OBJECT, .keys = &key, .items = &outer, .n = 1 };
		struct buffer b = { .arena = &a };
		struct mem_writer to;
		struct err err = { 0 };

		mem_writer_open(&to, &b);
		assert_int_equal(yaml_write(&to.writer, &root, &err), 0);
		if (yaml_parse(&a, buffer_str(&b), &again, &err) < 0)
			fail_msg("%s: %s", strings[i], err.text);
		assert_true(str_eq(as_json(&a, &root), as_json(&a, &again)));
	}
}

static void written_documents_are_for_people(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct mem_writer to;
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		json_parse(&a,
			   STR("{\"indexer\":{\"migrations\":true,\"m\":[1,\"a b\",{\"x\":null,\"y\":[]}]}}"),
			   &v, &err),
		0);
	mem_writer_open(&to, &b);
	assert_int_equal(yaml_write(&to.writer, &v, &err), 0);
	assert_str_is(buffer_str(&b),
		      "indexer:\n  migrations: true\n  m:\n    - 1\n    - \"a b\"\n    - x: null\n"
		      "      \"y\": []\n");
}

static void values_know_their_lines(void **state)
{
	autoarena struct arena a = { 0 };
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_parse(&a, STR("\na:\n  b: 1\n  c:\n    - x\n    - y: z\n"), &v, &err), 0);
	assert_int_equal(v.items[0].line, 2);
	assert_int_equal(v.items[0].items[0].line, 3);
	assert_int_equal(v.items[0].items[1].line, 4);
	assert_int_equal(v.items[0].items[1].items[0].line, 5);
	assert_int_equal(v.items[0].items[1].items[1].items[0].line, 6);
}

/* Ten aliases a level, each of ten: 10^9 words after nine. */
static void laughs_are_bounded(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("a0: &a0 [lol]\n"));
	for (int i = 1; i < 12; i++)
		put_bytes(&b,
			  str_format(&a, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i,
				     i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
				     i - 1));
	assert_int_equal(yaml_parse(&a, buffer_str(&b), &v, &err), E_LIMIT);
	assert_true(a.used_bytes < 1 << 20);
}

static void directives_are_bounded(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 1001; i++)
		put_bytes(&b, str_format(&a, "%%TAG !%d! x\n", i));
	put_bytes(&b, STR("--- a\n"));
	assert_int_equal(yaml_parse(&a, buffer_str(&b), &v, &err), E_LIMIT);
}

static void depth_is_bounded(void **state)
{
	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		autoarena struct arena a = { 0 };
		struct buffer list = { .arena = &a }, chain = { .arena = &a };
		struct json_value v;
		struct err err = { 0 };

		for (unsigned i = 0; i < LIMIT_JSON_DEPTH + extra; i++)
			put_bytes(&list, STR("["));
		for (unsigned i = 0; i < LIMIT_JSON_DEPTH + extra; i++)
			put_bytes(&list, STR("]"));
		assert_int_equal(yaml_parse(&a, buffer_str(&list), &v, &err), extra ? E_LIMIT : 0);
		put_bytes(&chain, STR("a0: &a0 x\n"));
		for (unsigned i = 1; i < LIMIT_JSON_DEPTH + extra; i++)
			put_bytes(&chain, str_format(&a, "a%u: &a%u [*a%u]\n", i, i, i - 1));
		assert_int_equal(yaml_parse(&a, buffer_str(&chain), &v, &err), extra ? E_LIMIT : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_become_trees),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(written_documents_are_for_people),
		cmocka_unit_test(values_know_their_lines),
		cmocka_unit_test(laughs_are_bounded),
		cmocka_unit_test(directives_are_bounded),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
