/* SPDX-License-Identifier: Apache-2.0 */
/* Alpine versions: our table and the corpus tables. */
#include "cases.h"

static void our_table_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	assert_true(check_cases(&ordering_apk, "tests/data/versions/apk.txt", false, &count));
	assert_true(count.lines > 60);
}

/* Lines "a op b  # comment", "version" and "!invalid"; operators with `~` ask for a fuzzy match, no ordering.
 */
static void apk_tools_line(struct str line, struct case_count *count)
{
	struct str text, comment, rest, word, op;
	bool is_invalid;

	str_cut(line, '#', &text, &comment);
	rest = text = str_trim(text);
	if (!str_word(&rest, &word))
		return;
	is_invalid = word.p[0] == '!';
	if (str_word(&rest, &op)) {
		if (str_find(op, '~') == op.n)
			check_line(&ordering_apk, text, false, count);
		return;
	}
	count->lines++;
	check_validity(&ordering_apk, is_invalid ? str_sub(word, 1, word.n - 1) : word, !is_invalid);
}

static void the_table_of_apk_tools_holds(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a, "../shared/corpus/versions/apk-tools-version.data.odd"), line;
	struct case_count count = { 0 };

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	while (str_line(&text, &line))
		apk_tools_line(line, &count);
	print_message("%u lines\n", count.lines);
	assert_true(count.lines > 300);
}

static void every_valid_line_of_the_corpus_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	if (!check_cases(&ordering_apk, "../shared/corpus/versions/osv-alpine-versions.txt", true, &count)) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_true(check_cases(&ordering_apk,
				"../shared/corpus/versions/osv-alpine-versions-generated-odd.txt.gz", true,
				&count));
	print_message("%u lines, %u of them not two valid versions\n", count.lines, count.skipped);
	assert_true(count.lines - count.skipped > 3000);
}

static void texts_that_are_no_versions_are_ordered_all_the_same(void **state)
{
	static const char *const texts[] = { "",      "a",	"b",	 "1.0",	 "1.0!",
					     "1.0!!", "1.0_rc", "1.0_x", "1.0-", "-" };
	enum { N = sizeof(texts) / sizeof(texts[0]) };

	(void)state;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			int c = ordering_apk.compare(str_of(texts[i]), str_of(texts[j]));

			assert_int_equal(c, -ordering_apk.compare(str_of(texts[j]), str_of(texts[i])));
			assert_true((c == 0) == (i == j));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_table_holds),
		cmocka_unit_test(the_table_of_apk_tools_holds),
		cmocka_unit_test(every_valid_line_of_the_corpus_holds),
		cmocka_unit_test(texts_that_are_no_versions_are_ordered_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
