/* SPDX-License-Identifier: Apache-2.0 */
/* Long texts of advisories: cut, and joined. */
#include "../unit.h"

#include "base/limits.h"
#include "feed/texts.h"

static void texts_are_cut_between_characters(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *want;
	} cases[] = { { "abc", 3, "abc" },
		      { "abc", 2, "ab" },
		      { "abc", 0, "" },
		      { "a\xc3\xa9", 2, "a" },
		      { "a\xc3\xa9", 3, "a\xc3\xa9" },
		      { "\xf0\x9f\x98\x80", 3, "" },
		      { "", 5, "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str_is(texts_cut(str_of(cases[i].text), cases[i].max), cases[i].want);
}

static void links_are_joined_once(void **state)
{
	static const char *const links[] = { "https://a.example", "two words",	       "",
					     "https://b.example", "https://a.example", " https://c.example" };
	autoarena struct arena a = { 0 };
	str_list list = { 0 };

	(void)state;
	assert_str_is(texts_links(&a, &list), "");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		VEC_PUSH(&a, &list, str_of(links[i]));
	assert_str_is(texts_links(&a, &list), "https://a.example https://b.example");
}

static void links_above_the_limit_are_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	str_list list = { 0 };

	(void)state;
	for (size_t i = 0; i < LIMIT_FEED_TEXT_BYTES / 16; i++)
		VEC_PUSH(&a, &list, str_format(&a, "https://a.example/%zu", i));
	assert_in_range(texts_links(&a, &list).n, LIMIT_FEED_TEXT_BYTES - 32, LIMIT_FEED_TEXT_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(links_are_joined_once),
		cmocka_unit_test(links_above_the_limit_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
