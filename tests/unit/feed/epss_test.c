/* SPDX-License-Identifier: Apache-2.0 */
/* EPSS: what a day's document says. */
#include "../unit.h"
#include "enriched.h"

#include "feed/epss.h"

#define HEAD "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\n"
#define NAMES "cve,epss,percentile\n"
#define SCORES(cve, epss, percentile)                                                                        \
	cve " {\"modelVersion\":\"v2025.03.14\",\"date\":\"2025-08-25T00:00:00+0000\",\"cve\":\"" cve        \
	    "\",\"epss\":" epss ",\"percentile\":" percentile "}\n"
#define SKIP(line, what) "skipped: line " line ": \"" what "\": no CVE id, or no scores from 0 to 1\n"

struct text_case {
	const char *text, *want;
};

static void check_cases(const struct text_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_int_equal(enriched_parse(epss_parse, str_of(cases[i].text), 0, &lines, &err), 0);
		assert_str_is(buffer_str(&lines.text), cases[i].want);
		arena_reset(&lines.arena);
	}
}

static void lines_become_scores(void **state)
{
	static const struct text_case cases[] = {
		{ HEAD NAMES "CVE-1999-0005,0.91963,0.99030\nCVE-1999-0006,0,1\n",
		  SCORES("CVE-1999-0005", "0.91963", "0.9903") SCORES("CVE-1999-0006", "0", "1") },
		{ "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\r\ncve,epss,"
		  "percentile\r\nCVE-1999-0005,0.00001,1.0\r\n",
		  SCORES("CVE-1999-0005", "1e-05", "1") },
		{ HEAD "percentile,added,CVE,epss\n0.5,x,CVE-1999-0005,0.25",
		  SCORES("CVE-1999-0005", "0.25", "0.5") },
		{ HEAD NAMES "CVE-1999-0005,0.00010,0.100000000\nCVE-1999-0006,0.00000,0.123456789\n",
		  SCORES("CVE-1999-0005", "0.0001", "0.1") SCORES("CVE-1999-0006", "0", "0.123456789") },
		{ HEAD NAMES "CVE-1999-0005,0.00009,0.1234567894\nCVE-1999-0006,00.5,5e-1\n",
		  SCORES("CVE-1999-0005", "9e-05", "0.123456789") SCORES("CVE-1999-0006", "0.5", "0.5") },
		{ NAMES "CVE-1999-0005,0,1\n", "CVE-1999-0005 "
					       "{\"modelVersion\":\"\",\"date\":\"\",\"cve\":\"CVE-1999-"
					       "0005\",\"epss\":0,\"percentile\":1}\n" },
		{ HEAD NAMES "\n", "" },
	};

	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void malformed_lines_are_left_out(void **state)
{
	static const struct text_case cases[] = {
		{ NAMES "CVE-1,0,1\n", SKIP("2", "CVE-1,0,1") },
		{ NAMES "CVE-1999-0005,0\n", SKIP("2", "CVE-1999-0005,0") },
		{ HEAD NAMES "CVE-1999-0005,-1,0\n", SKIP("3", "CVE-1999-0005,-1,0") },
		{ NAMES "CVE-1999-0005,0,1.5\n", SKIP("2", "CVE-1999-0005,0,1.5") },
		{ NAMES "CVE-1999-0005,nan,0\n", SKIP("2", "CVE-1999-0005,nan,0") },
		{ NAMES "CVE-1999-0005,0x1,0\n", SKIP("2", "CVE-1999-0005,0x1,0") },
		{ NAMES "CVE-1999-0005,.,0\n", SKIP("2", "CVE-1999-0005,.,0") },
	};

	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void malformed_documents_are_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "no line with the names" },
		{ HEAD, "no line with the names" },
		{ HEAD "cve,epss\n", "line 2: no column \"percentile\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_true(enriched_parse(epss_parse, str_of(cases[i].text), 0, &lines, &err) < 0);
		if (str_search(str_of(err.text), str_of(cases[i].want)) == strlen(err.text))
			fail_msg("case %zu: %s", i, err.text);
		arena_reset(&lines.arena);
	}
}

static void a_line_without_end_is_refused(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer text = { .arena = &a };
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	put_bytes(&text, STR(NAMES));
	for (int i = 0; i < 10000; i++)
		put_u8(&text, '0');
	assert_int_equal(enriched_parse(epss_parse, buffer_str(&text), 0, &lines, &err), E_LIMIT);
	arena_reset(&lines.arena);
}

static void the_error_of_the_sink_ends_the_parse(void **state)
{
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(enriched_parse(epss_parse, STR(NAMES "CVE-1999-0005,0,1\n"), 1, &lines, &err), E_IO);
	arena_reset(&lines.arena);
}

static void the_corpus_is_read_whole(void **state)
{
	static const struct enriched_file files[] = {
		{ "epss/epss_scores-2024-10-25.csv.gz", 29,
		  "CVE-1999-0005 {\"modelVersion\":\"v2023.03.01\",\"date\":\"2024-10-25T00:00:00+0000\"" },
	};

	(void)state;
	enriched_corpus(epss_parse, files, sizeof(files) / sizeof(files[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_scores),
		cmocka_unit_test(malformed_lines_are_left_out),
		cmocka_unit_test(a_line_without_end_is_refused),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(the_error_of_the_sink_ends_the_parse),
		cmocka_unit_test(the_corpus_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
