/* SPDX-License-Identifier: Apache-2.0 */
/* Our own JSON: golden bytes, and that it is the same twice. */
#include "sample.h"

#include "report/finding.h"

#include <cjson/cJSON.h>

static void findings_are_as_they_were(void **state)
{
	const struct report_options options = { .target = STR("demo"), .indent = 2, .hidden = 1 };
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	sample_golden(&s, "json.json", sample_write(&s, "json", &options));
	task_close(&s.task);
}

static void all_formats_give_the_same_bytes_twice(void **state)
{
	const struct report_options options = { .target = STR("demo"), .width = 100, .boxes = true };
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	for (const struct report_format *f = report_formats; f->name; f++)
		assert_true(str_eq(sample_write(&s, f->name, &options), sample_write(&s, f->name, &options)));
	task_close(&s.task);
}

static void a_report_without_anything_is_valid(void **state)
{
	const struct report_options options = { 0 };
	struct sample s = { 0 };
	struct str text;
	cJSON *d;

	(void)state;
	s.index.distribution = -1;
	s.report.index = &s.index;
	text = sample_write(&s, "json", &options);
	d = cJSON_ParseWithLength(text.p, text.n);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(d, "distribution")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(d, "findings")), 0);
	cJSON_Delete(d);
	task_close(&s.task);
}

static const struct {
	enum advisory_status status;
	const char *fixed_in, *want;
} statuses[] = {
	{ STATUS_AFFECTED, "", "affected" },
	{ STATUS_AFFECTED, "1.0", "fixed" },
	{ STATUS_WILL_NOT_FIX, "", "will_not_fix" },
	{ STATUS_END_OF_LIFE, "1.0", "end_of_life" },
};

static void a_known_fix_makes_the_status_fixed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct advisory a = { .status = statuses[i].status,
				      .fixed_in = str_of(statuses[i].fixed_in) };

		assert_string_equal(finding_status(&a), statuses[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_as_they_were),
		cmocka_unit_test(all_formats_give_the_same_bytes_twice),
		cmocka_unit_test(a_report_without_anything_is_valid),
		cmocka_unit_test(a_known_fix_makes_the_status_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
