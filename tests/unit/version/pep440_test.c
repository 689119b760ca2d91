/* SPDX-License-Identifier: Apache-2.0 */
/* Python versions: our table and the corpus tables. */
#include "cases.h"

static void our_table_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	assert_true(check_cases(&ordering_pep440, "tests/data/versions/pep440.txt", false, &count));
	assert_true(count.lines > 150);
}

static void every_valid_line_of_the_corpus_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	if (!check_cases(&ordering_pep440, "../shared/corpus/versions/osv-pypi-versions.txt", true, &count)) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_true(check_cases(&ordering_pep440,
				"../shared/corpus/versions/osv-pypi-versions-generated-odd.txt.gz", true,
				&count));
	print_message("%u lines, %u of them not two valid versions\n", count.lines, count.skipped);
	assert_true(count.lines - count.skipped > 6000);
}

static void what_is_no_version_comes_first(void **state)
{
	static const char *const texts[] = { "", "!", "1.0x", "latest", "x" };
	enum { N = sizeof(texts) / sizeof(texts[0]) };

	(void)state;
	for (int i = 0; i < N; i++) {
		assert_int_equal(ordering_pep440.compare(str_of(texts[i]), STR("0.dev0")), -1);
		for (int j = 0; j < N; j++)
			assert_int_equal(ordering_pep440.compare(str_of(texts[i]), str_of(texts[j])),
					 (i > j) - (i < j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_table_holds),
		cmocka_unit_test(every_valid_line_of_the_corpus_holds),
		cmocka_unit_test(what_is_no_version_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
