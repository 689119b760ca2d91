/* SPDX-License-Identifier: Apache-2.0 */
/* CISA's catalog: what is kept of an entry. */
#include "../unit.h"
#include "enriched.h"

#include "feed/kev.h"

#define DOC(entries) "{\"title\":\"t\",\"catalogVersion\":\"2025.08.25\",\"vulnerabilities\":[" entries "]}"
#define ENTRY(more) "{\"cveID\":\"CVE-2014-0160\",\"vendorProject\":\"OpenSSL\"" more "}"
#define OBJECT(name, version, added, text, due)                                                              \
	"CVE-2014-0160 {\"cve\":\"CVE-2014-0160\",\"vulnerability_name\":\"" name                            \
	"\",\"catalog_version\":\"" version "\",\"date_added\":\"" added "\",\"short_description\":\"" text  \
	"\",\"required_action\":\"\",\"due_date\":\"" due "\",\"known_ransomware_campaign_use\":\"\"}\n"

struct text_case {
	const char *text, *want;
};

static void check_cases(const struct text_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_int_equal(enriched_parse(kev_parse, str_of(cases[i].text), 0, &lines, &err), 0);
		assert_str_is(buffer_str(&lines.text), cases[i].want);
		arena_reset(&lines.arena);
	}
}

static void entries_become_objects_of_strings(void **state)
{
	static const struct text_case cases[] = {
		{ DOC(ENTRY(",\"vulnerabilityName\":\"n\",\"dateAdded\":\"2022-05-04\",\"shortDescription\":"
			    "\"d\",\"dueDate\":\"2022-05-25\",\"cwes\":[\"CWE-125\"]")),
		  OBJECT("n", "2025.08.25", "2022-05-04", "d", "2022-05-25") },
		{ DOC(ENTRY("")), OBJECT("", "2025.08.25", "", "", "") },
		{ DOC(ENTRY(",\"dateAdded\":5,\"shortDescription\":\"\\u2019\\n\\/\"")),
		  OBJECT("", "2025.08.25", "", "\xe2\x80\x99\\n/", "") },
		{ "{\"vulnerabilities\":[" ENTRY("") "]}", OBJECT("", "", "", "", "") },
		{ DOC(""), "" },
	};

	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void malformed_entries_are_left_out(void **state)
{
	static const struct text_case cases[] = {
		{ DOC("{\"cveID\":7}"), "skipped: line 1: \"\": no CVE id\n" },
		{ DOC("{\"cveID\":\"x\"},\n7"),
		  "skipped: line 1: \"x\": no CVE id\nskipped: line 2: \"\": no CVE id\n" },
	};

	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void malformed_documents_are_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "line 1" },	   { "[]", "no JSON object" },
		{ "{}", "no list" },	   { "{\"vulnerabilities\":{}}", "no list" },
		{ DOC("") "x", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_true(enriched_parse(kev_parse, str_of(cases[i].text), 0, &lines, &err) < 0);
		if (str_search(str_of(err.text), str_of(cases[i].want)) == strlen(err.text))
			fail_msg("case %zu: %s", i, err.text);
		arena_reset(&lines.arena);
	}
}

static void the_error_of_the_sink_ends_the_parse(void **state)
{
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(enriched_parse(kev_parse, STR(DOC(ENTRY(""))), 1, &lines, &err), E_IO);
	arena_reset(&lines.arena);
}

static void the_corpus_is_read_whole(void **state)
{
	static const struct enriched_file files[] = {
		{ "kev/known_exploited_vulnerabilities.json", 1404,
		  "CVE-2025-48384 {\"cve\":\"CVE-2025-48384\",\"vulnerability_name\":\"Git Link Following "
		  "Vulnerability\",\"catalog_version\":\"2025.08.25\"" },
	};

	(void)state;
	enriched_corpus(kev_parse, files, sizeof(files) / sizeof(files[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_become_objects_of_strings),
		cmocka_unit_test(malformed_entries_are_left_out),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(the_error_of_the_sink_ends_the_parse),
		cmocka_unit_test(the_corpus_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
