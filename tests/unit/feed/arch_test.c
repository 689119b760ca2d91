/* SPDX-License-Identifier: Apache-2.0 */
/* Arch Linux' tracker: what each group becomes. The groups are ours, after the shape of the published ones.
 */
#include "../unit.h"
#include "rows.h"

#include "base/limits.h"
#include "feed/arch.h"

static const struct feed_source arch = { .namespace = STR("arch:rolling") };

#define GROUP(status, fixed, more)                                                                           \
	"{\"name\":\"AVG-1\",\"packages\":[\"p\"],\"status\":\"" status                                      \
	"\",\"severity\":\"High\",\"type\":\"denial of service\",\"affected\":\"1-1\",\"fixed\":" fixed      \
	",\"ticket\":null,\"issues\":[\"CVE-2024-1\"],\"advisories\":[\"ASA-202401-1\"]" more "}"
#define ROW(package, name, fixed, status, words)                                                             \
	"arch:rolling|" package "|binary||" name "|" fixed "|" status "|" words "|High|High| \n"

static void groups_become_advisories(void **state)
{
	static const struct {
		const char *group, *want;
	} cases[] = {
		{ GROUP("Fixed", "\"1:1.2-3\"", ""), ROW("p", "CVE-2024-1", "1:1.2-3", "affected", "") },
		{ GROUP("Vulnerable", "null", ""), ROW("p", "CVE-2024-1", "", "affected", "") },
		{ GROUP("Vulnerable", "\"1-2\"", ""), ROW("p", "CVE-2024-1", "1-2", "affected", "") },
		{ GROUP("Testing", "\"1-2\"", ""),
		  ROW("p", "CVE-2024-1", "1-2", "affected", "the fix is in the testing repositories") },
		{ GROUP("Not affected", "null", ""), ROW("p", "CVE-2024-1", "0", "not_affected", "") },
		{ GROUP("Not affected", "\"1-2\"", ""), ROW("p", "CVE-2024-1", "0", "not_affected", "") },
		{ GROUP("Unknown", "null", ""),
		  ROW("p", "CVE-2024-1", "", "under_investigation",
		      "the tracker does not know whether the package is affected") },
		{ GROUP("Unknown", "\"1-2\"", ""),
		  ROW("p", "CVE-2024-1", "1-2", "affected",
		      "the tracker does not know whether the package is affected") },
		/* of a repeated key the last counts */
		{ GROUP("Fixed", "\"2-1\"",
			",\"packages\":[\"p\",\"lib32-p\"],\"issues\":[\"CVE-2024-1\",\"CVE-2024-2\"]"),
		  ROW("p", "CVE-2024-1", "2-1", "affected", "")
			  ROW("lib32-p", "CVE-2024-1", "2-1", "affected", "")
				  ROW("p", "CVE-2024-2", "2-1", "affected", "")
					  ROW("lib32-p", "CVE-2024-2", "2-1", "affected", "") },
		{ GROUP("Fixed", "\"2-1\"", ",\"issues\":[]"), ROW("p", "AVG-1", "2-1", "affected", "") },
		{ GROUP("Fixed", "\"2-1\"", ",\"issues\":null"), ROW("p", "AVG-1", "2-1", "affected", "") },
		{ GROUP("Fixed", "\"2-1\"", ",\"packages\":[7,\"q\"]"),
		  "skipped: line 1: group \"AVG-1\": a package has no name\n" ROW("q", "CVE-2024-1", "2-1",
										  "affected", "") },
		{ GROUP("Fixed", "\"2-1\"", ",\"issues\":[\"\",\"a b\"]"),
		  "skipped: line 1: group \"AVG-1\": an issue has no name\n"
		  "skipped: line 1: group \"AVG-1\": an issue has no name\n" },
		{ GROUP("Forgotten", "\"2-1\"", ""),
		  "skipped: line 1: group \"AVG-1\": unknown status or version\n" },
		{ GROUP("Fixed", "\"0\"", ""),
		  "skipped: line 1: group \"AVG-1\": unknown status or version\n" },
		{ "{}",
		  "skipped: line 1: group \"\": no name, no list of packages, or a field is too long\n" },
		{ "7",
		  "skipped: line 1: group \"\": no name, no list of packages, or a field is too long\n" },
		{ "{\"name\":\"AVG-2\",\"packages\":\"p\"}", "skipped: line 1: group \"AVG-2\": no name, no "
							     "list of packages, or a field is too long\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(
			rows_parse(arch_parse, &arch, str_format(&a, "[%s]", cases[i].group), 0, &rows, &err),
			0);
		assert_str_is(buffer_str(&rows.text), cases[i].want);
		arena_reset(&rows.arena);
	}
}

static void severities_are_the_trackers(void **state)
{
	static const struct {
		const char *word;
		const char *want;
	} cases[] = { { "Low", "Low" },		  { "Medium", "Medium" },   { "High", "High" },
		      { "Critical", "Critical" }, { "Unknown", "Unknown" }, { "low", "Unknown" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };
		struct str text = str_format(&a,
					     "[{\"name\":\"AVG-1\",\"packages\":[\"p\"],\"status\":\"Fixed\","
					     "\"severity\":\"%s\"}]",
					     cases[i].word);

		assert_int_equal(rows_parse(arch_parse, &arch, text, 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text),
			      str_format(&a, "arch:rolling|p|binary||AVG-1||affected||%s|%s| \n",
					 cases[i].word, cases[i].want)
				      .p);
		arena_reset(&rows.arena);
	}
}

static void pages_of_the_tracker_are_the_links(void **state)
{
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		rows_parse(arch_parse, &arch, STR("[" GROUP("Fixed", "\"2-1\"", "") "]\n"), 0, &rows, &err),
		0);
	assert_str_is(rows.links,
		      "https://security.archlinux.org/CVE-2024-1 https://security.archlinux.org/AVG-1 "
		      "https://security.archlinux.org/ASA-202401-1");
	assert_str_is(rows.description, "denial of service");
	arena_reset(&rows.arena);
}

static void what_is_no_list_is_an_error(void **state)
{
	static const char *const cases[] = { "", "{}", "7", "[", "[{}", "[{}]]", "[{\"name\":}]" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(rows_parse(arch_parse, &arch, str_of(cases[i]), 0, &rows, &err), E_FORMAT);
		arena_reset(&rows.arena);
	}
}

static void the_sink_may_refuse(void **state)
{
	struct rows rows = { .refuse_at = 1 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		rows_parse(arch_parse, &arch, STR("[" GROUP("Fixed", "\"2-1\"", "") "]"), 0, &rows, &err),
		E_IO);
	arena_reset(&rows.arena);
}

/* One group many times over: memory does not grow with the document. */
static void memory_does_not_grow(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("["));
	for (int i = 0; i < 5000; i++)
		put_bytes(&b, STR("{\"name\":\"AVG-1\",\"packages\":[],\"status\":\"Fixed\",\"issues\":["
				  "\"CVE-1\"]},"));
	put_bytes(&b, STR("{}]"));
	assert_int_equal(rows_parse(arch_parse, &arch, buffer_str(&b), 64 * KIB, &rows, &err), 0);
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_become_advisories),
		cmocka_unit_test(severities_are_the_trackers),
		cmocka_unit_test(pages_of_the_tracker_are_the_links),
		cmocka_unit_test(what_is_no_list_is_an_error),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(memory_does_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
