/* SPDX-License-Identifier: Apache-2.0 */
/* The second listener: health, readiness, metrics. */
#include "net/http_server_case.h"

#include "api/introspection.h"
#include "base/arena.h"

static bool ready(void *ctx, struct buffer *why)
{
	atomic_bool *is_ready = ctx;

	put_bytes(why, STR("updater set \"x\" is not known\n"));
	return atomic_load(is_ready);
}

static void collect(void *ctx)
{
	(void)ctx;
}

static void each_path_has_its_answer(void **state)
{
	static const struct {
		const char *request;
		bool is_ready;
		unsigned status;
		const char *has;
	} cases[] = {
		{ GET("/healthz"), false, 200, "\r\n\r\nok" },
		{ GET("/healthz"), false, 200, "X-Content-Type-Options: nosniff" },
		{ GET("/readyz"), true, 200, "Content-Length: 0" },
		{ GET("/readyz"), false, 503, "Content-Length: 0" },
		{ GET("/readyz"), false, 503, "Cache-Control: no-store" },
		{ GET("/readyz?detail=1"), false, 503, "updater set \"x\" is not known\n" },
		{ "POST /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", true, 405, "" },
		{ GET("/m"), true, 200, "example_total 1\n" },
		{ GET("/m"), true, 200, "Content-Type: text/plain; version=0.0.4" },
		{ GET("/metrics"), true, 404, "" },
		{ GET("/debug/pprof/"), true, 404, "" },
	};
	struct server_case c = { .port = 0 };
	atomic_bool is_ready = false;
	struct introspection i = { .metrics = metrics_new(),
				   .metrics_path = STR("/m"),
				   .collect = collect,
				   .ready = ready,
				   .ctx = &is_ready };
	struct http_server_options options = { .listen = STR("127.0.0.1:0"),
					       .threads = 1,
					       .handle = introspection_handle,
					       .refuse = introspection_refuse,
					       .ctx = &i };
	struct answer a;
	struct err err = { 0 };

	(void)state;
	metric_declare(i.metrics, "example_total", "counter", "An example.", NULL, 0);
	metric_add(i.metrics, "example_total", NULL, 1);
	assert_int_equal(http_server_start(&options, &c.server, &err), 0);
	c.port = http_server_port(c.server);
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		atomic_store(&is_ready, cases[n].is_ready);
		ask(&c, cases[n].request, &a);
		if (a.status != cases[n].status || !strstr(a.text, cases[n].has))
			fail_msg("%s%s", cases[n].request, a.text);
	}
	http_server_stop(c.server);
	metrics_free(i.metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_has_its_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
