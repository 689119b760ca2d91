/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against server.py on a loopback port: what is an answer, what is tried again, what is
 * refused. */
#include "net/http_client.h"

#include "base/cursor.h"
#include "base/time.h"
#include "server.h"

static void test_gets_body_and_validators(void **state)
{
	struct exchange x = exchange_new();

	get(*state, &x, "/ok");
	assert_int_equal(x.code, 0);
	assert_int_equal(x.response.status, 200);
	assert_str_is(body_of(&x), "hello");
	assert_str_is(x.response.etag, "\"one\"");
	assert_str_is(x.response.last_modified, "Tue, 01 Sep 2026 00:00:00 GMT");
	assert_str_is(x.response.content_type, "text/x");
	task_close(&x.task);
}

static void test_empty_body_is_an_answer(void **state)
{
	struct exchange x = exchange_new();

	get(*state, &x, "/empty");
	assert_int_equal(x.code, 0);
	assert_int_equal(x.response.status, 200);
	assert_int_equal(x.body.n, 0);
	task_close(&x.task);
}

static void test_head_brings_no_body_and_knows_no_size_limit(void **state)
{
	struct exchange x = exchange_new();

	x.request.is_head = true;
	get(*state, &x, "/large");
	assert_int_equal(x.code, 0);
	assert_int_equal(x.response.status, 200);
	assert_int_equal(x.body.n, 0);
	task_close(&x.task);
}

static void test_unchanged_is_status_304(void **state)
{
	for (int by_date = 0; by_date < 2; by_date++) {
		struct exchange x = exchange_new();

		if (by_date)
			x.request.if_modified_since = STR("Tue, 01 Sep 2026 00:00:00 GMT");
		else
			x.request.if_none_match = STR("\"one\"");
		get(*state, &x, "/conditional");
		assert_int_equal(x.code, 0);
		assert_int_equal(x.response.status, 304);
		assert_str_is(x.response.etag, "\"one\"");
		assert_int_equal(x.body.n, 0);
		task_close(&x.task);
	}
}

static void test_control_bytes_in_a_validator_are_refused(void **state)
{
	struct exchange x = exchange_new();

	x.request.if_none_match = STR("\"a\"\r\nX-Evil: 1");
	get(*state, &x, "/conditional");
	assert_int_equal(x.code, E_FORMAT);
	task_close(&x.task);
}

static void test_sends_agent_and_range_and_no_coding(void **state)
{
	static const struct {
		const char *path, *begins;
	} cases[] = {
		{ "/echo/User-Agent", "clair/" },
		{ "/echo/Range", "bytes=0-3" },
		{ "/echo/Accept-Encoding", "None" },
		{ "/echo/If-None-Match", "None" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange x = exchange_new();

		x.request.range = STR("bytes=0-3");
		get(*state, &x, cases[i].path);
		assert_int_equal(x.code, 0);
		assert_true(str_starts(body_of(&x), str_of(cases[i].begins)));
		task_close(&x.task);
	}
}

static void test_partial_content_is_delivered(void **state)
{
	struct exchange x = exchange_new();

	x.request.range = STR("bytes=0-3");
	get(*state, &x, "/range");
	assert_int_equal(x.response.status, 206);
	assert_str_is(body_of(&x), "part");
	task_close(&x.task);
}

static void test_error_pages_are_a_status_without_body(void **state)
{
	static const char *const paths[] = { "/missing", "/endless-error" };

	for (size_t i = 0; i < 2; i++) {
		struct exchange x = exchange_new();

		get(*state, &x, paths[i]);
		assert_int_equal(x.code, 0);
		assert_int_equal(x.response.status, 404);
		assert_int_equal(x.body.n, 0);
		task_close(&x.task);
	}
}

static void test_follows_ten_redirects_but_not_eleven(void **state)
{
	struct exchange x = exchange_new(), y = exchange_new();

	get(*state, &x, "/redirect/10");
	assert_int_equal(x.code, 0);
	assert_str_is(body_of(&x), "hello");
	assert_str_is(x.response.etag, "\"one\"");
	assert_int_equal(x.response.location.n, 0);
	get(*state, &y, "/redirect/11");
	assert_int_equal(y.code, E_IO);
	assert_non_null(strstr(y.err.text, "10 redirects"));
	task_close(&x.task);
	task_close(&y.task);
}

static void test_redirect_to_another_protocol_is_refused(void **state)
{
	struct exchange x = exchange_new();

	get(*state, &x, "/to-file");
	assert_int_equal(x.code, E_IO);
	assert_int_equal(x.body.n, 0);
	task_close(&x.task);
}

static void test_other_schemes_are_refused(void **state)
{
	static const char *const urls[] = {
		"file:///etc/hostname", "ftp://127.0.0.1/",	    "127.0.0.1/", "http://", "",
		"http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y"
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct exchange x = exchange_new();

		x.request.url = (struct str){ urls[i], strlen(urls[i]) };
		x.code = http_perform(((struct server *)*state)->client, &x.task, &x.request, NULL,
				      &x.response, &x.err);
		assert_int_equal(x.code, E_CONFIG);
		task_close(&x.task);
	}
}

static void test_body_above_the_limit_is_refused(void **state)
{
	struct exchange x = exchange_new(), y = exchange_new(), z = exchange_new();

	get(*state, &x, "/large");
	assert_int_equal(x.code, E_LIMIT);
	assert_int_equal(x.body.n, 0); /* announced: nothing is delivered */
	get(*state, &y, "/endless");
	assert_int_equal(y.code, E_LIMIT);
	assert_true(y.body.n <= 1000);
	z.request.max_bytes = 100000;
	get(*state, &z, "/large");
	assert_int_equal(z.code, 0);
	assert_int_equal(z.body.n, 100000);
	task_close(&x.task);
	task_close(&y.task);
	task_close(&z.task);
}

static void test_cut_body_is_an_error_and_not_tried_again(void **state)
{
	struct exchange x = exchange_new();

	get(*state, &x, "/cut");
	assert_int_equal(x.code, E_IO);
	assert_non_null(strstr(x.err.text, "after 10 bytes"));
	assert_asked(*state, "/cut", "1");
	task_close(&x.task);
}

static void test_silence_times_out(void **state)
{
	struct exchange x = exchange_new();
	uint64_t begin = time_monotonic_ns();

	x.request.timeout_seconds = 1;
	get(*state, &x, "/silent");
	assert_int_equal(x.code, E_TIMEOUT);
	assert_true(time_monotonic_ns() - begin < 4000000000ull);
	task_close(&x.task);
}

static void test_broken_connection_is_tried_again(void **state)
{
	struct exchange x = exchange_new();

	get(*state, &x, "/broken-once");
	assert_int_equal(x.code, 0);
	assert_str_is(body_of(&x), "hello");
	assert_asked(*state, "/broken-once", "2");
	task_close(&x.task);
}

static void test_busy_server_is_asked_three_times(void **state)
{
	struct exchange x = exchange_new(), y = exchange_new();

	get(*state, &x, "/busy/2");
	assert_int_equal(x.code, 0);
	assert_str_is(body_of(&x), "hello");
	get(*state, &y, "/busy/9");
	assert_int_equal(y.code, 0);
	assert_int_equal(y.response.status, 503);
	assert_int_equal(y.body.n, 0);
	assert_asked(*state, "/busy/9", "3");
	task_close(&x.task);
	task_close(&y.task);
}

static void test_retry_after_is_honoured_up_to_a_minute(void **state)
{
	struct exchange x = exchange_new(), y = exchange_new();
	uint64_t begin = time_monotonic_ns();

	get(*state, &x, "/later/1");
	assert_int_equal(x.response.status, 200);
	assert_true(time_monotonic_ns() - begin > 900000000ull);
	get(*state, &y, "/later/3600");
	assert_int_equal(y.code, 0);
	assert_int_equal(y.response.status, 429);
	assert_asked(*state, "/later/3600", "1");
	task_close(&x.task);
	task_close(&y.task);
}

static void test_refused_connection_is_an_error(void **state)
{
	struct exchange x = exchange_new();

	x.request.url = STR("http://user:secret@127.0.0.1:1/x?token=secret");
	get(*state, &x, "");
	assert_int_equal(x.code, E_IO);
	assert_non_null(strstr(x.err.text, "http://127.0.0.1:1/x"));
	assert_null(strstr(x.err.text, "secret"));
	task_close(&x.task);
}

static void test_cancellation_ends_a_silent_transfer(void **state)
{
	struct exchange x = exchange_new();
	uint64_t begin = time_monotonic_ns();

	x.task.deadline_ns = begin + 1000000000ull; /* the same check as for a cancel flag */
	get(*state, &x, "/silent");
	assert_int_equal(x.code, E_TIMEOUT);
	assert_true(time_monotonic_ns() - begin < 4000000000ull);
	task_close(&x.task);
}

static void test_canceled_task_sends_nothing(void **state)
{
	struct exchange x = exchange_new();
	const atomic_bool canceled = true;

	x.task.canceled = &canceled;
	get(*state, &x, "/never");
	assert_int_equal(x.code, E_CANCELED);
	assert_asked(*state, "/never", "0");
	task_close(&x.task);
}

static int full_disk(struct writer *w, const void *buf, size_t n, struct err *err)
{
	(void)w, (void)buf, (void)n;
	return err_set(err, E_IO, "disk full");
}

static void test_errors_of_the_sink_come_back(void **state)
{
	struct server *s = *state;
	struct exchange x = exchange_new();
	struct writer w = { full_disk };

	x.request.url = str_format(&x.task.arena, "http://127.0.0.1:%u/ok", s->port);
	x.code = http_perform(s->client, &x.task, &x.request, &w, &x.response, &x.err);
	assert_int_equal(x.code, E_IO);
	assert_string_equal(x.err.text, "disk full");
	task_close(&x.task);
}

static void test_proxy_of_the_environment_is_used(void **state)
{
	struct server *s = *state;
	struct exchange x = exchange_new();
	char proxy[64];

	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", s->port);
	setenv("http_proxy", proxy, 1);
	x.request.url = STR("http://nowhere.invalid/proxied/ok");
	get(s, &x, "");
	unsetenv("http_proxy");
	assert_int_equal(x.code, 0);
	assert_str_is(body_of(&x), "hello");
	task_close(&x.task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gets_body_and_validators),
		cmocka_unit_test(test_empty_body_is_an_answer),
		cmocka_unit_test(test_head_brings_no_body_and_knows_no_size_limit),
		cmocka_unit_test(test_unchanged_is_status_304),
		cmocka_unit_test(test_control_bytes_in_a_validator_are_refused),
		cmocka_unit_test(test_sends_agent_and_range_and_no_coding),
		cmocka_unit_test(test_partial_content_is_delivered),
		cmocka_unit_test(test_error_pages_are_a_status_without_body),
		cmocka_unit_test(test_follows_ten_redirects_but_not_eleven),
		cmocka_unit_test(test_redirect_to_another_protocol_is_refused),
		cmocka_unit_test(test_other_schemes_are_refused),
		cmocka_unit_test(test_body_above_the_limit_is_refused),
		cmocka_unit_test(test_cut_body_is_an_error_and_not_tried_again),
		cmocka_unit_test(test_silence_times_out),
		cmocka_unit_test(test_broken_connection_is_tried_again),
		cmocka_unit_test(test_busy_server_is_asked_three_times),
		cmocka_unit_test(test_retry_after_is_honoured_up_to_a_minute),
		cmocka_unit_test(test_refused_connection_is_an_error),
		cmocka_unit_test(test_cancellation_ends_a_silent_transfer),
		cmocka_unit_test(test_canceled_task_sends_nothing),
		cmocka_unit_test(test_errors_of_the_sink_come_back),
		cmocka_unit_test(test_proxy_of_the_environment_is_used),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
