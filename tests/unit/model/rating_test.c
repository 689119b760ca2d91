/* SPDX-License-Identifier: Apache-2.0 */
/* From the texts of enrichers to a rating. */
#include "../unit.h"

#include "model/rating.h"

#define V98 "\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\""
#define V75 "\"vectorString\":\"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N\""

static void the_highest_score_of_the_vectors_counts(void **state)
{
	static const struct {
		const char *texts[3];
		bool has;
		unsigned want;
	} cases[] = {
		{ { "{" V75 "}" }, true, 75 },
		{ { "{" V75 "}", "{" V98 "}" }, true, 98 },
		{ { "{" V98 "}", "{" V75 "}" }, true, 98 },
		{ { "{\"baseScore\":1.0," V98 "}" }, true, 98 }, /* the number is only a copy */
		{ { "{\"baseScore\":5.3,\"vectorString\":\"?\"}" }, true, 53 },
		{ { "{\"baseScore\":0}" }, true, 0 },
		{ { "{\"baseScore\":11}" }, false, 0 },
		{ { "{\"baseScore\":\"5\"}" }, false, 0 },
		{ { "{}", "[]", "x" }, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rating r = { 0 };

		for (int t = 0; t < 3 && cases[i].texts[t]; t++)
			rating_add(&a, &r, ENRICHMENT_CVSS, str_of(cases[i].texts[t]));
		assert_int_equal(r.has_cvss, cases[i].has);
		assert_int_equal(r.cvss, cases[i].want);
	}
}

static void the_publisher_comes_before_cvss(void **state)
{
	static const struct {
		enum severity publisher;
		const char *cvss;
		enum severity want;
		const char *source;
	} cases[] = {
		{ SEVERITY_LOW, "{" V98 "}", SEVERITY_LOW, "publisher" },
		{ SEVERITY_NEGLIGIBLE, "{" V98 "}", SEVERITY_NEGLIGIBLE, "publisher" },
		{ SEVERITY_UNKNOWN, "{" V98 "}", SEVERITY_CRITICAL, "cvss" },
		{ SEVERITY_UNKNOWN, "{" V75 "}", SEVERITY_HIGH, "cvss" },
		{ SEVERITY_UNKNOWN, "{\"baseScore\":6.9}", SEVERITY_MEDIUM, "cvss" },
		{ SEVERITY_UNKNOWN, "{\"baseScore\":3.9}", SEVERITY_LOW, "cvss" },
		{ SEVERITY_UNKNOWN, "{\"baseScore\":0.0}", SEVERITY_NEGLIGIBLE, "cvss" },
		{ SEVERITY_UNKNOWN, "{}", SEVERITY_UNKNOWN, "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rating r = { 0 };

		rating_add(&a, &r, ENRICHMENT_CVSS, str_of(cases[i].cvss));
		rating_decide(&r, cases[i].publisher);
		assert_int_equal(r.severity, cases[i].want);
		assert_string_equal(severity_source_name(r.source), cases[i].source);
	}
}

static void predictions_and_exploitation_are_read(void **state)
{
	autoarena struct arena a = { 0 };
	struct rating r = { 0 };

	(void)state;
	rating_add(&a, &r, ENRICHMENT_EPSS, STR("{\"epss\":0.25,\"percentile\":0.5}"));
	rating_add(&a, &r, ENRICHMENT_EPSS, STR("{\"epss\":0.125,\"percentile\":0.75}"));
	rating_add(&a, &r, ENRICHMENT_EPSS, STR("{\"epss\":2,\"percentile\":0.75}"));
	assert_true(r.has_epss && r.epss == 0.25 && r.epss_percentile == 0.5);
	assert_false(r.is_exploited);
	rating_add(&a, &r, ENRICHMENT_KEV,
		   STR("{\"date_added\":\"2022-05-04\",\"due_date\":5,\"known_ransomware_campaign_use\":"
		       "\"Known\"}"));
	assert_true(r.is_exploited);
	assert_str_is(r.exploited_since, "2022-05-04");
	assert_str_is(r.exploited_due, "");
	assert_str_is(r.exploited_ransomware, "Known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_highest_score_of_the_vectors_counts),
		cmocka_unit_test(the_publisher_comes_before_cvss),
		cmocka_unit_test(predictions_and_exploitation_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
