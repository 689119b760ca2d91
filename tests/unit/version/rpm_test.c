/* SPDX-License-Identifier: Apache-2.0 */
/* rpm versions: our table, the corpus tables, and the ways to write an operator there. */
#include "cases.h"

static void our_table_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	assert_true(check_cases(&ordering_rpm, "tests/data/versions/rpm.txt", false, &count));
	assert_true(count.lines > 80);
}

static void every_line_of_the_distribution_tables_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	if (!check_cases(&ordering_rpm, "../shared/corpus/versions/osv-redhat-versions.txt", false, &count)) {
		print_message("skipped: no corpus\n");
		skip();
	}
	print_message("%u lines\n", count.lines);
	assert_true(count.lines > 100);
}

/* This table writes "==". */
static void every_pair_with_names_and_architectures_holds(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a, "../shared/corpus/versions/claircore-rpmver-compare"), line, x, op,
		   y;
	unsigned lines = 0;

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	while (str_line(&text, &line)) {
		if (str_starts(line, STR("#")) || !str_word(&line, &x))
			continue;
		assert_true(str_word(&line, &op) && str_word(&line, &y));
		check_pair(&ordering_rpm, x, op.p[0], y);
		lines++;
	}
	assert_true(lines >= 11);
}

/* A text put together from the parts that the table states is equal to the one they were taken from. */
static void every_text_of_the_parse_table_has_its_parts(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a, "../shared/corpus/versions/claircore-rpmver-parse"), line, in,
		   part[5];
	unsigned lines = 0;

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	while (str_line(&text, &line)) {
		struct str bare;

		if (str_starts(line, STR("#")) || !str_word(&line, &in))
			continue;
		for (int i = 0; i < 5; i++) {
			assert_true(str_word(&line, &part[i]));
			part[i] = str_strip(part[i], STR("'\""));
		}
		bare = str_format(&a, STR_FMT "%s" STR_FMT ":" STR_FMT "-" STR_FMT "%s" STR_FMT,
				  STR_ARG(part[0]), part[0].n ? "-" : "", STR_ARG(part[1]), STR_ARG(part[2]),
				  STR_ARG(part[3]), part[4].n ? "." : "", STR_ARG(part[4]));
		check_pair(&ordering_rpm, in, '=', bare);
		lines++;
	}
	assert_int_equal(lines, 4);
}

static void it_is_found_by_its_name(void **state)
{
	(void)state;
	assert_ptr_equal(ordering_find(STR("rpm")), &ordering_rpm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_table_holds),
		cmocka_unit_test(every_line_of_the_distribution_tables_holds),
		cmocka_unit_test(every_pair_with_names_and_architectures_holds),
		cmocka_unit_test(every_text_of_the_parse_table_has_its_parts),
		cmocka_unit_test(it_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
