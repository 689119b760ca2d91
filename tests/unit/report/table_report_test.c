/* SPDX-License-Identifier: Apache-2.0 */
/* The table for people: golden output, and what must never happen (trailing blanks, raw controls, silence).
 */
#include "sample.h"

#include "model/rating.h"

static const struct report_options plain = { .target = { "demo", 4 } };

static bool has(struct str text, const char *part)
{
	return str_search(text, str_of(part)) < text.n;
}

static void plain_text_is_as_it_was(void **state)
{
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	sample_golden(&s, "plain.txt", sample_write(&s, "plain", &plain));
	task_close(&s.task);
}

static void figures_have_columns_when_there_are_any(void **state)
{
	const struct rating rating = { .severity = SEVERITY_LOW,
				       .has_cvss = true,
				       .cvss = 98,
				       .has_epss = true,
				       .epss = 0.94325,
				       .is_exploited = true };
	struct sample s;
	struct str text;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	text = sample_write(&s, "plain", &plain);
	assert_false(has(text, "CVSS") || has(text, "EPSS") || has(text, "KEV"));
	s.report.matches.p[0].rating = &rating;
	text = sample_write(&s, "plain", &plain);
	assert_true(has(text, "Severity  CVSS  EPSS   KEV  Status"));
	assert_true(has(text, "LOW       9.8   0.943  yes  fixed"));
	task_close(&s.task);
}

static void boxes_and_colour_are_drawn_when_asked(void **state)
{
	const struct report_options options = {
		.target = STR("demo"), .boxes = true, .color = true, .width = 130, .hidden = 3
	};
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	sample_golden(&s, "table.txt", sample_write(&s, "table", &options));
	task_close(&s.task);
}

static void a_narrow_terminal_wraps_and_drops_the_title(void **state)
{
	const struct report_options options = { .target = STR("demo"), .boxes = true, .width = 72 };
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	sample_golden(&s, "narrow.txt", sample_write(&s, "table", &options));
	task_close(&s.task);
}

static void plain_never_draws(void **state)
{
	const struct report_options options = { .target = STR("demo"), .boxes = true, .color = true };
	struct sample s;
	struct str text;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	text = sample_write(&s, "plain", &options);
	assert_false(has(text, "\x1b"));
	assert_false(has(text, "\xe2\x94"));
	task_close(&s.task);
}

static void no_line_ends_in_a_blank_and_controls_are_escaped(void **state)
{
	struct sample s;
	struct str text, line;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	text = sample_write(&s, "table", &plain);
	assert_false(has(text, "\x1b"));
	assert_true(has(text, "\\x1b[31m<U+202E>"));
	while (str_line(&text, &line))
		assert_false(str_ends(line, STR(" ")));
	task_close(&s.task);
}

/* The line without findings says what was covered. */
static const struct {
	const char *name;
	uint32_t packages, matched;
	int64_t age; /* of the feed; -1: never */
	const char *want;
} nothing[] = {
	{ "all matched", 15, 15, 3 * 3600,
	  "No known vulnerabilities in 15 packages (Alpine Linux v3.20, data 3 h old)\n" },
	{ "one package", 1, 1, 60,
	  "No known vulnerabilities in 1 package (Alpine Linux v3.20, data 60 s old)\n" },
	{ "some unmatched", 15, 10, 3 * 3600,
	  "No known vulnerabilities in 10 of 15 packages; nothing is known about the others (Alpine Linux "
	  "v3.20, data 3 "
	  "h old)\n" },
	{ "none matched", 15, 0, 3 * 3600,
	  "Nothing is known about the 15 packages found: no advisories cover them (Alpine Linux v3.20, data "
	  "3 h old)\n" },
	{ "old", 15, 15, 9 * 86400,
	  "No known vulnerabilities in 15 packages (Alpine Linux v3.20, data 9 days old)\n"
	  "  data: alpine, 9 days old (too old: run `clair update`)\n" },
	{ "never fetched", 15, 15, -1,
	  "No known vulnerabilities in 15 packages (Alpine Linux v3.20, data of unknown age)\n"
	  "  data: alpine, of unknown age (too old: run `clair update`)\n" },
};

static void nothing_found_is_never_silent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		struct sample s;
		struct arena *a = &s.task.arena;
		struct coverage *c;
		struct str text;

		sample_open(&s);
		s.index.notes.n = s.report.coverage.n = s.report.feeds.n = 0;
		c = VEC_ADD(a, &s.report.coverage);
		*c = (struct coverage){ .packages = nothing[i].packages,
					.packages_matched = nothing[i].matched };
		VEC_PUSH(a, &c->updaters, STR("alpine"));
		VEC_PUSH(a, &s.report.feeds, ((struct feed_state){ .updater = STR("alpine") }));
		if (nothing[i].age >= 0)
			s.report.feeds.p[0].last_success = SAMPLE_CREATED_AT - nothing[i].age;
		text = sample_write(&s, "table", &plain);
		if (!str_eq(text, str_of(nothing[i].want)))
			fail_msg("%s: " STR_FMT, nothing[i].name, STR_ARG(text));
		task_close(&s.task);
	}
}

static void no_packages_is_said(void **state)
{
	struct sample s;

	(void)state;
	sample_open(&s);
	s.report.coverage.n = s.report.feeds.n = s.index.notes.n = 0;
	assert_true(has(sample_write(&s, "table", &plain), "No packages found"));
	task_close(&s.task);
}

static void hidden_findings_are_counted(void **state)
{
	const struct report_options options = { .target = STR("demo"), .hidden = 4 };
	struct sample s;
	struct str text;

	(void)state;
	sample_open(&s);
	text = sample_write(&s, "table", &options);
	assert_true(has(text, "Total: 0\n"));
	assert_true(has(text, "Hidden by --severity, --ignore-status or --ignore-unfixed: 4\n"));
	assert_false(has(text, "No known"));
	task_close(&s.task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_as_it_was),
		cmocka_unit_test(figures_have_columns_when_there_are_any),
		cmocka_unit_test(boxes_and_colour_are_drawn_when_asked),
		cmocka_unit_test(a_narrow_terminal_wraps_and_drops_the_title),
		cmocka_unit_test(plain_never_draws),
		cmocka_unit_test(no_line_ends_in_a_blank_and_controls_are_escaped),
		cmocka_unit_test(nothing_found_is_never_silent),
		cmocka_unit_test(no_packages_is_said),
		cmocka_unit_test(hidden_findings_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
