/* SPDX-License-Identifier: Apache-2.0 */
/* Turns by name among threads */
#include "../unit.h"

#include "base/time.h"
#include "engine/index_turn.h"

#include <pthread.h>
#include <time.h>

enum { THREADS = 16, ROUNDS = 200 };

struct shared {
	struct index_turns *turns;
	atomic_int inside, most_inside;
	unsigned most;
};

static void *take_turns(void *arg)
{
	struct shared *s = arg;
	struct task task = { 0 };
	struct err err = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		autoturn struct index_turn turn = { 0 };
		int inside, seen;

		assert_int_equal(index_turn_take(s->turns, &task, STR("name"), s->most, &turn, &err), 0);
		inside = atomic_fetch_add(&s->inside, 1) + 1;
		seen = atomic_load(&s->most_inside);
		while (inside > seen && !atomic_compare_exchange_weak(&s->most_inside, &seen, inside))
			;
		atomic_fetch_sub(&s->inside, 1);
	}
	return NULL;
}

static void no_more_hold_a_name_than_may(void **state)
{
	(void)state;
	for (unsigned most = 1; most <= 3; most += 2) {
		struct shared s = { .turns = index_turns_new(), .most = most };
		pthread_t threads[THREADS];

		for (int i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, take_turns, &s), 0);
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		assert_in_range(atomic_load(&s.most_inside), 1, most);
		index_turns_free(s.turns);
	}
}

static void other_names_do_not_wait(void **state)
{
	struct index_turns *turns = index_turns_new();
	struct index_turn one = { 0 }, other = { 0 };
	struct task task = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(index_turn_take(turns, &task, STR("one"), 1, &one, &err), 0);
	assert_int_equal(index_turn_take(turns, &task, STR(""), 1, &other, &err), 0);
	index_turn_leave(&one);
	index_turn_leave(&one); /* again is nothing */
	index_turn_leave(&other);
	index_turns_free(turns);
}

static void waiting_ends_with_the_task(void **state)
{
	struct index_turns *turns = index_turns_new();
	struct index_turn held = { 0 }, none = { 0 };
	struct task task = { 0 }, hurried = { .deadline_ns = time_monotonic_ns() + 50000000ull };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(index_turn_take(turns, &task, STR("name"), 1, &held, &err), 0);
	assert_int_equal(index_turn_take(turns, &hurried, STR("name"), 1, &none, &err), E_TIMEOUT);
	assert_null(none.turns);
	assert_true(time_monotonic_ns() < hurried.deadline_ns + 2000000000ull);
	index_turn_leave(&held);
	assert_int_equal(index_turn_take(turns, &task, STR("name"), 1, &none, &err), 0);
	index_turn_leave(&none);
	index_turns_free(turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_hold_a_name_than_may),
		cmocka_unit_test(other_names_do_not_wait),
		cmocka_unit_test(waiting_ends_with_the_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
