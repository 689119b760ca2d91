/* SPDX-License-Identifier: Apache-2.0 */
/* fragments: kept for a pair of generations, within a bound, those that are used longest */
#include "../unit.h"

#include "api/render_fragments.h"
#include "base/time.h"

#include <stdlib.h>

static struct fragment made(struct arena *a, uint64_t id)
{
	return (struct fragment){ .id = id,
				  .object = str_format(a, "{\"id\":%llu,\"%0400d\":1}",
						       (unsigned long long)id, 1),
				  .enrichments = { [ENRICHMENT_KEV] = STR("{}") } };
}

static struct fragment got(struct fragments *f, struct arena *a, uint64_t advisories, uint64_t id)
{
	struct fragment out = { .id = id };

	fragments_get(f, advisories, 5, a, &out, 1);
	return out;
}

static void what_was_put_is_got_until_a_generation_changes(void **state)
{
	autoarena struct arena a = { 0 };
	struct fragments *f = fragments_new(1 << 20);
	struct fragment one = made(&a, 1), back;

	(void)state;
	assert_int_equal(got(f, &a, 7, 1).object.n, 0);
	fragments_put(f, 7, 5, &one, 1);
	back = got(f, &a, 7, 1);
	assert_true(str_eq(back.object, one.object));
	assert_true(back.object.p != one.object.p);
	assert_str_is(back.enrichments[ENRICHMENT_KEV], "{}");
	assert_int_equal(back.enrichments[ENRICHMENT_CVSS].n, 0);
	assert_int_equal(got(f, &a, 7, 2).object.n, 0);
	assert_int_equal(got(f, &a, 8, 1).object.n, 0);
	fragments_put(f, 7, 5, &one, 1); /* late: of the generation that has passed */
	assert_int_equal(got(f, &a, 8, 1).object.n, 0);
	fragments_free(f);
}

static void what_is_used_outlives_what_is_not(void **state)
{
	autoarena struct arena a = { 0 };
	struct fragments *f = fragments_new(64 * 1024);
	struct fragment x = made(&a, 1);
	unsigned kept = 0;

	(void)state;
	got(f, &a, 7, 1);
	fragments_put(f, 7, 5, &x, 1);
	for (uint64_t id = 2; id < 2000; id++) {
		x = made(&a, id);
		fragments_put(f, 7, 5, &x, 1);
		assert_true(got(f, &a, 7, 1).object.n > 0);
	}
	for (uint64_t id = 2; id < 2000; id++)
		kept += got(f, &a, 7, id).object.n > 0;
	assert_in_range(kept, 20, 200);
	fragments_free(f);
}

static void nothing_stays_when_idle(void **state)
{
	autoarena struct arena a = { 0 };
	struct fragments *f = fragments_new(64 * 1024);
	struct fragment x = made(&a, 1);

	(void)state;
	got(f, &a, 7, 1);
	assert_false(fragments_trim(f, UINT64_MAX)); /* there is nothing */
	fragments_put(f, 7, 5, &x, 1);
	assert_false(fragments_trim(f, 1));
	assert_true(fragments_trim(f, time_monotonic_ns() + 1));
	assert_int_equal(got(f, &a, 7, 1).object.n, 0);
	fragments_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_got_until_a_generation_changes),
		cmocka_unit_test(what_is_used_outlives_what_is_not),
		cmocka_unit_test(nothing_stays_when_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
