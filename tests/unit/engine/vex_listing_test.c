/* SPDX-License-Identifier: Apache-2.0 */
/* The lists beside Red Hat's VEX archive: entries, and what is refused. */
#include "../unit.h"

#include "engine/vex_listing.h"

static void entries_are_read_with_their_times(void **state)
{
	struct vex_listing l = { .rest = STR("\"2023/cve-2023-0044.json\",\"2026-08-20T12:00:00+00:00\"\r\n"
					     "\n\"2014/cve-2014-0160.json\",\"2014-04-07T00:00:00Z\"") };
	autoarena struct arena a = { 0 };
	struct vex_entry e;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(vex_listing_next(&l, &e, &err), 1);
	assert_true(str_eq(e.path, STR("2023/cve-2023-0044.json")));
	assert_int_equal(e.year, 2023);
	assert_int_equal(e.changed, 1787227200);
	assert_true(str_eq(vex_entry_cve(&a, &e), STR("CVE-2023-0044")));
	assert_int_equal(vex_listing_next(&l, &e, &err), 1);
	assert_int_equal(e.changed, 1396828800);
	assert_int_equal(l.line, 3);
	assert_int_equal(vex_listing_next(&l, &e, &err), 0);
}

static void what_is_no_entry_is_refused_with_its_line(void **state)
{
	static const char *const bad[] = {
		"2023/cve-2023-0044.json,2026-08-20",
		"\"2023/cve-2023-0044.json\"",
		"\"2023/cve-2023-0044.json\",\"yesterday\"",
		"\"2023/cve-2023-0044.json\",\"2026-08-20\",1",
		"\"../cve-2023-0044.json\",\"2026-08-20\"",
		"\"2023/../../x.json\",\"2026-08-20\"",
		"\"/023/cve-2023-0044.json\",\"2026-08-20\"",
		"\"2023/.json\",\"2026-08-20\"",
		"\"2023/cve 2023.json\",\"2026-08-20\"",
		"\"2023/cve-2023-0044.json?x=.json\",\"2026-08-20\"",
		"<html>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vex_listing l = { .rest = str_of(bad[i]) };
		struct err err = { 0 };
		struct vex_entry e;

		print_message("%s\n", bad[i]);
		assert_int_equal(vex_listing_next(&l, &e, &err), E_FORMAT);
		assert_non_null(strstr(err.text, "line 1"));
	}
}

static void only_an_archive_of_a_day_is_a_name(void **state)
{
	static const char *const bad[] = { "", "csaf_vex_2026-08-20.tar.gz", "csaf_vex_2026-13-20.tar.zst",
					   "../csaf_vex_2026-08-20.tar.zst", "<html>" };
	struct err err = { 0 };
	struct str name;
	int64_t made;

	(void)state;
	assert_int_equal(vex_archive_name(STR("csaf_vex_2026-08-20.tar.zst\r\n"), &name, &made, &err), 0);
	assert_true(str_eq(name, STR("csaf_vex_2026-08-20.tar.zst")));
	assert_int_equal(made, 1787184000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(vex_archive_name(str_of(bad[i]), &name, &made, &err), E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_read_with_their_times),
		cmocka_unit_test(what_is_no_entry_is_refused_with_its_line),
		cmocka_unit_test(only_an_archive_of_a_day_is_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
