/* SPDX-License-Identifier: Apache-2.0 */
/* The rate of requests: what is saved up, what a full second brings, and what an answer changes */
#include "../unit.h"

#include "net/http_pace.h"

#include <stdio.h>

#define SECOND 1000000000ull
#define MS 1000000ull

static void ten_go_at_once_and_then_one_each_tenth_of_a_second(void **state)
{
	const uint64_t now = 1000 * SECOND;
	struct http_pace p;

	(void)state;
	http_pace_open(&p);
	for (int i = 0; i < 10; i++)
		assert_int_equal(http_pace_take(&p, STR("a.example"), now), 0);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now), 100 * MS);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now), 200 * MS);
	assert_int_equal(http_pace_take(&p, STR("b.example"), now), 0);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now + 1000 * SECOND), 0);
	http_pace_close(&p);
}

static void a_busy_host_is_asked_less_often(void **state)
{
	const uint64_t now = 1000 * SECOND;
	struct http_pace p;

	(void)state;
	http_pace_open(&p);
	for (int i = 0; i < 9; i++)
		http_pace_answered(&p, STR("a.example"), 429);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now), 0);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now), SECOND);
	http_pace_answered(&p, STR("a.example"), 429);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now), 3 * SECOND);
	for (int i = 0; i < 20; i++)
		http_pace_answered(&p, STR("a.example"), 200);
	assert_int_equal(http_pace_take(&p, STR("a.example"), now), 3100 * MS);
	for (int i = 0; i < 1000; i++)
		http_pace_answered(&p, STR("a.example"), 429);
	assert_in_range(http_pace_take(&p, STR("a.example"), now), 20 * SECOND, 24 * SECOND);
	http_pace_close(&p);
}

static void more_hosts_than_there_are_places_share_the_last(void **state)
{
	struct http_pace p;
	char name[300];

	(void)state;
	http_pace_open(&p);
	memset(name, 'x', sizeof(name));
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "%d.", i);
		name[strlen(name)] = 'x';
		assert_true(http_pace_take(&p, (struct str){ name, sizeof(name) }, 1000 * SECOND) <
			    30 * SECOND);
	}
	assert_int_equal(p.n, PACE_HOSTS);
	http_pace_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_go_at_once_and_then_one_each_tenth_of_a_second),
		cmocka_unit_test(a_busy_host_is_asked_less_often),
		cmocka_unit_test(more_hosts_than_there_are_places_share_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
