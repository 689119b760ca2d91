/* SPDX-License-Identifier: Apache-2.0 */
/* What clients that are slow, many, silent or gone cost the server, and how it ends. */
#include "http_server_case.h"

static unsigned elapsed_ms(uint64_t since)
{
	return (unsigned)((time_monotonic_ns() - since) / 1000000);
}

/* Send a byte each 100 ms; how long until the connection is over, at most 5 s. */
static unsigned drip(int fd, const char *text)
{
	uint64_t start = time_monotonic_ns();

	while (elapsed_ms(start) < 5000 && !is_closed_within(fd, 100))
		if (*text && send(fd, text++, 1, MSG_NOSIGNAL) < 0)
			break;
	return elapsed_ms(start);
}

static void slow_requests_are_cut_off(void **state)
{
	static const char *const begins[] = {
		"", /* nothing at all */
		"GET /a HTTP/1.1\r\nHost: a\r\nX-Test: "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
		"\r\n\r\n",
		"POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: "
		"10000\r\n\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct server_case c;
	struct http_server_stats stats;

	(void)state;
	serve(&c, (struct http_server_options){ .request_seconds = 1 });
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		int fd = dial(&c);
		unsigned ms;

		if (i == 3)
			tell(fd, "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n");
		ms = drip(fd, begins[i]);
		assert_in_range(ms, 800, 4000);
		close(fd);
	}
	http_server_stats(c.server, &stats);
	assert_int_equal(stats.timed_out, 4);
	assert_int_equal(c.seen.handled, 0);
	end_case(&c);
}

static void the_second_request_of_a_connection_has_the_same_deadline(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ .request_seconds = 1, .idle_seconds = 60 });
	fd = dial(&c);
	tell(fd, GET("/a"));
	assert_true(read_answer(fd, &a));
	assert_false(is_closed_within(fd, 1300)); /* idle is allowed */
	assert_in_range(drip(fd, "GET /a HTTP/1.1\r\nX-Test: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 800, 4000);
	close(fd);
	end_case(&c);
}

static void idle_connections_are_closed(void **state)
{
	struct server_case c;
	struct answer a;
	uint64_t start;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ .idle_seconds = 1 });
	fd = dial(&c);
	tell(fd, GET("/a"));
	assert_true(read_answer(fd, &a));
	start = time_monotonic_ns();
	assert_true(is_closed_within(fd, 3000));
	assert_in_range(elapsed_ms(start), 800, 4000);
	close(fd);
	end_case(&c);
}

static void running_requests_have_no_deadline_of_the_server(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ .request_seconds = 1, .idle_seconds = 1 });
	fd = dial(&c);
	tell(fd, GET("/wait"));
	assert_false(is_closed_within(fd, 1500));
	atomic_store(&c.seen.gate, true);
	assert_true(read_answer(fd, &a));
	assert_int_equal(a.status, 200);
	close(fd);
	end_case(&c);
}

static void who_hangs_up_is_canceled(void **state)
{
	struct server_case c;
	uint64_t start;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	for (unsigned is_reset = 0; is_reset < 2; is_reset++) {
		struct linger at_once = { 1, 0 };

		fd = dial(&c);
		tell(fd, GET("/wait"));
		await_count(c.seen.handled, is_reset + 1);
		if (is_reset)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		start = time_monotonic_ns();
		close(fd);
		await_count(c.seen.canceled, is_reset + 1);
		assert_in_range(elapsed_ms(start), 0, 1000);
		await_count(c.seen.finished, is_reset + 1);
		assert_int_equal(c.seen.last_status, 499);
	}
	end_case(&c);
}

static void who_asks_and_shuts_its_side_still_gets_a_quick_answer(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, GET("/a"));
	shutdown(fd, SHUT_WR);
	assert_true(read_answer(fd, &a));
	assert_int_equal(a.status, 200);
	close(fd);
	end_case(&c);
}

enum { LIMIT = 20 };

static void at_the_limit_the_one_that_waits_the_longest_goes(void **state)
{
	struct server_case c;
	struct http_server_stats stats;
	struct answer a;
	int fds[LIMIT];

	(void)state;
	serve(&c, (struct http_server_options){ .connections = LIMIT });
	for (size_t i = 0; i < LIMIT; i++) {
		fds[i] = dial(&c);
		if (i % 2)
			tell(fds[i], "GET /half");
	}
	for (unsigned i = 0; i < 5; i++) {
		uint64_t start = time_monotonic_ns();

		assert_int_equal(ask(&c, GET("/a"), &a), 200);
		assert_in_range(elapsed_ms(start), 0, 500);
	}
	assert_true(is_closed_within(fds[0], 500));
	assert_false(is_closed_within(fds[LIMIT - 1], 50));
	http_server_stats(c.server, &stats);
	assert_in_range(stats.evicted, 1, 5);
	assert_in_range(stats.connections, LIMIT - 5, LIMIT);
	for (size_t i = 0; i < LIMIT; i++)
		close(fds[i]);
	end_case(&c);
}

static void when_all_are_running_the_newcomer_is_told_so(void **state)
{
	struct server_case c;
	struct answer a;
	int fds[LIMIT], silent[100];

	(void)state;
	serve(&c, (struct http_server_options){ .connections = LIMIT, .threads = LIMIT });
	for (size_t i = 0; i < LIMIT; i++) {
		fds[i] = dial(&c);
		tell(fds[i], GET("/wait"));
	}
	await_count(c.seen.handled, LIMIT);
	for (unsigned i = 0; i < 5; i++) {
		uint64_t start = time_monotonic_ns();

		assert_int_equal(ask(&c, GET("/a"), &a), 503);
		assert_non_null(strstr(a.text, "Retry-After: "));
		assert_in_range(elapsed_ms(start), 0, 500);
	}
	for (size_t i = 0; i < 100; i++) /* who says nothing must not keep others from being told */
		silent[i] = dial(&c);
	assert_int_equal(ask(&c, GET("/a"), &a), 503);
	atomic_store(&c.seen.gate, true);
	for (size_t i = 0; i < LIMIT; i++) {
		assert_true(read_answer(fds[i], &a));
		assert_int_equal(a.status, 200);
	}
	assert_int_equal(ask(&c, GET("/a"), &a), 200);
	for (size_t i = 0; i < LIMIT; i++)
		close(fds[i]);
	for (size_t i = 0; i < 100; i++)
		close(silent[i]);
	end_case(&c);
}

static void an_address_has_its_own_limit(void **state)
{
	struct server_case c;
	struct answer a;
	int fds[4];

	(void)state;
	serve(&c, (struct http_server_options){ .connections_per_address = 3, .threads = 8 });
	for (size_t i = 0; i < 4; i++)
		fds[i] = dial(&c);
	assert_true(is_closed_within(fds[0], 500));
	for (size_t i = 1; i < 4; i++)
		tell(fds[i], GET("/wait"));
	await_count(c.seen.handled, 3);
	assert_int_equal(ask(&c, GET("/a"), &a), 503);
	atomic_store(&c.seen.gate, true);
	for (size_t i = 1; i < 4; i++)
		assert_true(read_answer(fds[i], &a));
	assert_int_equal(ask(&c, GET("/a"), &a), 200);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	end_case(&c);
}

static void beyond_the_queue_requests_are_refused(void **state)
{
	struct server_case c;
	struct http_server_stats stats;
	struct answer a;
	int fds[3];

	(void)state;
	serve(&c, (struct http_server_options){ .threads = 1, .queue = 2 });
	for (size_t i = 0; i < 3; i++) {
		fds[i] = dial(&c);
		tell(fds[i], GET("/wait"));
		await_count(c.seen.handled, 1);
	}
	sleep_ms(50);
	http_server_stats(c.server, &stats);
	assert_int_equal(stats.queued, 2);
	assert_int_equal(stats.requests_running, 1);
	assert_int_equal(ask(&c, GET("/a"), &a), 503);
	atomic_store(&c.seen.gate, true);
	for (size_t i = 0; i < 3; i++) {
		assert_true(read_answer(fds[i], &a));
		close(fds[i]);
	}
	end_case(&c);
}

struct draining {
	struct server_case *c;
	unsigned seconds;
	int rc;
	struct err err;
};

static void *drain(void *ctx)
{
	struct draining *d = ctx;

	d->rc = http_server_drain(d->c->server, d->seconds, &d->err);
	return NULL;
}

static void draining_lets_a_running_request_finish(void **state)
{
	struct server_case c;
	struct answer a;
	pthread_t thread;
	struct draining d = { .c = &c, .seconds = 10 };
	int running, idle, silent;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	idle = dial(&c);
	tell(idle, GET("/a"));
	assert_true(read_answer(idle, &a));
	silent = dial(&c);
	running = dial(&c);
	tell(running, GET("/wait"));
	await_count(c.seen.handled, 2);
	assert_int_equal(pthread_create(&thread, NULL, drain, &d), 0);
	assert_true(is_closed_within(idle, 500));
	assert_true(is_closed_within(silent, 500));
	assert_false(is_closed_within(running, 300));
	atomic_store(&c.seen.gate, true);
	assert_true(read_answer(running, &a));
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.text, "Connection: close"));
	assert_true(is_closed_within(running, 500));
	pthread_join(thread, NULL);
	assert_int_equal(d.rc, 0);
	close(running);
	close(idle);
	close(silent);
	end_case(&c);
}

static void draining_stops_to_listen(void **state)
{
	struct server_case c, again;
	char address[32];
	struct err err = { 0 };

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	assert_int_equal(http_server_drain(c.server, 1, &err), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%u", c.port);
	serve(&again, (struct http_server_options){ .listen = str_of(address) });
	end_case(&again);
	end_case(&c);
}

static void draining_cancels_at_its_deadline(void **state)
{
	struct server_case c;
	struct err err = { 0 };
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, GET("/wait"));
	await_count(c.seen.handled, 1);
	assert_int_equal(http_server_drain(c.server, 1, &err), E_TIMEOUT);
	assert_true(read_answer(fd, &a));
	assert_int_equal(a.status, 500);
	assert_int_equal(c.seen.canceled, 1);
	close(fd);
	end_case(&c);
	assert_int_equal(c.seen.last_status, 500);
}

static void *ask_for_ever(void *ctx)
{
	struct server_case *c = ctx;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port) };
	const char request[] = GET("/later");

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (;;) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		char buf[4096];

		if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
			close(fd);
			return NULL;
		}
		while (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0 &&
		       recv(fd, buf, sizeof(buf), 0) > 0)
			;
		close(fd);
	}
}

static void stopping_amid_requests_cancels_and_waits(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 5; round++) {
		struct server_case c;
		pthread_t threads[16];
		int fd;

		serve(&c, (struct http_server_options){ 0 });
		fd = dial(&c);
		tell(fd, GET("/wait"));
		await_count(c.seen.handled, 1);
		for (size_t i = 0; i < 16; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, ask_for_ever, &c), 0);
		sleep_ms(120 + round);
		end_case(&c);
		assert_int_equal(c.seen.canceled, 1);
		for (size_t i = 0; i < 16; i++)
			pthread_join(threads[i], NULL);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_requests_are_cut_off),
		cmocka_unit_test(the_second_request_of_a_connection_has_the_same_deadline),
		cmocka_unit_test(idle_connections_are_closed),
		cmocka_unit_test(running_requests_have_no_deadline_of_the_server),
		cmocka_unit_test(who_hangs_up_is_canceled),
		cmocka_unit_test(who_asks_and_shuts_its_side_still_gets_a_quick_answer),
		cmocka_unit_test(at_the_limit_the_one_that_waits_the_longest_goes),
		cmocka_unit_test(when_all_are_running_the_newcomer_is_told_so),
		cmocka_unit_test(an_address_has_its_own_limit),
		cmocka_unit_test(beyond_the_queue_requests_are_refused),
		cmocka_unit_test(draining_lets_a_running_request_finish),
		cmocka_unit_test(draining_stops_to_listen),
		cmocka_unit_test(draining_cancels_at_its_deadline),
		cmocka_unit_test(stopping_amid_requests_cancels_and_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
