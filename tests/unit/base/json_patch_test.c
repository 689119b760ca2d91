/* SPDX-License-Identifier: Apache-2.0 */
/* json_patch: merge patches and patches of operations; the cases follow the rules of RFC 7386 section 2 and
 * RFC 6902 section 4 one by one. */
#include "../unit.h"

#include "base/cursor.h"
#include "base/json_patch.h"
#include "base/limits.h"

#include <stdio.h>

static void write_value(struct buffer *b, const struct json_value *v)
{
	switch (v->type) {
	case JSON_FALSE: put_bytes(b, STR("false")); return;
	case JSON_TRUE: put_bytes(b, STR("true")); return;
	case JSON_STRING: put_bytes(b, str_format(b->arena, "\"" STR_FMT "\"", STR_ARG(v->text))); return;
	case JSON_NUMBER: put_bytes(b, v->text); return;
	case JSON_ARRAY: put_bytes(b, STR("[")); break;
	case JSON_OBJECT: put_bytes(b, STR("{")); break;
	default: put_bytes(b, STR("null")); return;
	}
	for (size_t i = 0; i < v->n; i++) {
		if (i)
			put_bytes(b, STR(","));
		if (v->type == JSON_OBJECT)
			put_bytes(b, str_format(b->arena, "\"" STR_FMT "\":", STR_ARG(v->keys[i])));
		write_value(b, &v->items[i]);
	}
	put_bytes(b, v->type == JSON_OBJECT ? STR("}") : STR("]"));
}

static struct json_value tree(struct arena *a, struct str text)
{
	struct json_value v;
	struct err err = { 0 };

	if (json_parse(a, text, &v, &err) < 0)
		fail_msg(STR_FMT ": %s", STR_ARG(text), err.text);
	return v;
}

static struct str text_of(struct arena *a, const struct json_value *v)
{
	struct buffer b = { .arena = a };

	write_value(&b, v);
	return buffer_str(&b);
}

static void merge_patches_merge(void **state)
{
	static const struct {
		const char *target, *patch, *want;
	} cases[] = {
		{ "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1,\"b\":2}", "{\"a\":null}", "{\"b\":2}" },
		{ "{\"a\":1}", "{\"b\":null}", "{\"a\":1}" },
		{ "{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}" },
		{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":3,\"z\":null}}", "{\"a\":{\"x\":1,\"y\":3}}" },
		{ "{\"a\":\"text\"}", "{\"a\":{\"x\":{\"y\":null,\"z\":1}}}", "{\"a\":{\"x\":{\"z\":1}}}" },
		{ "{\"a\":{\"x\":1}}", "{\"a\":5}", "{\"a\":5}" },
		{ "{\"a\":null}", "{\"b\":1}", "{\"a\":null,\"b\":1}" },
		{ "[1,2]", "{\"a\":1,\"b\":null}", "{\"a\":1}" },
		{ "{\"a\":1}", "[2]", "[2]" },
		{ "{\"a\":1}", "null", "null" },
		{ "{\"a\":[{\"b\":1}]}", "{\"a\":[null]}", "{\"a\":[null]}" },
		{ "{}", "{\"a\":{\"b\":{\"c\":null}}}", "{\"a\":{\"b\":{}}}" },
		{ "{\"a\":1,\"a\":2}", "{}", "{\"a\":2}" },
		{ "{\"a\":1}", "{\"a\":null,\"a\":3}", "{\"a\":3}" },
		{ "{\"a\":{\"k\":1}}", "{\"a\":null,\"a\":{\"j\":2}}", "{\"a\":{\"j\":2}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct json_value target = tree(&a, str_of(cases[i].target));
		struct json_value patch = tree(&a, str_of(cases[i].patch));
		struct json_value got = json_merge(&a, &target, &patch);

		if (!str_eq(text_of(&a, &got), str_of(cases[i].want)))
			fail_msg("%s + %s gave " STR_FMT, cases[i].target, cases[i].patch,
				 STR_ARG(text_of(&a, &got)));
		assert_true(str_eq(text_of(&a, &target), str_of(cases[i].target)));
	}
}

#define ADD(path, value) "{\"op\":\"add\",\"path\":\"" path "\",\"value\":" value "}"
#define REPLACE(path, value) "{\"op\":\"replace\",\"path\":\"" path "\",\"value\":" value "}"
#define TEST(path, value) "{\"op\":\"test\",\"path\":\"" path "\",\"value\":" value "}"
#define REMOVE(path) "{\"op\":\"remove\",\"path\":\"" path "\"}"
#define MOVE(from, path) "{\"op\":\"move\",\"path\":\"" path "\",\"from\":\"" from "\"}"
#define COPY(from, path) "{\"op\":\"copy\",\"path\":\"" path "\",\"from\":\"" from "\"}"

static const struct {
	const char *target, *patch, *want; /* want: the tree, or "error: ..." */
} cases[] = {
	{ "{}", "[]", "{}" },
	{ "{\"a\":1}", "[" ADD("/b", "[2]") "]", "{\"a\":1,\"b\":[2]}" },
	{ "{\"a\":1}", "[" ADD("/a", "2") "]", "{\"a\":2}" },
	{ "{\"a\":[1,3]}", "[" ADD("/a/1", "2") "," ADD("/a/0", "0") "]", "{\"a\":[0,1,2,3]}" },
	{ "{\"a\":[1]}", "[" ADD("/a/-", "2") "," ADD("/a/2", "3") "]", "{\"a\":[1,2,3]}" },
	{ "{\"a\":[]}", "[" ADD("/a/-", "{}") "," ADD("/a/0/x", "null") "]", "{\"a\":[{\"x\":null}]}" },
	{ "{\"a\":1}", "[" ADD("", "[5]") "]", "[5]" },
	{ "{\"a\":1,\"b\":2,\"c\":3}", "[" REMOVE("/b") "]", "{\"a\":1,\"c\":3}" },
	{ "[1,2,3]", "[" REMOVE("/0") "," REMOVE("/1") "]", "[2]" },
	{ "{\"a\":{\"b\":1}}", "[" REPLACE("/a/b", "[]") "]", "{\"a\":{\"b\":[]}}" },
	{ "{\"a\":1}", "[" REPLACE("", "{}") "]", "{}" },
	{ "{\"a\":{\"b\":1},\"c\":{}}", "[" MOVE("/a/b", "/c/d") "]", "{\"a\":{},\"c\":{\"d\":1}}" },
	{ "[1,2,3]", "[" MOVE("/0", "/2") "]", "[2,3,1]" },
	{ "{\"a\":{\"b\":1}}", "[" MOVE("/a/b", "/a/b") "]", "{\"a\":{\"b\":1}}" },
	{ "{\"a\":{\"b\":1}}", "[" COPY("/a", "/c") "," ADD("/c/x", "2") "]",
	  "{\"a\":{\"b\":1},\"c\":{\"b\":1,\"x\":2}}" },
	{ "{\"a/b\":1,\"m~n\":2,\"\":3,\"~1\":4}",
	  "[" TEST("/a~1b", "1") "," TEST("/m~0n", "2") "," TEST("/", "3") "," TEST("/~01", "4") "]",
	  "{\"a/b\":1,\"m~n\":2,\"\":3,\"~1\":4}" },
	{ "{\"a\":[1,{\"x\":1,\"y\":[true,null,\"t\"]}]}",
	  "[" TEST("/a", "[1.0,{\"y\":[true,null,\"t\"],\"x\":10e-1}]") "," REMOVE("/a") "]", "{}" },
	{ "{\"0\":1}", "[" ADD("/0", "2") "," ADD("/-", "3") "]", "{\"0\":2,\"-\":3}" },
	{ "{\"a\":1}", "[" TEST("/a", "2") "]", "error: operation 1: the test failed" },
	{ "{\"a\":\"1\"}", "[" TEST("/a", "1") "]", "error: operation 1: the test failed" },
	{ "{\"a\":9007199254740993}", "[" TEST("/a", "9007199254740992") "]",
	  "error: operation 1: the test failed" },
	{ "{\"a\":{\"x\":1}}", "[" TEST("/a", "{\"y\":1}") "]", "error: operation 1: the test failed" },
	{ "{\"a\":[1,2]}", "[" TEST("/a", "[2,1]") "]", "error: operation 1: the test failed" },
	{ "{}", "[" ADD("/a", "1") "," REMOVE("/b") "]", "error: operation 2: there is no 'b'" },
	{ "{}", "[" ADD("/a/b", "1") "]", "error: operation 1: there is no 'a'" },
	{ "{}", "[" REPLACE("/a", "1") "]", "error: operation 1: there is no 'a'" },
	{ "[1]", "[" ADD("/2", "1") "]", "error: operation 1: there is no '2'" },
	{ "[1]", "[" REPLACE("/-", "1") "]", "error: operation 1: '-' is no index" },
	{ "[1,2]", "[" REMOVE("/01") "]", "error: operation 1: '01' is no index" },
	{ "[1,2]", "[" REMOVE("/-1") "]", "error: operation 1: '-1' is no index" },
	{ "[1,2]", "[" REMOVE("/1e0") "]", "error: operation 1: '1e0' is no index" },
	{ "{\"a\":1}", "[" ADD("/a/b", "1") "]", "error: operation 1: there is no 'b'" },
	{ "{\"a\":{}}", "[" MOVE("/a", "/a/b") "]", "error: operation 1: a value cannot move into itself" },
	{ "{}", "[" ADD("a", "1") "]", "error: operation 1: path 'a' does not begin" },
	{ "{}", "[" ADD("/~2", "1") "]", "error: operation 1: in a path ~" },
	{ "{}", "[" ADD("/~", "1") "]", "error: operation 1: in a path ~" },
	{ "{}", "[" REMOVE("") "]", "error: operation 1: the whole document" },
	{ "{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", "error: operation 1: there is no 'value'" },
	{ "{}", "[{\"op\":\"copy\",\"path\":\"/a\"}]", "error: operation 1: there is no 'from'" },
	{ "{}", "[{\"op\":\"add\",\"value\":1}]", "error: operation 1: there is no 'path'" },
	{ "{}", "[{\"op\":\"put\",\"path\":\"\"}]", "error: operation 1: there is no op 'put'" },
	{ "{}", "[5]", "error: operation 1: there is no 'path'" },
	{ "{}", "{}", "error: a patch is a list" },
};

static void patches_are_applied_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct json_value target = tree(&a, str_of(cases[i].target));
		struct json_value patch = tree(&a, str_of(cases[i].patch)), out = { 0 };
		struct str want = str_of(cases[i].want), got;
		struct err err = { 0 };
		int rc = json_patch(&a, &target, &patch, &out, &err);

		got = rc < 0 ? str_format(&a, "error: %s", err.text) : text_of(&a, &out);
		if (rc < 0 ? !str_starts(got, want) : !str_eq(got, want))
			fail_msg("%s\n%s\ngave " STR_FMT "\nnot  %s", cases[i].target, cases[i].patch,
				 STR_ARG(got), cases[i].want);
		assert_int_equal(rc == E_CONFLICT, str_search(want, STR("test failed")) < want.n);
		assert_true(str_eq(text_of(&a, &target), str_of(cases[i].target)));
	}
}

/* Each copy doubles what is there; each add goes one level deeper. */
static void what_a_patch_makes_is_bounded(void **state)
{
	static const char *const operations[] = { COPY("", "/a"), ADD("/a", "[]"), MOVE("", "/a") };
	autoarena struct arena a = { 0 };
	struct buffer doubling = { .arena = &a }, deep = { .arena = &a };
	struct json_value target = tree(&a, STR("{\"x\":[1,2,3]}")), patch, out;
	struct err err = { 0 };

	(void)state;
	put_bytes(&doubling, STR("["));
	for (int i = 0; i < 64; i++)
		put_bytes(&doubling, str_format(&a, "%s%s", i ? "," : "", operations[0]));
	put_bytes(&doubling, STR("]"));
	patch = tree(&a, buffer_str(&doubling));
	assert_int_equal(json_patch(&a, &target, &patch, &out, &err), E_LIMIT);

	put_bytes(&deep, STR("["));
	for (unsigned i = 0; i < LIMIT_JSON_DEPTH + 1; i++) {
		put_bytes(&deep, str_format(&a, "%s{\"op\":\"add\",\"value\":{},\"path\":\"", i ? "," : ""));
		for (unsigned j = 0; j < i; j++)
			put_bytes(&deep, STR("/a"));
		put_bytes(&deep, STR("\"}"));
	}
	put_bytes(&deep, STR("]"));
	patch = tree(&a, buffer_str(&deep));
	assert_int_equal(json_patch(&a, &target, &patch, &out, &err), E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merge_patches_merge),
		cmocka_unit_test(patches_are_applied_in_order),
		cmocka_unit_test(what_a_patch_makes_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
