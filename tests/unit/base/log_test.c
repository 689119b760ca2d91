/* SPDX-License-Identifier: Apache-2.0 */
/* log: three formats, one write a line, whole JSON whatever the values hold. */
#include "../unit.h"

#include "base/json.h"
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* Standard error into a pipe while one event is written. */
static struct str captured(struct arena *a, const struct log *log, int level, const char *msg,
			   const struct log_attribute *attributes)
{
	int ends[2], before = dup(STDERR_FILENO);
	char *bytes = arena_alloc(a, 65536);
	ssize_t n;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_event(log, level, msg, attributes);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	n = read(ends[0], bytes, 65536);
	close(ends[0]);
	close(ends[1]);
	close(before);
	return (struct str){ bytes, n > 0 ? (size_t)n : 0 };
}

static void text_is_for_people(void **state)
{
	static const struct {
		int level;
		const char *msg;
		struct log_attribute attributes[3];
		const char *want;
	} cases[] = {
		{ LOG_ERROR, "no space", { { 0 } }, "clair: error: no space\n" },
		{ LOG_WARNING, "no space", { { 0 } }, "clair: warning: no space\n" },
		{ LOG_INFO, "ready", { { "address", { ":6060", 5 } } }, "clair: ready address=:6060\n" },
		{ LOG_DEBUG, "x", { { "reason", { "a b", 3 } } }, "clair: debug: x reason=\"a b\"\n" },
		{ LOG_INFO, "x", { { "a", { NULL, 0 } }, { "b", { "=", 1 } } }, "clair: x a=\"\" b=\"=\"\n" },
		{ LOG_INFO, "two\nlines \033[1m \xff", { { 0 } }, "clair: two\\x0alines \\x1b[1m \\xff\n" },
		{ LOG_INFO, "C1 \xc2\x9b and \xc3\xa9", { { 0 } }, "clair: C1 \\xc2\\x9b and \xc3\xa9\n" },
	};
	const struct log log = { LOG_DEBUG, LOG_TEXT };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };

		assert_str_is(captured(&a, &log, cases[i].level, cases[i].msg, cases[i].attributes),
			      cases[i].want);
	}
}

static void levels_above_are_silent(void **state)
{
	autoarena struct arena a = { 0 };
	const struct log log = { LOG_WARNING, LOG_TEXT };

	(void)state;
	assert_int_equal(captured(&a, &log, LOG_INFO, "x", NULL).n, 0);
	assert_true(captured(&a, &log, LOG_WARNING, "x", NULL).n > 0);
}

static void json_has_time_level_message_and_attributes(void **state)
{
	static const char *const levels[] = { "ERROR", "WARN", "INFO", "DEBUG" };
	const struct log_attribute attributes[] = {
		{ "reason", STR("quote \" slash \\ bell \a, line\nbroken \xff \xc3\xa9") },
		{ "manifest", STR("sha256:ab") },
		{ 0 },
	};
	const struct log log = { LOG_DEBUG, LOG_JSON };

	(void)state;
	for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
		autoarena struct arena a = { 0 };
		struct str line = captured(&a, &log, level, "it failed", attributes), time;
		struct json_value v;
		struct err err = { 0 };

		assert_true(str_ends(line, STR("\"}\n")));
		assert_int_equal(str_find(line, '\n'), line.n - 1);
		if (json_parse(&a, line, &v, &err) < 0)
			fail_msg("%s", err.text);
		assert_str_is(v.keys[0], "time");
		time = json_get_str(&v, "time");
		assert_int_equal(time.n, 30);
		assert_int_equal(time.p[10], 'T');
		assert_int_equal(time.p[29], 'Z');
		assert_str_is(v.keys[1], "level");
		assert_str_is(json_get_str(&v, "level"), levels[level]);
		assert_str_is(v.keys[2], "msg");
		assert_str_is(json_get_str(&v, "msg"), "it failed");
		assert_str_is(json_get_str(&v, "reason"),
			      "quote \" slash \\ bell \a, line\nbroken \xef\xbf\xbd \xc3\xa9");
		assert_str_is(json_get_str(&v, "manifest"), "sha256:ab");
	}
}

static void long_values_are_cut_and_the_line_stays_whole(void **state)
{
	static const enum log_format formats[] = { LOG_TEXT, LOG_JSON, LOG_COLOR };

	(void)state;
	for (size_t i = 0; i < 3 * 4; i++) {
		autoarena struct arena a = { 0 };
		const char fill[] = { 'x', '"', '\n', '\xff' };
		size_t n = 4100 + i * 17;
		char *value = arena_alloc(&a, n);
		const struct log_attribute attributes[] = { { "first", STR("kept") },
							    { "long", { memset(value, fill[i / 3], n), n } },
							    { "last", STR("gone") },
							    { 0 } };
		const struct log log = { LOG_DEBUG, formats[i % 3] };
		struct str line = captured(&a, &log, LOG_INFO, "m", attributes);
		struct json_value v;
		struct err err = { 0 };

		assert_in_range(line.n, 3500, 4096);
		assert_int_equal(str_find(line, '\n'), line.n - 1);
		assert_int_equal(str_search(line, STR("gone")), line.n);
		if (formats[i % 3] != LOG_JSON)
			continue;
		assert_int_equal(json_parse(&a, line, &v, &err), 0);
		assert_true(str_ends(json_get_str(&v, "long"), STR("...")));
		assert_null(json_get(&v, "last"));
	}
}

static void a_value_may_end_anywhere_near_the_limit(void **state)
{
	const struct log log = { LOG_DEBUG, LOG_JSON };

	(void)state;
	for (size_t n = 3960; n < 4060; n++) {
		autoarena struct arena a = { 0 };
		char *value = arena_alloc(&a, n);
		const struct log_attribute attributes[] = { { "long", { memset(value, 'x', n), n } },
							    { "b", STR("") },
							    { 0 } };
		struct json_value v;
		struct err err = { 0 };

		assert_int_equal(json_parse(&a, captured(&a, &log, LOG_INFO, "m", attributes), &v, &err), 0);
	}
}

static void *write_lines(void *log)
{
	const struct log_attribute attributes[] = { { "a", STR("value of many words") }, { 0 } };

	for (int i = 0; i < 20; i++)
		log_event(log, LOG_INFO, "message", attributes);
	return NULL;
}

static void threads_do_not_mix_their_lines(void **state)
{
	autoarena struct arena a = { 0 };
	struct log log = { LOG_INFO, LOG_TEXT };
	int ends[2], before = dup(STDERR_FILENO);
	char *bytes = arena_alloc(&a, 65536);
	struct str rest = { bytes, 0 }, line;
	pthread_t threads[4];
	size_t lines = 0;

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &log), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	rest.n = (size_t)read(ends[0], bytes, 65536);
	for (; str_line(&rest, &line); lines++)
		assert_str_is(line, "clair: message a=\"value of many words\"");
	assert_int_equal(lines, 80);
	close(ends[0]);
	close(ends[1]);
	close(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_for_people),
		cmocka_unit_test(levels_above_are_silent),
		cmocka_unit_test(json_has_time_level_message_and_attributes),
		cmocka_unit_test(long_values_are_cut_and_the_line_stays_whole),
		cmocka_unit_test(a_value_may_end_anywhere_near_the_limit),
		cmocka_unit_test(threads_do_not_mix_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
