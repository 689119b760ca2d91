/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against server.py on a loopback port: what is an answer, what is tried again, what is
 * refused. */
#include "net/http_client.h"

#include "base/cursor.h"
#include "base/time.h"
#include "server.h"

struct exchange {
	struct task task;
	struct http_request request;
	struct http_response response;
	struct buffer body;
	struct err err;
	int code;
};

static struct exchange exchange_new(void)
{
	return (struct exchange){ .request = { .max_bytes = 1000, .timeout_seconds = 10 } };
}

/* GET path from the server; the body is collected. */
static void get(struct server *s, struct exchange *x, const char *path)
{
	struct mem_writer w;

	x->body = (struct buffer){ .arena = &x->task.arena };
	mem_writer_open(&w, &x->body);
	if (!x->request.url.n)
		x->request.url = str_format(&x->task.arena, "http://127.0.0.1:%u%s", s->port, path);
	x->code = http_perform(s->client, &x->task, &x->request, &w.writer, &x->response, &x->err);
}

static struct str body_of(const struct exchange *x)
{
	return buffer_str(&x->body);
}

/* How often the server was asked for path. */
static void assert_asked(struct server *s, const char *path, const char *times)
{
	struct exchange x = exchange_new();
	char count[128];

	snprintf(count, sizeof(count), "/count%s", path);
	get(s, &x, count);
	assert_int_equal(x.code, 0);
	assert_str_is(body_of(&x), times);
	task_close(&x.task);
}

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

/* A client of other options, for one test. */
static void get_with(struct server *s, const struct http_client_options *options, struct exchange *x,
		     const char *path)
{
	struct server other = *s;

	assert_int_equal(http_client_new_with(options, &other.client, &x->err), 0);
	get(&other, x, path);
	http_client_free(other.client);
}

static void test_bodies_and_methods_are_sent(void **state)
{
	static const struct {
		const char *method, *body, *type, *arrives;
	} cases[] = {
		{ "POST", "a=1", "text/x", "POST text/x a=1" },
		{ "POST", "a=1", NULL, "POST None a=1" },
		{ "POST", "", NULL, "POST None " },
		{ "DELETE", "[]", "text/x", "DELETE text/x []" },
		{ "DELETE", "", NULL, "DELETE None " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange x = exchange_new();
		struct http_header type = { STR("Content-Type"), str_of(cases[i].type) };

		x.request.method = str_of(cases[i].method);
		x.request.body = str_of(cases[i].body);
		x.request.headers = &type;
		x.request.header_count = cases[i].type ? 1 : 0;
		get(*state, &x, "/method");
		assert_int_equal(x.code, 0);
		assert_str_is(body_of(&x), cases[i].arrives);
		task_close(&x.task);
	}
}

static void test_a_redirected_post_becomes_a_get_or_stays(void **state)
{
	static const struct {
		const char *path, *arrives;
	} cases[] = { { "/to/302//method", "GET None " },
		      { "/to/303//method", "GET None " },
		      { "/to/307//method", "POST text/x a=1" },
		      { "/to/308//method", "POST text/x a=1" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange x = exchange_new();
		struct http_header type = { STR("X-Type"), STR("text/x") };

		type.name = i < 2 ? STR("X-Type") : STR("Content-Type");
		x.request.method = STR("POST");
		x.request.body = STR("a=1");
		x.request.headers = &type;
		x.request.header_count = 1;
		get(*state, &x, cases[i].path);
		assert_int_equal(x.code, 0);
		assert_str_is(body_of(&x), cases[i].arrives);
		assert_true(str_ends(x.response.final_url, STR("/method")));
		task_close(&x.task);
	}
}

static const struct http_header secrets[] = { { STR("Authorization"), STR("Bearer hush-hush") },
					      { STR("X-Custom"), STR("also hush-hush") },
					      { STR("X-Empty"), STR("") } };

static void test_headers_go_to_the_host_they_are_for(void **state)
{
	struct server *s = *state;

	for (int is_away = 0; is_away < 2; is_away++) {
		struct exchange x = exchange_new();
		char path[128];

		snprintf(path, sizeof(path), "/to/302/http://%s:%u/headers",
			 is_away ? "localhost" : "127.0.0.1", s->port);
		x.request.headers = secrets;
		x.request.header_count = 3;
		get(s, &x, path);
		assert_int_equal(x.code, 0);
		assert_int_equal(str_search(body_of(&x), STR("hush-hush")) < x.body.n, !is_away);
		assert_int_equal(str_search(body_of(&x), STR("X-Custom")) < x.body.n, !is_away);
		assert_int_equal(str_search(body_of(&x), STR("X-Empty")) < x.body.n, !is_away);
		task_close(&x.task);
	}
}

static void test_a_body_is_not_sent_to_another_host(void **state)
{
	struct server *s = *state;
	struct exchange x = exchange_new();
	char path[128];

	snprintf(path, sizeof(path), "/to/307/http://localhost:%u/method", s->port);
	x.request.method = STR("POST");
	x.request.body = STR("a=1");
	get(s, &x, path);
	assert_int_equal(x.code, E_IO);
	assert_non_null(strstr(x.err.text, "another host"));
	task_close(&x.task);
}

static void test_headers_that_frame_the_message_are_ours(void **state)
{
	static const struct http_header framing[] = { { STR("Host"), STR("evil.example") },
						      { STR("Transfer-Encoding"), STR("chunked") },
						      { STR("Content-Length"), STR("7") } };
	struct exchange x = exchange_new();

	x.request.headers = framing;
	x.request.header_count = 3;
	get(*state, &x, "/headers");
	assert_int_equal(x.code, 0);
	assert_true(str_search(body_of(&x), STR("chunked")) == x.body.n);
	assert_true(str_search(body_of(&x), STR("Content-Length")) == x.body.n);
	task_close(&x.task);
}

static void test_headers_that_cannot_be_sent_are_not_shown(void **state)
{
	static const struct http_header bad[] = { { STR("X-Split"), STR("hush\r\nX-Evil: 1") },
						  { STR("hush: x"), STR("1") },
						  { STR(""), STR("hush") } };

	for (size_t i = 0; i < 3; i++) {
		struct exchange x = exchange_new();

		x.request.headers = &bad[i];
		x.request.header_count = 1;
		get(*state, &x, "/headers");
		assert_int_equal(x.code, E_FORMAT);
		assert_null(strstr(x.err.text, "hush"));
		task_close(&x.task);
	}
}

static void test_error_bodies_are_delivered_when_wanted(void **state)
{
	struct exchange x = exchange_new(), y = exchange_new(), z = exchange_new();

	x.request.wants_error_body = y.request.wants_error_body = z.request.wants_error_body = true;
	get(*state, &x, "/teapot"); /* cut at the limit */
	assert_int_equal(x.code, 0);
	assert_int_equal(x.response.status, 418);
	assert_int_equal(x.body.n, 1000);
	get(*state, &y, "/busy/1"); /* the page of the first try is not */
	assert_str_is(body_of(&y), "hello");
	get(*state, &z, "/busy/8");
	assert_int_equal(z.response.status, 503);
	assert_str_is(body_of(&z), "busy");
	task_close(&x.task);
	task_close(&y.task);
	task_close(&z.task);
}

static void test_one_try_is_one_try(void **state)
{
	struct exchange x = exchange_new();

	x.request.no_retry = true;
	get(*state, &x, "/busy/7");
	assert_int_equal(x.response.status, 503);
	assert_asked(*state, "/busy/7", "1");
	task_close(&x.task);
}

static void test_the_head_alone_can_be_had(void **state)
{
	struct exchange x = exchange_new();

	x.request.stops_at_body = true;
	get(*state, &x, "/endless");
	assert_int_equal(x.code, 0);
	assert_int_equal(x.response.status, 200);
	assert_int_equal(x.body.n, 0);
	task_close(&x.task);
}

static void test_floods_of_headers_are_refused(void **state)
{
	struct exchange x = exchange_new();

	get(*state, &x, "/header-flood");
	if (x.code != E_LIMIT)
		fail_msg("%d %s", x.code, x.err.text);
	task_close(&x.task);
}

static void test_the_policy_judges_addresses_and_redirects(void **state)
{
	struct fetch_policy strict = { .mode = FETCH_STRICT }, usual = { 0 };
	static const char *const far[] = {
		"/to/302/http://169.254.169.254/latest/meta-data/",
		"/to/302/http://2852039166/",
		"/to/302/http://0xa9.0xfe.0xa9.0xfe/",
		"/to/302/http://[::ffff:a9fe:a9fe]/",
		"/to/302/http://%31%36%39.254.169.254/",
		"/to/302/http://metadata.google.internal/",
	};
	struct exchange x = exchange_new();

	get_with(*state, &(struct http_client_options){ .policy = &strict }, &x, "/strict");
	assert_int_equal(x.code, E_AUTH);
	assert_non_null(strstr(x.err.text, "disallowed by policy"));
	assert_asked(*state, "/strict", "0");
	task_close(&x.task);
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		struct exchange y = exchange_new();

		get_with(*state, &(struct http_client_options){ .policy = &usual }, &y, far[i]);
		if (y.code != E_AUTH || !strstr(y.err.text, "disallowed by policy"))
			fail_msg("%s: %d %s", far[i], y.code, y.err.text);
		task_close(&y.task);
	}
}

/* The name says nothing; what it resolves to does. */
static void test_the_policy_judges_what_a_name_resolves_to(void **state)
{
	struct server *s = *state;
	struct fetch_policy p = { .mode = FETCH_DEFAULT };
	struct exchange x = exchange_new();
	struct fetch_rule rule;

	assert_int_equal(fetch_rule_parse(&x.task.arena, STR("127.0.0.0/8"), &rule, &x.err), 0);
	VEC_PUSH(&x.task.arena, &p.deny, rule);
	assert_int_equal(fetch_rule_parse(&x.task.arena, STR("::1"), &rule, &x.err), 0);
	VEC_PUSH(&x.task.arena, &p.deny, rule);
	x.request.url = str_format(&x.task.arena, "http://localhost:%u/never", s->port);
	get_with(s, &(struct http_client_options){ .policy = &p }, &x, "");
	assert_int_equal(x.code, E_AUTH);
	assert_non_null(strstr(x.err.text, "localhost"));
	task_close(&x.task);
}

static void test_ca_files_must_hold_certificates(void **state)
{
	static const char *const files[] = { "no/such.pem", "/dev/null" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct http_client *c;
		struct err err;

		assert_int_equal(
			http_client_new_with(&(struct http_client_options){ .ca_file = str_of(files[i]) }, &c,
					     &err),
			E_CONFIG);
		assert_non_null(strstr(err.text, files[i]));
	}
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
		cmocka_unit_test(test_bodies_and_methods_are_sent),
		cmocka_unit_test(test_a_redirected_post_becomes_a_get_or_stays),
		cmocka_unit_test(test_headers_go_to_the_host_they_are_for),
		cmocka_unit_test(test_a_body_is_not_sent_to_another_host),
		cmocka_unit_test(test_headers_that_frame_the_message_are_ours),
		cmocka_unit_test(test_headers_that_cannot_be_sent_are_not_shown),
		cmocka_unit_test(test_error_bodies_are_delivered_when_wanted),
		cmocka_unit_test(test_one_try_is_one_try),
		cmocka_unit_test(test_the_head_alone_can_be_had),
		cmocka_unit_test(test_floods_of_headers_are_refused),
		cmocka_unit_test(test_the_policy_judges_addresses_and_redirects),
		cmocka_unit_test(test_the_policy_judges_what_a_name_resolves_to),
		cmocka_unit_test(test_ca_files_must_hold_certificates),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
