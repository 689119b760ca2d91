/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit.h"

#include "base/arena.h"

static void cut_splits_at_the_first_and_rcut_at_the_last_separator(void **state)
{
	struct str head, tail;

	(void)state;
	assert_true(str_cut(STR("a:b:c"), ':', &head, &tail));
	assert_str_is(head, "a");
	assert_str_is(tail, "b:c");
	assert_true(str_rcut(STR("a:b:c"), ':', &head, &tail));
	assert_str_is(head, "a:b");
	assert_str_is(tail, "c");
	assert_false(str_cut(STR("abc"), ':', &head, &tail));
	assert_str_is(head, "abc");
	assert_int_equal(tail.n, 0);
	assert_false(str_rcut((struct str){ 0 }, ':', &head, &tail));
}

static void lines_and_words_come_one_by_one(void **state)
{
	struct str rest = STR("one\n\ntwo"), line, words = STR("  a\tbc  "), word;

	(void)state;
	assert_true(str_line(&rest, &line));
	assert_str_is(line, "one");
	assert_true(str_line(&rest, &line));
	assert_str_is(line, "");
	assert_true(str_line(&rest, &line));
	assert_str_is(line, "two");
	assert_false(str_line(&rest, &line));
	assert_true(str_word(&words, &word));
	assert_str_is(word, "a");
	assert_true(str_word(&words, &word));
	assert_str_is(word, "bc");
	assert_false(str_word(&words, &word));
}

static void order_is_bytewise_and_shorter_first(void **state)
{
	(void)state;
	assert_int_equal(str_cmp(STR("a"), STR("ab")), -1);
	assert_int_equal(str_cmp(STR("b"), STR("ab")), 1);
	assert_int_equal(str_cmp(STR("\xff"), STR("a")), 1);
	assert_int_equal(str_cmp((struct str){ 0 }, STR("")), 0);
}

static void numbers_are_whole_and_bounded(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_true(str_u64(STR("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_false(str_u64(STR("18446744073709551616"), UINT64_MAX, &v));
	assert_false(str_u64(STR(""), 10, &v));
	assert_false(str_u64(STR("1x"), 10, &v));
	assert_false(str_u64(STR("-1"), 10, &v));
	assert_false(str_u64(STR("11"), 10, &v));
	assert_true(str_u64(STR("010"), 10, &v));
	assert_int_equal(v, 10);
}

static void text_is_utf8_without_nul(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		bool ok;
	} cases[] = {
		{ "", 0, true },
		{ "plain", 5, true },
		{ "\xc3\xa9", 2, true },
		{ "\xe2\x82\xac", 3, true },
		{ "\xf0\x9f\x98\x80", 4, true },
		{ "a\0b", 3, false },
		{ "\xc3", 1, false },
		{ "\xc0\x80", 2, false },
		{ "\xe0\x80\x80", 3, false },
		{ "\xed\xa0\x80", 3, false },
		{ "\xf4\x90\x80\x80", 4, false },
		{ "\x80", 1, false },
		{ "\xf5\x80\x80\x80", 4, false },
		{ "\xe2\x82", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(str_is_text((struct str){ cases[i].p, cases[i].n }), cases[i].ok);
}

static void what_is_printed_cannot_steer_a_terminal(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_str_is(str_printable(&a, STR("caf\xc3\xa9\tx\n")), "caf\xc3\xa9\tx\n");
	assert_str_is(str_printable(&a, STR("\x1b[2J")), "\\x1b[2J");
	assert_str_is(str_printable(&a, STR("\xff\x7f\xc2\x9b")), "\\xff\\x7f\\xc2\\x9b");
}

static void patterns_match_all_of_a_text(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "a/b", true },
		{ "a*", "ba", false },
		{ "*a", "ba", true },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "**", "x", true },
		{ "?", "", false },
		{ "abc", "abcd", false },
		{ "a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (str_glob(str_of(cases[i].pattern), str_of(cases[i].text)) != cases[i].want)
			fail_msg("%s %s", cases[i].pattern, cases[i].text);
}

static void the_nearest_word_is_near(void **state)
{
	static const char *const words[] = { "oci", "oci-archive", "docker-archive", "dir", NULL };

	(void)state;
	assert_string_equal(str_nearest("docker-archiv", words), "docker-archive");
	assert_string_equal(str_nearest("ocu", words), "oci");
	assert_string_equal(str_nearest("docker", words), "docker-archive");
	assert_null(str_nearest("registry", words));
}

static void small_helpers(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_str_is(str_trim(STR(" \t x y \r\n")), "x y");
	assert_str_is(str_strip(STR("\"'x'\""), STR("'\"")), "x");
	assert_str_is(str_lower(&a, STR("AbC1")), "abc1");
	assert_true(str_eq_nocase(STR("ETag"), STR("etag")));
	assert_false(str_eq_nocase(STR("ETag"), STR("etags")));
	assert_int_equal(str_search(STR("haystack"), STR("st")), 3);
	assert_int_equal(str_search(STR("haystack"), STR("x")), 8);
	assert_true(str_starts(STR("abc"), STR("ab")) && str_ends(STR("abc"), STR("bc")));
	assert_str_is(str_format(&a, "%s-%d", "x", 5), "x-5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_splits_at_the_first_and_rcut_at_the_last_separator),
		cmocka_unit_test(lines_and_words_come_one_by_one),
		cmocka_unit_test(order_is_bytewise_and_shorter_first),
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(text_is_utf8_without_nul),
		cmocka_unit_test(what_is_printed_cannot_steer_a_terminal),
		cmocka_unit_test(patterns_match_all_of_a_text),
		cmocka_unit_test(the_nearest_word_is_near),
		cmocka_unit_test(small_helpers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
