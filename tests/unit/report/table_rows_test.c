/* SPDX-License-Identifier: Apache-2.0 */
/* Merging matches into rows. */
#include "sample.h"

#include "report/table_rows.h"

static void matches_of_one_flaw_make_one_row(void **state)
{
	struct sample s;
	struct err err = { 0 };
	table_rows rows;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	assert_int_equal(table_rows_of(&s.task, &s.report, AFFECTED, &rows, &err), 0);
	assert_int_equal(rows.n, 2);
	assert_str_is(rows.p[1].cells[COLUMN_PACKAGE], "libcrypto3");
	assert_str_is(rows.p[1].cells[COLUMN_SEVERITY], "HIGH");
	assert_str_is(rows.p[1].cells[COLUMN_STATUS], "will not fix");
	assert_str_is(rows.p[1].cells[COLUMN_FIXED_IN], "3.3.1-r0");
	assert_str_is(rows.p[1].cells[COLUMN_LAYER], "#0 sha256:11111111 +1");
	task_close(&s.task);
}

static void undecided_is_not_repeated_for_what_is_affected(void **state)
{
	struct sample s;
	struct err err = { 0 };
	table_rows rows;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	sample_match(&s, 0, 0, 0, UNDECIDED, STR("another feed is not sure"));
	assert_int_equal(table_rows_of(&s.task, &s.report, UNDECIDED, &rows, &err), 0);
	assert_int_equal(rows.n, 1);
	assert_str_is(rows.p[0].cells[COLUMN_VULNERABILITY], "CVE-2099-0003");
	task_close(&s.task);
}

static const struct {
	const char *description, *want;
} titles[] = {
	{ "", "" },
	{ "One.", "One" },
	{ "One. Two.", "One" },
	{ "  One\ntwo. Three", "One\ntwo" },
	{ "One\n\nTwo", "One" },
	{ "Version 1.2.3 of it", "Version 1.2.3 of it" },
};

static void the_title_is_the_first_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		assert_str_is(table_title(str_of(titles[i].description)), titles[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_of_one_flaw_make_one_row),
		cmocka_unit_test(undecided_is_not_repeated_for_what_is_affected),
		cmocka_unit_test(the_title_is_the_first_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
