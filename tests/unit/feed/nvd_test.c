/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's records: which of a CVE's ratings is stored, and how. */
#include "../unit.h"
#include "enriched.h"

#include "feed/nvd.h"

#define DOC(entries) "{\"format\":\"NVD_CVE\",\"vulnerabilities\":[" entries "],\"totalResults\":1}"
#define CVE(id, status, metrics)                                                                             \
	"{\"cve\":{\"id\":\"" id "\",\"vulnStatus\":\"" status "\",\"metrics\":{" metrics                    \
	"},\"configurations\":[{}]}}"
#define RATING(type, data) "{\"source\":\"s\",\"type\":\"" type "\",\"cvssData\":" data "}"
#define V31(ratings) "\"cvssMetricV31\":[" ratings "]"
#define V30(ratings) "\"cvssMetricV30\":[" ratings "]"
#define SKIP "skipped: line 1: "

struct text_case {
	const char *text, *want;
};

static void check_cases(const struct text_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_int_equal(enriched_parse(nvd_parse, str_of(cases[i].text), 0, &lines, &err), 0);
		assert_str_is(buffer_str(&lines.text), cases[i].want);
		arena_reset(&lines.arena);
	}
}

static void the_primary_rating_of_the_newest_version_counts(void **state)
{
	static const struct text_case cases[] = {
		{ DOC(CVE("CVE-2014-0160", "Analyzed",
			  V31(RATING("Primary", "{ \"version\": \"3.1\",\n\"baseScore\": 7.50 }")))),
		  "CVE-2014-0160 {\"version\":\"3.1\",\"baseScore\":7.50}\n" },
		{ DOC(CVE("CVE-2014-0160", "Deferred",
			  V31(RATING("Secondary", "{\"a\":1}") "," RATING("Primary", "{\"a\":2}") "," RATING(
				  "Primary", "{\"a\":3}")))),
		  "CVE-2014-0160 {\"a\":2}\n" },
		{ DOC(CVE("CVE-2014-0160", "Analyzed",
			  V30(RATING("Primary", "{\"a\":3}")) "," V31(RATING("Primary", "{\"a\":1}")))),
		  "CVE-2014-0160 {\"a\":1}\n" },
		{ DOC(CVE("CVE-2014-0160", "Analyzed",
			  V31(RATING("Secondary", "{\"a\":1}")) "," V30(RATING("Primary", "{\"a\":3}")))),
		  "CVE-2014-0160 {\"a\":3}\n" },
		{ DOC(CVE("CVE-2014-0160", "Rejected", V31(RATING("Primary", "{\"a\":1}")))), "" },
		{ DOC(CVE("CVE-2014-0160", "Analyzed", "\"cvssMetricV2\":[" RATING("Primary", "{}") "]")),
		  "" },
		{ DOC(CVE("CVE-2014-0160", "Received", "")), "" },
		{ DOC(""), "" },
	};

	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void malformed_records_are_left_out(void **state)
{
	static const struct text_case cases[] = {
		{ DOC("{\"cve\":{\"id\":7}}"), SKIP "\"\": no CVE id\n" },
		{ DOC("7"), SKIP "\"\": no CVE id\n" },
		{ DOC("{\"cve\":[]}"), SKIP "\"\": no CVE id\n" },
		{ DOC(CVE("CVE-2014-0160 x", "", "")), SKIP "\"CVE-2014-0160 x\": no CVE id\n" },
		{ DOC(CVE("cve-2014-0160", "", "")), SKIP "\"cve-2014-0160\": no CVE id\n" },
		{ DOC(CVE("CVE-2014-0160", "", V31(RATING("Primary", "[]")))),
		  SKIP "\"CVE-2014-0160\": a rating without cvssData\n" },
	};

	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void malformed_documents_are_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "line 1" },	    { "[]", "no JSON object" },
		{ "{}", "no list" },	    { "{\"vulnerabilities\":{}}", "no list" },
		{ DOC("{") "x", "line 1" }, { DOC("") "x", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_true(enriched_parse(nvd_parse, str_of(cases[i].text), 0, &lines, &err) < 0);
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
	assert_int_equal(enriched_parse(nvd_parse,
					STR(DOC(CVE("CVE-2014-0160", "", V31(RATING("Primary", "{}"))))), 1,
					&lines, &err),
			 E_IO);
	arena_reset(&lines.arena);
}

static void the_corpus_is_read_whole(void **state)
{
	static const struct enriched_file files[] = {
		{ "nvd/cves-2.0-page.json", 25, "CVE-2023-27314 {\"version\":\"3.1\"" },
		{ "nvd/feed-claircore.json", 2, "CVE-2016-2781 {\"version\":\"3.0\"" },
	};

	(void)state;
	enriched_corpus(nvd_parse, files, sizeof(files) / sizeof(files[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_primary_rating_of_the_newest_version_counts),
		cmocka_unit_test(malformed_records_are_left_out),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(the_error_of_the_sink_ends_the_parse),
		cmocka_unit_test(the_corpus_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
