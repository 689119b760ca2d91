/* SPDX-License-Identifier: Apache-2.0 */
/* arena, vec, map, task, err, cursor, time */
#include "../unit.h"

#include "base/cursor.h"
#include "base/err.h"
#include "base/map.h"
#include "base/task.h"
#include "base/time.h"
#include "base/vec.h"

static void an_arena_gives_zeroed_aligned_memory_of_any_size(void **state)
{
	autoarena struct arena a = { 0 };
	char *large;

	(void)state;
	for (size_t n = 0; n < 300; n += 7) {
		unsigned char *p = arena_alloc(&a, n);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xaa, n);
	}
	large = arena_alloc(&a, 5 * 1024 * 1024);
	large[5 * 1024 * 1024 - 1] = 1;
	assert_true(a.used_bytes > 5 * 1024 * 1024);
}

static void releasing_to_a_mark_gives_memory_back(void **state)
{
	autoarena struct arena a = { 0 };
	struct str kept = str_copy(&a, STR("kept"));
	struct arena_mark mark = arena_mark(&a);
	size_t used = a.used_bytes;

	(void)state;
	for (int i = 0; i < 1000; i++)
		arena_alloc(&a, 4096);
	arena_release(&a, mark);
	assert_int_equal(a.used_bytes, used);
	assert_str_is(kept, "kept");
}

static void an_adopted_arena_lives_on(void **state)
{
	autoarena struct arena a = { 0 }, b = { 0 };
	struct str first, second;

	(void)state;
	first = str_copy(&b, STR("from b"));
	arena_adopt(&a, &b);
	second = str_copy(&b, STR("again"));
	str_copy(&a, STR("in a"));
	arena_adopt(&a, &b);
	arena_reset(&b);
	assert_str_is(first, "from b");
	assert_str_is(second, "again");
}

static void a_vector_keeps_its_elements_while_it_grows(void **state)
{
	autoarena struct arena a = { 0 };
	VEC(int) v = { 0 };
	int sum = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		VEC_PUSH(&a, &v, i);
		arena_alloc(&a, 1);
	}
	VEC_EACH (int, it, &v)
		sum += *it;
	assert_int_equal(v.n, 1000);
	assert_int_equal(sum, 499500);
}

static void a_map_finds_what_was_put(void **state)
{
	autoarena struct arena a = { 0 };
	struct map m = { .arena = &a };
	struct str key;
	void *value;
	size_t i = 0, count = 0;

	(void)state;
	assert_null(map_get(&m, STR("x")));
	for (uintptr_t n = 1; n <= 5000; n++)
		*map_put(&m, str_format(&a, "key %zu", (size_t)n)) = (void *)n;
	for (uintptr_t n = 1; n <= 5000; n++)
		assert_ptr_equal(map_get(&m, str_format(&a, "key %zu", (size_t)n)), (void *)n);
	assert_null(map_get(&m, STR("key 5001")));
	while (map_next(&m, &i, &key, &value))
		count++;
	assert_int_equal(count, 5000);
}

static void a_task_stops_at_its_budget_deadline_and_cancellation(void **state)
{
	autotask struct task t = { .arena_budget_bytes = 100000 };
	atomic_bool canceled = false;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(task_check(&t, &err), 0);
	arena_alloc(&t.arena, 200000);
	assert_int_equal(task_check(&t, &err), E_LIMIT);
	t.arena_budget_bytes = 0;
	t.deadline_ns = 1;
	assert_int_equal(task_check(&t, &err), E_TIMEOUT);
	t.canceled = &canceled;
	canceled = true;
	assert_int_equal(task_check(&t, &err), E_CANCELED);
}

static void wrapping_an_error_never_cuts_the_cause(void **state)
{
	struct err e = { 0 };
	char longest[600];

	(void)state;
	assert_int_equal(err_set(&e, E_FORMAT, "line %d: no ':'", 7), E_FORMAT);
	assert_int_equal(err_wrap(&e, "file %s", "x"), E_FORMAT);
	assert_string_equal(e.text, "file x: line 7: no ':'");
	memset(longest, 'y', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	err_wrap(&e, "%s", longest);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_non_null(strstr(e.text, ": file x: line 7: no ':'"));
	err_set(&e, E_IO, "%s again", e.text);
	assert_string_equal(err_name(e.code), "E_IO");
}

static void a_cursor_stays_bad_after_the_first_overrun(void **state)
{
	struct cursor c = cursor_of(STR("\x01\x02\x03\x04\x05"));

	(void)state;
	assert_int_equal(get_be16(&c), 0x0102);
	assert_int_equal(get_le16(&c), 0x0403);
	assert_int_equal(get_be32(&c), 0);
	assert_true(c.bad);
	assert_int_equal(get_u8(&c), 0);
	assert_int_equal(get_bytes(&c, 0).n, 0);
}

static void varints_and_strings_come_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 300, 1u << 21, UINT32_MAX, UINT64_MAX };
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct cursor c;

	(void)state;
	for (size_t i = 0; i < 8; i++)
		put_varint(&b, numbers[i]);
	put_string(&b, STR("text"));
	put_le64(&b, 0x1122334455667788);
	put_le32(&b, 0x99);
	c = cursor_of(buffer_str(&b));
	for (size_t i = 0; i < 8; i++)
		assert_true(get_varint(&c) == numbers[i]);
	assert_str_is(get_string(&c, 4), "text");
	assert_true(get_le64(&c) == 0x1122334455667788);
	assert_int_equal(get_le32(&c), 0x99);
	assert_false(c.bad);
	c = cursor_of(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));
	get_varint(&c);
	assert_true(c.bad);
	c = cursor_of(STR("\x05"
			  "abc"));
	assert_int_equal(get_string(&c, 100).n, 0);
	assert_true(c.bad);
	c = cursor_of(STR("\x03"
			  "abc"));
	get_string(&c, 2);
	assert_true(c.bad);
}

static void times_are_read_and_written(void **state)
{
	int64_t t;
	char buf[32];

	(void)state;
	assert_true(time_parse(STR("2014-04-07T12:30:15Z"), &t));
	assert_string_equal(time_rfc3339(t, buf), "2014-04-07T12:30:15Z");
	assert_true(time_parse(STR("2014-04-07T14:30:15.123+02:00"), &t));
	assert_string_equal(time_rfc3339(t, buf), "2014-04-07T12:30:15Z");
	assert_true(time_parse(STR("2014-04-07"), &t));
	assert_false(time_parse(STR("2014-13-07"), &t));
	assert_false(time_parse(STR("2014-04-07T12:30"), &t));
	assert_false(time_parse(STR("2014-04-07T12:30:15"), &t));
	assert_false(time_parse(STR("yesterday"), &t));
	assert_true(time_parse_http(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &t));
	assert_int_equal(t, 784111777);
	assert_true(time_parse_http(STR("Thu, 29 Feb 2024 23:59:59 GMT"), &t));
	assert_string_equal(time_rfc3339(t, buf), "2024-02-29T23:59:59Z");
	assert_false(time_parse_http(STR("Sunday, 06-Nov-94 08:49:37 GMT"), &t));
	assert_false(time_parse_http(STR("Sun, 06 anF 1994 08:49:37 GMT"), &t));
	assert_false(time_parse_http(STR("Sun, 06 Nov 1994 08:49:37 CET"), &t));
	assert_false(time_parse_http(STR("Sun,"), &t));
	assert_false(time_parse_http(STR(""), &t));
	assert_string_equal(time_age(30, buf), "30 s");
	assert_string_equal(time_age(600, buf), "10 min");
	assert_string_equal(time_age(3 * 3600, buf), "3 h");
	assert_string_equal(time_age(5 * 86400, buf), "5 days");
	assert_string_equal(time_age(-5, buf), "0 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_of_any_size),
		cmocka_unit_test(releasing_to_a_mark_gives_memory_back),
		cmocka_unit_test(an_adopted_arena_lives_on),
		cmocka_unit_test(a_vector_keeps_its_elements_while_it_grows),
		cmocka_unit_test(a_map_finds_what_was_put),
		cmocka_unit_test(a_task_stops_at_its_budget_deadline_and_cancellation),
		cmocka_unit_test(wrapping_an_error_never_cuts_the_cause),
		cmocka_unit_test(a_cursor_stays_bad_after_the_first_overrun),
		cmocka_unit_test(varints_and_strings_come_back),
		cmocka_unit_test(times_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
