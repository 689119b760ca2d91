/* SPDX-License-Identifier: Apache-2.0 */
/* From reports to exit statuses, and the filters before that. */
#include "../report/sample.h"

#include "cmd/exit_status.h"
#include "cmd/filter.h"
#include "cmd/gate.h"

enum { DAYS = 86400 };

static void covered(struct sample *s)
{
	s->report.is_uncovered = false;
	s->report.coverage.n = 1;
	s->report.coverage.p[0].updaters.n = 1; /* the one that is 3 hours old */
}

static void with_matches(struct sample *s)
{
	covered(s);
	sample_matches(s);
}

static void with_old_feed(struct sample *s)
{
	covered(s);
	s->report.coverage.p[0].updaters.n = 2;
}

static void incomplete(struct sample *s)
{
	covered(s);
	s->index.is_incomplete = true;
}

static void last_day(struct sample *s)
{
	covered(s);
	s->report.coverage.p[0].eol_date = SAMPLE_CREATED_AT - DAYS + 1;
}

static void uncovered(struct sample *s)
{
	(void)s;
}

static void unknown_distribution(struct sample *s)
{
	covered(s);
	s->index.distribution = -1;
}

static void no_packages(struct sample *s)
{
	s->report.is_uncovered = false;
	s->report.coverage.n = 0;
}

static void no_data(struct sample *s)
{
	covered(s);
	s->report.coverage.p[0].packages_matched = 0;
}

static void incomplete_with_matches(struct sample *s)
{
	with_matches(s);
	s->index.is_incomplete = true;
}

static const struct {
	const char *name;
	void (*make)(struct sample *s);
	struct gate_rules rules;
	int want;
} cases[] = {
	{ "clean", covered, { 0 }, EXIT_DONE },
	{ "findings without a gate", with_matches, { 0 }, EXIT_DONE },
	{ "gate not given a reason", covered, { .has_fail_on = true, .status = 2 }, EXIT_DONE },
	{ "gate reached",
	  with_matches,
	  { .has_fail_on = true, .fail_on = SEVERITY_CRITICAL, .status = 2 },
	  EXIT_GATE },
	{ "own status", with_matches, { .has_fail_on = true, .fail_on = SEVERITY_LOW, .status = 9 }, 9 },
	{ "gate before incomplete",
	  incomplete_with_matches,
	  { .has_fail_on = true, .fail_on = SEVERITY_LOW, .status = 2 },
	  EXIT_GATE },
	{ "incomplete", incomplete, { 0 }, EXIT_INCOMPLETE },
	{ "uncovered is a warning", uncovered, { 0 }, EXIT_DONE },
	{ "uncovered is refused", uncovered, { .require_coverage = true }, EXIT_INCOMPLETE },
	{ "unknown distribution is a warning", unknown_distribution, { 0 }, EXIT_DONE },
	{ "unknown distribution is refused",
	  unknown_distribution,
	  { .require_coverage = true },
	  EXIT_INCOMPLETE },
	{ "covered is accepted", covered, { .require_coverage = true }, EXIT_DONE },
	{ "no packages is a warning", no_packages, { 0 }, EXIT_DONE },
	{ "no packages is refused", no_packages, { .require_coverage = true }, EXIT_INCOMPLETE },
	{ "no data at all", no_data, { 0 }, EXIT_INCOMPLETE },
	{ "old data is a warning", with_old_feed, { .max_data_age = 5 * DAYS }, EXIT_DONE },
	{ "old data is refused",
	  with_old_feed,
	  { .is_age_strict = true, .max_data_age = 5 * DAYS },
	  EXIT_INCOMPLETE },
	{ "no support is a warning", covered, { 0 }, EXIT_DONE },
	{ "no support is refused", covered, { .exit_on_eol = true, .status = 2 }, EXIT_GATE },
	{ "no support, own status", covered, { .exit_on_eol = true, .status = 7 }, 7 },
	{ "the last day has support", last_day, { .exit_on_eol = true, .status = 2 }, EXIT_DONE },
	{ "young enough", with_old_feed, { .is_age_strict = true, .max_data_age = 10 * DAYS }, EXIT_DONE },
};

static void the_exit_status_says_what_the_result_is_worth(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample s;
		struct gate gate;

		sample_open(&s);
		cases[i].make(&s);
		gate_check(&s.report, &cases[i].rules, &gate);
		if (gate_status(&gate, &cases[i].rules) != cases[i].want)
			fail_msg("%s: status %d", cases[i].name, gate_status(&gate, &cases[i].rules));
		task_close(&s.task);
	}
}

static void what_has_no_severity_is_counted(void **state)
{
	const struct gate_rules rules = { .has_fail_on = true, .fail_on = SEVERITY_HIGH, .status = 2 };
	struct sample s;
	struct gate gate;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	gate_check(&s.report, &rules, &gate);
	assert_int_equal(gate.reached, 3);
	assert_int_equal(gate.unrated, 1);
	assert_int_equal(gate.undecided, 1);
	task_close(&s.task);
}

static void filters_hide_and_count(void **state)
{
	struct sample s;
	struct err err = { 0 };
	unsigned set;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	assert_int_equal(filter_unfixed(&s.report), 2);
	assert_int_equal(s.report.matches.n, 3);
	assert_int_equal(filter_parse(STR("critical,LOW"), &set, &err), 0);
	assert_int_equal(filter_severities(&s.report, set), 2);
	assert_int_equal(s.report.matches.n, 1);
	assert_str_is(s.report.matches.p[0].advisory->name, "CVE-2099-0001");
	assert_int_equal(filter_parse(STR("hihg"), &set, &err), E_CONFIG);
	assert_true(str_search(str_of(err.text), STR("'High'")) < strlen(err.text));
	task_close(&s.task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_status_says_what_the_result_is_worth),
		cmocka_unit_test(what_has_no_severity_is_counted),
		cmocka_unit_test(filters_hide_and_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
