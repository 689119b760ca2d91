/* SPDX-License-Identifier: Apache-2.0 */
/* Permits, waiting for the end, cancellation, and the manifests being indexed. */
#include "../unit.h"

#include "api/lanes.h"

#include <poll.h>

struct work {
	struct lanes *lanes;
	atomic_bool gate;
	atomic_int done;
};

static void wait_for_gate(void *ctx)
{
	struct work *w = ctx;

	while (!atomic_load(&w->gate) && !atomic_load(lanes_stopping(w->lanes)))
		poll(NULL, 0, 1);
	atomic_fetch_add(&w->done, 1);
}

static void each_lane_has_its_permits(void **state)
{
	struct work w = { .lanes = lanes_new((const int[LANES]){ 2, 1 }) };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(lanes_run(w.lanes, 0, wait_for_gate, &w, &err), 1);
	assert_int_equal(lanes_run(w.lanes, 0, wait_for_gate, &w, &err), 1);
	assert_int_equal(lanes_run(w.lanes, 0, wait_for_gate, &w, &err), 0);
	assert_int_equal(lanes_run(w.lanes, 1, wait_for_gate, &w, &err), 1);
	assert_int_equal(lanes_run(w.lanes, 1, wait_for_gate, &w, &err), 0);
	atomic_store(&w.gate, true);
	while (lanes_run(w.lanes, 1, wait_for_gate, &w, &err) == 0)
		poll(NULL, 0, 1);
	lanes_free(w.lanes, false);
	assert_int_equal(atomic_load(&w.done), 4);
}

static void no_limit_is_many(void **state)
{
	struct work w = { .lanes = lanes_new((const int[LANES]){ -1, 1 }) };
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 32; i++)
		assert_int_equal(lanes_run(w.lanes, 0, wait_for_gate, &w, &err), 1);
	lanes_free(w.lanes, true);
	assert_int_equal(atomic_load(&w.done), 32);
}

static void manifests_are_known_while_they_are_indexed(void **state)
{
	struct lanes *l = lanes_new((const int[LANES]){ 1, 1 });
	struct lanes_digest a = { .digest = STR("sha256:a") }, b = { .digest = STR("sha256:b") };

	(void)state;
	lanes_enter(l, &a);
	lanes_enter(l, &b);
	assert_true(lanes_has(l, STR("sha256:a")));
	lanes_leave(l, &a);
	assert_false(lanes_has(l, STR("sha256:a")));
	assert_true(lanes_has(l, STR("sha256:b")));
	lanes_leave(l, &b);
	lanes_leave(l, &b);
	assert_false(lanes_has(l, STR("sha256:b")));
	lanes_free(l, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lane_has_its_permits),
		cmocka_unit_test(no_limit_is_many),
		cmocka_unit_test(manifests_are_known_while_they_are_indexed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
