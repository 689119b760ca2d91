/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit.h"

#include "engine/refine.h"

static void the_worst_comes_first_and_the_same_only_once(void **state)
{
	autotask struct task t = { 0 };
	struct index_report index = { 0 };
	struct vulnerability_report r = { .index = &index };
	const struct advisory low = {
		.id = 1, .name = STR("CVE-1"), .normalized_severity = SEVERITY_LOW, .fixed_in = STR("2")
	};
	const struct advisory high = { .id = 2, .name = STR("CVE-2"), .normalized_severity = SEVERITY_HIGH };
	const struct advisory twin = {
		.id = 3, .name = STR("CVE-1"), .normalized_severity = SEVERITY_LOW, .fixed_in = STR("2")
	};
	const struct advisory later = {
		.id = 4, .name = STR("CVE-1"), .normalized_severity = SEVERITY_LOW, .fixed_in = STR("3")
	};
	struct err err = { 0 };

	(void)state;
	VEC_PUSH(&t.arena, &index.packages, ((struct indexed_package){ .package = { .name = STR("b") } }));
	VEC_PUSH(&t.arena, &index.packages, ((struct indexed_package){ .package = { .name = STR("a") } }));
	VEC_PUSH(&t.arena, &r.matches,
		 ((struct match){ .package = 0, .advisory = &later, .verdict = AFFECTED }));
	VEC_PUSH(&t.arena, &r.matches,
		 ((struct match){ .package = 0, .advisory = &low, .verdict = AFFECTED }));
	VEC_PUSH(&t.arena, &r.matches,
		 ((struct match){ .package = 0, .advisory = &twin, .verdict = AFFECTED }));
	VEC_PUSH(&t.arena, &r.matches,
		 ((struct match){ .package = 1, .advisory = &low, .verdict = AFFECTED }));
	VEC_PUSH(&t.arena, &r.matches,
		 ((struct match){ .package = 0, .advisory = &high, .verdict = AFFECTED }));
	assert_int_equal(engine_refine(&t, &r, &err), 0);
	assert_int_equal(r.matches.n, 4);
	assert_ptr_equal(r.matches.p[0].advisory, &high);
	assert_int_equal(r.matches.p[1].package, 1);
	assert_ptr_equal(r.matches.p[2].advisory, &low);
	assert_ptr_equal(r.matches.p[3].advisory, &later);
}

static void an_empty_report_stays_empty(void **state)
{
	autotask struct task t = { 0 };
	struct index_report index = { 0 };
	struct vulnerability_report r = { .index = &index };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(engine_refine(&t, &r, &err), 0);
	assert_int_equal(r.matches.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_comes_first_and_the_same_only_once),
		cmocka_unit_test(an_empty_report_stays_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
