/* SPDX-License-Identifier: Apache-2.0 */
/* json: trees and writing. */
#include "../unit.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"

static void a_document_becomes_a_tree(void **state)
{
	autoarena struct arena a = { 0 };
	struct err err = { 0 };
	struct json_value v;
	const struct json_value *list;

	(void)state;
	assert_int_equal(json_parse(&a,
				    STR("{\"name\":\"x\",\"n\":-42,\"list\":[1,\"two\",null,[],{}],\"f\":1.5,"
					"\"t\":true,\"name\":\"last\"}"),
				    &v, &err),
			 0);
	assert_int_equal(v.type, JSON_OBJECT);
	assert_int_equal(v.n, 6);
	assert_str_is(v.keys[2], "list");
	assert_str_is(json_get_str(&v, "name"), "last");
	assert_str_is(v.items[0].text, "x");
	assert_int_equal(json_get_int(&v, "n", 0), -42);
	assert_int_equal(json_get_int(&v, "f", 7), 7);
	assert_int_equal(json_get_int(&v, "name", 7), 7);
	assert_int_equal(json_get_int(&v, "absent", 7), 7);
	assert_int_equal(json_get(&v, "t")->type, JSON_TRUE);
	list = json_get(&v, "list");
	assert_int_equal(list->n, 5);
	assert_str_is(list->items[1].text, "two");
	assert_int_equal(list->items[3].type, JSON_ARRAY);
	assert_int_equal(list->items[4].n, 0);
	assert_null(json_get(list, "name"));
	assert_null(json_get(NULL, "name"));
	assert_int_equal(json_get_str(&v, "n").n, 0);
}

static void values_of_a_document_know_their_lines(void **state)
{
	autoarena struct arena a = { 0 };
	struct err err = { 0 };
	struct json_value v;

	(void)state;
	assert_int_equal(
		json_parse(&a, STR("{\n\"a\":\n\n1,\n\"b\": [2,\n{\"c\":\n[]}\n],\"d\":3}"), &v, &err), 0);
	assert_int_equal(v.line, 1);
	assert_int_equal(v.items[0].line, 2);
	assert_int_equal(v.items[1].line, 5);
	assert_int_equal(v.items[1].items[0].line, 5);
	assert_int_equal(v.items[1].items[1].line, 6);
	assert_int_equal(v.items[1].items[1].items[0].line, 6);
	assert_int_equal(v.items[2].line, 8);
}

static void integers_are_whole_and_fit(void **state)
{
	static const struct {
		const char *number;
		int64_t want;
	} cases[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "9223372036854775808", 5 },
		{ "-9223372036854775809", 5 },
		{ "1e3", 5 },
		{ "1.0", 5 },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct json_value v;

		assert_int_equal(json_parse(&a, str_format(&a, "{\"n\":%s}", cases[i].number), &v, &err), 0);
		assert_int_equal(json_get_int(&v, "n", 5), cases[i].want);
	}
}

static void a_broken_document_makes_no_tree(void **state)
{
	autoarena struct arena a = { 0 };
	struct json_value v = { .n = 77 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_parse(&a, STR(""), &v, &err), E_FORMAT);
	assert_int_equal(json_parse(&a, STR("[1"), &v, &err), E_FORMAT);
	assert_int_equal(json_parse(&a, STR("[1] 2"), &v, &err), E_FORMAT);
	assert_int_equal(v.n, 77);
}

/* Values of a few bytes cost more memory than they have: that is what the limit is of. */
static void a_tree_has_a_limit(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct json_reader *j;
	struct json_token token;
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("[0"));
	for (int i = 0; i < 3000; i++)
		put_bytes(&b, STR(",0"));
	put_bytes(&b, STR("]"));
	for (int i = 0; i < 2; i++) {
		autoarena struct arena tree = { 0 };

		j = json_reader_open_text(buffer_str(&b));
		assert_int_equal(json_next(j, &token, &err), 1);
		assert_int_equal(json_tree(j, &token, &tree, i ? MIB : 100 * KIB, &v, &err), i ? 0 : E_LIMIT);
		json_reader_close(j);
	}
	assert_int_equal(v.n, 3001);
}

static void trees_are_read_one_record_at_a_time(void **state)
{
	autoarena struct arena a = { 0 };
	struct json_reader *j = json_reader_open_text(STR("[{\"a\":1},\"two\",[3]]"));
	struct json_token token;
	struct json_value v;
	struct err err = { 0 };
	int n = 0;

	(void)state;
	assert_int_equal(json_next(j, &token, &err), 1);
	while (json_next(j, &token, &err) > 0 && token.type != JSON_ARRAY_END) {
		assert_int_equal(json_tree(j, &token, &a, MIB, &v, &err), 0);
		assert_int_equal(v.type, ((enum json_type[]){ JSON_OBJECT, JSON_STRING, JSON_ARRAY })[n++]);
	}
	assert_int_equal(n, 3);
	assert_int_equal(json_next(j, &token, &err), 0);
	json_reader_close(j);
}

/* ---- writing ---- */

static void write_sample(struct json_writer *w)
{
	json_object_begin(w);
	json_member(w, "name", STR("x"));
	json_member_int(w, "n", -5);
	json_member_bool(w, "yes", true);
	json_key(w, "list");
	json_array_begin(w);
	json_int(w, 1);
	json_u64(w, UINT64_MAX);
	json_null(w);
	json_object_begin(w);
	json_object_end(w);
	json_array_begin(w);
	json_array_end(w);
	json_array_end(w);
	json_key_str(w, STR("last"));
	json_bool(w, false);
	json_object_end(w);
}

static void commas_and_blanks_are_the_writers(void **state)
{
	static const char *const want[] = {
		"{\"name\":\"x\",\"n\":-5,\"yes\":true,\"list\":[1,18446744073709551615,null,{},[]],\"last\":"
		"false}",
		"{\n  \"name\": \"x\",\n  \"n\": -5,\n  \"yes\": true,\n  \"list\": [\n    1,\n"
		"    18446744073709551615,\n    null,\n    {},\n    []\n  ],\n  \"last\": false\n}",
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		autoarena struct arena a = { 0 };
		struct buffer b = { .arena = &a };
		struct mem_writer to;
		struct json_writer w;
		struct err err = { 0 };

		mem_writer_open(&to, &b);
		json_writer_open(&w, &to.writer, 2 * i, &err);
		write_sample(&w);
		assert_int_equal(json_writer_end(&w), 0);
		assert_str_is(buffer_str(&b), want[i]);
	}
}

static void strings_are_escaped(void **state)
{
	static const struct {
		const char *text, *compact, *indented; /* indented NULL: the same */
	} cases[] = {
		{ "", "\"\"", NULL },
		{ "a \"quoted\" back\\slash", "\"a \\\"quoted\\\" back\\\\slash\"", NULL },
		{ "\n\r\t\b\f\x01\x1f\x7f", "\"\\n\\r\\t\\u0008\\u000c\\u0001\\u001f\x7f\"", NULL },
		{ "<a href=\"x\">&", "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\"", "\"<a href=\\\"x\\\">&\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", NULL },
		{ "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\"\\u2028\\u2029\xe2\x80\xaa\"",
		  "\"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\"" },
		{ "a\xff\xc3(\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\"", NULL },
		{ "eight or more plain bytes, then <", "\"eight or more plain bytes, then \\u003c\"",
		  "\"eight or more plain bytes, then <\"" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const char *indented = cases[i / 2].indented ? cases[i / 2].indented : cases[i / 2].compact;
		autoarena struct arena a = { 0 };
		struct buffer b = { .arena = &a };
		struct mem_writer to;
		struct json_writer w;
		struct err err = { 0 };

		mem_writer_open(&to, &b);
		json_writer_open(&w, &to.writer, i % 2, &err);
		json_str(&w, str_of(cases[i / 2].text));
		assert_int_equal(json_writer_end(&w), 0);
		assert_str_is(buffer_str(&b), i % 2 ? indented : cases[i / 2].compact);
	}
}

static void every_byte_can_be_written_and_read_again(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct mem_writer to;
	struct json_writer w;
	struct json_value v;
	struct err err = { 0 };
	char bytes[127];

	(void)state;
	for (int i = 0; i < 127; i++)
		bytes[i] = (char)(i + 1);
	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, &err);
	json_str(&w, (struct str){ bytes, sizeof(bytes) });
	assert_int_equal(json_parse(&a, buffer_str(&b), &v, &err), 0);
	assert_true(str_eq(v.text, (struct str){ bytes, sizeof(bytes) }));
}

static int full_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	(void)w, (void)buf, (void)n;
	return err_set(err, E_IO, "disk full");
}

static void the_first_error_is_kept(void **state)
{
	struct writer full = { full_write };
	struct json_writer w;
	struct err err = { 0 };

	(void)state;
	json_writer_open(&w, &full, 0, &err);
	write_sample(&w);
	assert_int_equal(json_writer_end(&w), E_IO);
	assert_string_equal(err.text, "disk full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_becomes_a_tree),
		cmocka_unit_test(values_of_a_document_know_their_lines),
		cmocka_unit_test(integers_are_whole_and_fit),
		cmocka_unit_test(a_broken_document_makes_no_tree),
		cmocka_unit_test(a_tree_has_a_limit),
		cmocka_unit_test(trees_are_read_one_record_at_a_time),
		cmocka_unit_test(commas_and_blanks_are_the_writers),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(every_byte_can_be_written_and_read_again),
		cmocka_unit_test(the_first_error_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
