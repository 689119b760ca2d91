/* SPDX-License-Identifier: Apache-2.0 */
/* Widths of text on a terminal. */
#include "../unit.h"

#include "base/arena.h"
#include "report/text_width.h"

static const struct {
	const char *text;
	unsigned want;
} widths[] = {
	{ "", 0 },
	{ "abc", 3 },
	{ "h\xc3\xa9", 2 }, /* precomposed */
	{ "he\xcc\x81", 2 }, /* combining acute */
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4 }, /* two ideographs */
	{ "\xf0\x9f\x98\x80", 2 }, /* emoji */
	{ "\xe2\x80\x8b", 0 }, /* zero width space */
	{ "\xff\xfe", 2 }, /* no UTF-8 */
	{ "\xe6\xbc", 2 }, /* cut short */
};

static void columns_are_counted_by_code_point(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		assert_int_equal(text_columns(str_of(widths[i].text)), widths[i].want);
}

static const struct {
	const char *text;
	unsigned columns;
	const char *want;
} cuts[] = {
	{ "abcdef", 6, "abcdef" },
	{ "abcdefg", 6, "abcde\xe2\x80\xa6" },
	{ "abcd efg", 6, "abcd\xe2\x80\xa6" },
	{ "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2", 4, "\xe6\xbc\xa2\xe2\x80\xa6" },
	{ "abc", 1, "\xe2\x80\xa6" },
};

static void cutting_leaves_whole_code_points(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str got = text_cut(&a, str_of(cuts[i].text), cuts[i].columns);

		assert_str_is(got, cuts[i].want);
	}
}

static const struct {
	const char *text, *want;
} cleans[] = {
	{ "plain", "plain" },
	{ " a\n b\t\tc ", "a b c" },
	{ "a  b", "a b" },
	{ "\x1b[31mred", "\\x1b[31mred" },
	{ "x\xe2\x80\xaey", "x<U+202E>y" },
	{ "\xe2\x81\xa6", "<U+2066>" },
	{ "\n", "" },
	{ "", "" },
};

static void cleaning_leaves_one_line_that_cannot_move(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cleans) / sizeof(cleans[0]); i++) {
		autoarena struct arena a = { 0 };

		assert_str_is(text_clean(&a, str_of(cleans[i].text)), cleans[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_counted_by_code_point),
		cmocka_unit_test(cutting_leaves_whole_code_points),
		cmocka_unit_test(cleaning_leaves_one_line_that_cannot_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
