/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP client sends, to whom, and where it refuses to go: methods, bodies, headers, redirects,
 * policy. */
#include "server.h"

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

static void test_certificates_are_verified(void **state)
{
	struct server *s = *state;
	struct http_client_options options[] = { { .is_insecure = false },
						 { .is_insecure = true },
						 { .ca_file = str_of(s->certificate) } };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct exchange x = exchange_new();

		x.request.url = str_format(&x.task.arena, "https://127.0.0.1:%u/ok", s->tls_port);
		get_with(s, &options[i], &x, "");
		if (x.code != (i == 0 ? E_IO : 0))
			fail_msg("%zu: %d %s", i, x.code, x.err.text);
		task_close(&x.task);
	}
}

static void test_redirects_from_https_to_http_are_refused(void **state)
{
	struct server *s = *state;
	struct exchange x = exchange_new();

	x.request.url = str_format(&x.task.arena, "https://127.0.0.1:%u/to/302/http://127.0.0.1:%u/ok",
				   s->tls_port, s->port);
	get_with(s, &(struct http_client_options){ .is_insecure = true }, &x, "");
	assert_int_equal(x.code, E_IO);
	assert_non_null(strstr(x.err.text, "from https to http"));
	task_close(&x.task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(test_certificates_are_verified),
		cmocka_unit_test(test_redirects_from_https_to_http_are_refused),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
