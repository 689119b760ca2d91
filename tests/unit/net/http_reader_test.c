/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are pulled, from server.py: whole ones, broken ones, resumed ones, and servers that lie or
 * hang. */
#include "net/http_reader.h"

#include "base/digest.h"
#include "base/time.h"
#include "server.h"

#include <pthread.h>

#define BODY_BYTES 1000000u

struct pull {
	struct task task;
	struct http_reader_options options;
	struct reader *reader;
	struct str content_type;
	uint64_t size, got;
	char digest[72];
	struct err err;
	int code;
};

static const struct http_header secrets[] = { { STR("Authorization"), STR("Bearer hush-hush") } };

static struct pull pull_new(void)
{
	return (struct pull){ .options = { .max_bytes = 10 * BODY_BYTES, .timeout_seconds = 20 } };
}

static void start(struct server *s, struct pull *p, const char *path)
{
	p->options.url = str_format(&p->task.arena, "http://127.0.0.1:%u%s", s->port, path);
	p->options.task = &p->task;
	p->code = http_reader_open(&p->options, &p->reader, &p->content_type, &p->size, &p->err);
}

/* The bytes of DATA in server.py. */
static void check_bytes(const struct pull *p, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t at = p->got + i;

		if (bytes[i] != (unsigned char)(at * 7 + (at >> 8)))
			fail_msg("byte %llu is wrong", (unsigned long long)at);
	}
}

static void finish(struct pull *p)
{
	unsigned char buf[50000];
	ssize_t n = 1;

	while (p->code == 0 && n) {
		n = reader_read(p->reader, buf, sizeof(buf), &p->err);
		if (n < 0)
			p->code = (int)n;
		else
			check_bytes(p, buf, (size_t)n);
		p->got += n > 0 ? (uint64_t)n : 0;
	}
}

static void drop(struct pull *p)
{
	if (p->reader)
		reader_close(p->reader);
	p->reader = NULL;
	task_close(&p->task);
}

static void assert_seen(struct server *s, const char *name, const char *wanted)
{
	struct pull p = pull_new();
	char path[128], text[64] = { 0 };

	snprintf(path, sizeof(path), "/count/%s", name);
	start(s, &p, path);
	assert_int_equal(p.code, 0);
	assert_true(reader_read(p.reader, text, sizeof(text) - 1, &p.err) >= 0);
	assert_string_equal(text, wanted);
	drop(&p);
}

static const struct {
	const char *path;
	int code;
	uint64_t got;
	const char *says;
} bodies[] = {
	{ "/body/whole", 0, BODY_BYTES, "" },
	{ "/to/307//body/whole", 0, BODY_BYTES, "" },
	{ "/body/cut", 0, BODY_BYTES, "" },
	{ "/body/weak", 0, BODY_BYTES, "" },
	{ "/body/first-broken", 0, BODY_BYTES, "" },
	{ "/body/busy-later", 0, BODY_BYTES, "" },
	{ "/empty", 0, 0, "" },
	{ "/body/shreds", E_IO, 400000, "after 400000 bytes" },
	{ "/body/changed", E_FORMAT, 500000, "HTTP status 200 when resumed" },
	{ "/body/other-range", E_FORMAT, 500000, "asked for the bytes from 500000, got others" },
	{ "/body/other-total", E_FORMAT, 500000, "got others" },
	{ "/body/no-range", E_FORMAT, 500000, "Content-Range: none" },
	{ "/body/lying", E_FORMAT, BODY_BYTES, "HTTP status 416" },
};

static void test_bodies_arrive_whole_or_with_an_error(void **state)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct pull p = pull_new();

		start(*state, &p, bodies[i].path);
		finish(&p);
		if (p.code != bodies[i].code || !strstr(p.err.text, bodies[i].says))
			fail_msg("%s: %d %s", bodies[i].path, p.code, p.err.text);
		assert_int_equal(p.got, bodies[i].got);
		drop(&p);
	}
}

static void test_a_broken_body_is_resumed_if_it_is_the_same(void **state)
{
	assert_seen(*state, "etag", "\"strong\"");
	assert_seen(*state, "weak", "none");
	assert_seen(*state, "/body/cut", "3");
	assert_seen(*state, "/body/shreds", "4");
}

static void test_an_error_is_given_again(void **state)
{
	struct pull p = pull_new();
	struct err again;
	char byte;

	start(*state, &p, "/body/other-range");
	finish(&p);
	assert_int_equal(reader_read(p.reader, &byte, 1, &again), p.code);
	assert_string_equal(again.text, p.err.text);
	drop(&p);
}

static const struct {
	const char *path;
	int code;
	const char *says;
} statuses[] = {
	{ "/status/401", E_AUTH, "HTTP status 401: the page of 401" },
	{ "/status/403", E_AUTH, "HTTP status 403" },
	{ "/status/404", E_NOTFOUND, "HTTP status 404" },
	{ "/status/410", E_NOTFOUND, "HTTP status 410" },
	{ "/status/500", E_IO, "HTTP status 500" },
	{ "/status/206", E_FORMAT, "HTTP status 206" },
	{ "/status/400", E_FORMAT, "HTTP status 400" },
	{ "/to-file", E_IO, "to be redirected to" },
	{ "/to/302/", E_FORMAT, "HTTP status 302" },
	{ "/redirect/11", E_IO, "10 redirects" },
};

static void test_statuses_are_errors_with_the_page(void **state)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct pull p = pull_new();

		start(*state, &p, statuses[i].path);
		if (p.code != statuses[i].code || !strstr(p.err.text, statuses[i].says))
			fail_msg("%s: %d %s", statuses[i].path, p.code, p.err.text);
		drop(&p);
	}
	assert_seen(*state, "/status/500", "3");
	assert_seen(*state, "/status/404", "1");
}

static void test_a_busy_server_is_asked_again(void **state)
{
	struct pull p = pull_new(), q = pull_new();
	uint64_t begin = time_monotonic_ns();

	start(*state, &p, "/busy/2");
	assert_int_equal(p.code, 0);
	drop(&p);
	start(*state, &q, "/later/1");
	assert_int_equal(q.code, 0);
	assert_true(time_monotonic_ns() - begin > 1900000000ull);
	drop(&q);
}

static void test_a_page_that_shows_a_secret_is_not_shown(void **state)
{
	struct pull p = pull_new(), q = pull_new();

	p.options.headers = secrets;
	p.options.header_count = 1;
	start(*state, &p, "/teapot?signature=verysecret");
	assert_int_equal(p.code, E_FORMAT);
	assert_null(strstr(p.err.text, "hush"));
	assert_null(strstr(p.err.text, "no tea"));
	assert_null(strstr(p.err.text, "verysecret"));
	start(*state, &q, "/teapot");
	assert_non_null(strstr(q.err.text, "no tea; you said None..."));
	drop(&p);
	drop(&q);
}

static void read_text(struct pull *p, char *text, size_t n)
{
	ssize_t got, all = 0;

	while ((got = reader_read(p->reader, text + all, n - 1 - (size_t)all, &p->err)) > 0)
		all += got;
	assert_int_equal(got, 0);
	text[all] = '\0';
}

static void test_headers_are_sent_and_leave_with_the_host(void **state)
{
	static const struct http_header given[] = { { STR("Authorization"), STR("Bearer hush-hush") },
						    { STR("Accept-Encoding"), STR("gzip") },
						    { STR("Range"), STR("bytes=5-") } };
	struct server *s = *state;

	for (int is_away = 0; is_away < 2; is_away++) {
		struct pull p = pull_new();
		char path[128], text[4096];

		snprintf(path, sizeof(path), "/to/302/http://%s:%u/headers",
			 is_away ? "localhost" : "127.0.0.1", s->port);
		p.options.headers = given;
		p.options.header_count = 3;
		start(s, &p, path);
		assert_int_equal(p.code, 0);
		read_text(&p, text, sizeof(text));
		assert_int_equal(strstr(text, "hush-hush") != NULL, !is_away);
		assert_non_null(strstr(text, "Accept-Encoding: identity"));
		assert_null(strstr(text, "gzip"));
		assert_null(strstr(text, "bytes=5-"));
		drop(&p);
	}
}

static void test_limits_hold_before_and_while_reading(void **state)
{
	struct pull p = pull_new(), q = pull_new();

	p.options.max_bytes = q.options.max_bytes = 1000;
	start(*state, &p, "/large"); /* announced */
	assert_int_equal(p.code, E_LIMIT);
	start(*state, &q, "/body/endless");
	for (char buf[512]; q.code == 0;) {
		ssize_t n = reader_read(q.reader, buf, sizeof(buf), &q.err);

		q.code = n < 0 ? (int)n : 0;
		q.got += n > 0 ? (uint64_t)n : 0;
	}
	assert_int_equal(q.code, E_LIMIT);
	assert_true(q.got <= 1000);
	drop(&p);
	drop(&q);
}

/* A peer that sends much is held back by the buffer; sockets take some megabytes too. */
static void test_a_slow_reader_holds_the_peer_back(void **state)
{
	struct pull p = pull_new();
	char buf[1000], text[64] = { 0 };

	p.options.max_bytes = UINT64_MAX;
	start(*state, &p, "/body/huge");
	assert_int_equal(p.code, 0);
	assert_true(reader_read(p.reader, buf, sizeof(buf), &p.err) > 0);
	usleep(300000);
	assert_true(reader_read(p.reader, buf, sizeof(buf), &p.err) > 0);
	drop(&p);
	p = pull_new();
	start(*state, &p, "/count/huge");
	read_text(&p, text, sizeof(text));
	assert_true(strtoul(text, NULL, 10) > 0);
	assert_true(strtoul(text, NULL, 10) < 20000000);
	drop(&p);
}

static uint64_t seconds_since(uint64_t begin)
{
	return (time_monotonic_ns() - begin) / 1000000000u;
}

static void test_silence_and_slowness_time_out(void **state)
{
	static const struct {
		const char *path;
		unsigned stall, timeout;
		bool is_at_once; /* nothing comes, not even a status */
	} cases[] = {
		{ "/body/hanging", 1, 20, false },  { "/body/hanging", 20, 1, false },
		{ "/body/dripping", 20, 1, false }, { "/silent", 1, 20, true },
		{ "/silent", 20, 1, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pull p = pull_new();
		uint64_t begin = time_monotonic_ns();
		char buf[100];
		ssize_t n = 1;

		p.options.stall_seconds = cases[i].stall;
		p.options.timeout_seconds = cases[i].timeout;
		start(*state, &p, cases[i].path);
		assert_int_equal(p.code == 0, !cases[i].is_at_once);
		while (p.code == 0 && n > 0)
			n = reader_read(p.reader, buf, sizeof(buf), &p.err);
		assert_int_equal(p.code ? p.code : n, E_TIMEOUT);
		assert_in_range(seconds_since(begin), 1, 2);
		drop(&p);
	}
}

static void *cancel_soon(void *flag)
{
	usleep(300000);
	atomic_store((atomic_bool *)flag, true);
	return NULL;
}

static void test_cancellation_is_noticed_soon(void **state)
{
	static const char *const paths[] = { "/body/hanging", "/silent", "/later/30" };

	for (size_t i = 0; i < 3; i++) {
		struct pull p = pull_new();
		atomic_bool canceled = false;
		uint64_t begin = time_monotonic_ns();
		pthread_t thread;

		p.task.canceled = &canceled;
		p.options.timeout_seconds = 100;
		assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &canceled), 0);
		start(*state, &p, paths[i]);
		for (char buf[100]; p.code == 0;) {
			ssize_t n = reader_read(p.reader, buf, sizeof(buf), &p.err);

			p.code = n < 0 ? (int)n : 0;
		}
		pthread_join(thread, NULL);
		assert_int_equal(p.code, E_CANCELED);
		assert_true(time_monotonic_ns() - begin < 300000000ull + 400000000ull);
		drop(&p);
	}
}

static void test_the_policy_is_asked_on_each_redirect(void **state)
{
	struct fetch_policy usual = { 0 }, strict = { .mode = FETCH_STRICT };
	struct pull p = pull_new(), q = pull_new();

	p.options.client.policy = &usual;
	start(*state, &p, "/to/302/http://169.254.169.254/latest/meta-data/");
	assert_int_equal(p.code, E_AUTH);
	q.options.client.policy = &strict;
	start(*state, &q, "/body/never");
	assert_int_equal(q.code, E_AUTH);
	assert_non_null(strstr(q.err.text, "disallowed by policy"));
	assert_seen(*state, "/body/never", "0");
	drop(&p);
	drop(&q);
}

/* Without headers, the digest is all that has to hold. */
static void test_headers_never_leave_https(void **state)
{
	struct server *s = *state;

	for (int has_headers = 0; has_headers < 2; has_headers++) {
		struct pull p = pull_new();

		p.options.headers = secrets;
		p.options.header_count = (size_t)has_headers;
		p.options.client.is_insecure = true;
		p.options.url = str_format(&p.task.arena,
					   "https://127.0.0.1:%u/to/302/http://127.0.0.1:%u/body/whole",
					   s->tls_port, s->port);
		p.code = http_reader_open(&p.options, &p.reader, &p.content_type, &p.size, &p.err);
		finish(&p);
		assert_int_equal(p.code, has_headers ? E_IO : 0);
		drop(&p);
	}
}

static void test_refused_connections_are_errors_without_secrets(void **state)
{
	struct pull p = pull_new();
	struct str url = STR("http://user:hush@127.0.0.1:1/x?token=hush");

	(void)state;
	p.options.url = url;
	p.code = http_reader_open(&p.options, &p.reader, &p.content_type, &p.size, &p.err);
	assert_int_equal(p.code, E_IO);
	assert_null(strstr(p.err.text, "hush"));
	assert_non_null(strstr(p.err.text, "http://127.0.0.1:1/x"));
	drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies_arrive_whole_or_with_an_error),
		cmocka_unit_test(test_a_broken_body_is_resumed_if_it_is_the_same),
		cmocka_unit_test(test_an_error_is_given_again),
		cmocka_unit_test(test_statuses_are_errors_with_the_page),
		cmocka_unit_test(test_a_busy_server_is_asked_again),
		cmocka_unit_test(test_a_page_that_shows_a_secret_is_not_shown),
		cmocka_unit_test(test_headers_are_sent_and_leave_with_the_host),
		cmocka_unit_test(test_limits_hold_before_and_while_reading),
		cmocka_unit_test(test_a_slow_reader_holds_the_peer_back),
		cmocka_unit_test(test_silence_and_slowness_time_out),
		cmocka_unit_test(test_cancellation_is_noticed_soon),
		cmocka_unit_test(test_the_policy_is_asked_on_each_redirect),
		cmocka_unit_test(test_headers_never_leave_https),
		cmocka_unit_test(test_refused_connections_are_errors_without_secrets),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
