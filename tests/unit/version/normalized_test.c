/* SPDX-License-Identifier: Apache-2.0 */
/* versions as numbers, and the ranges of them that advisories are about */
#include "../unit.h"

#include "version/normalized.h"

static void a_range_has_its_lower_end_and_not_its_upper_one(void **state)
{
	static const struct {
		const char *range, *version;
		bool want;
	} cases[] = {
		{ "rhctag:4.6.0..rhctag:4.6.2147483647", "rhctag:4.6.0.0.0.0.0.0.0.0", true },
		{ "rhctag:4.6.0..rhctag:4.6.2147483647", "rhctag:4.6", true },
		{ "rhctag:4.6.0..rhctag:4.6.2147483647", "rhctag:4.6.2147483647", false },
		{ "rhctag:4.6.0..rhctag:4.6.2147483647", "rhctag:4.5.9", false },
		{ "rhctag:4.6.0..rhctag:4.6.2147483647", "rhctag:4.7.0", false },
		{ "rhctag:0..rhctag:2147483647", "rhctag:1742843776.0", true },
		{ "rhctag:0..rhctag:2147483647", "unmatchable:4.6.0", false },
		{ "rhctag:0..semver:9", "rhctag:4.6", false },
		{ "semver:0.1..semver:0.2", "semver:0.1.5", true },
		{ "a:-2..a:3", "a:-1", true },
		{ "a:-2..a:3", "a:-3", false },
		{ "", "rhctag:4.6", false },
		{ "rhctag:1", "rhctag:1", false },
		{ "..", "rhctag:1", false },
		{ "rhctag:0..rhctag:9", "", false },
		{ "rhctag:0..rhctag:9", "rhctag:x", false },
		{ "rhctag:0..rhctag:9", "rhctag:1.2.3.4.5.6.7.8.9.10", true },
		{ "rhctag:0..rhctag:9", "rhctag:1.2.3.4.5.6.7.8.9.10.11", false },
		{ "rhctag:0..rhctag:9999999999", "rhctag:1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (normalized_in_range(str_of(cases[i].range), str_of(cases[i].version)) != cases[i].want)
			fail_msg("case %zu: \"%s\" in \"%s\"", i, cases[i].version, cases[i].range);
}

static void kinds_are_ordered_before_numbers(void **state)
{
	struct normalized a, b;

	(void)state;
	assert_true(normalized_parse(STR("a:9"), &a));
	assert_true(normalized_parse(STR("b:1"), &b));
	assert_int_equal(normalized_compare(&a, &b), -1);
	assert_int_equal(normalized_compare(&b, &a), 1);
	assert_true(normalized_parse(STR("a:9.0.0"), &b));
	assert_int_equal(normalized_compare(&a, &b), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_has_its_lower_end_and_not_its_upper_one),
		cmocka_unit_test(kinds_are_ordered_before_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
