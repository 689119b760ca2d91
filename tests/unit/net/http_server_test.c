/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers of the HTTP server, over real sockets. */
#include "http_server_case.h"

static const char *body_of(const struct answer *a)
{
	return a->text + a->head_n;
}

static void what_is_asked_reaches_the_handler(void **state)
{
	static const struct {
		const char *request, *body;
		unsigned status;
	} cases[] = {
		{ GET("/a"), "GET /a q= x= 0 ", 200 },
		{ "GET /a%20b/%C3%a9?q=1%202+3&q=no HTTP/1.1\r\nHost: a\r\nx-test:  v w \r\n\r\n",
		  "GET /a b/\xc3\xa9 q=1 2 3 x=v w 0 ", 200 },
		{ "GET http://a.example:80/p?q=%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /p q=%zz x= 0 ", 200 },
		{ "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * q= x= 0 ", 200 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST /a q= x= 5 hello",
		  200 },
		{ "DELETE /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		  "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
		  "DELETE /a q= x= 5 abcde", 200 },
		{ GET("/later"), "later", 200 },
		{ "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "refused", 400 },
		{ "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "refused", 400 },
		{ "GET /% HTTP/1.1\r\nHost: a\r\n\r\n", "refused", 400 },
		{ "GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "refused", 400 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
		  "chunked\r\n\r\n0\r\n\r\n",
		  "refused", 400 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		  "refused", 400 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nab", "refused", 400 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "refused", 413 },
		{ "GET /a HTTP/1.1\r\n\r\n", NULL, 400 },
		{ "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", NULL, 0 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", NULL, 400 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", NULL,
		  413 },
		{ "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", NULL, 400 },
	};
	struct server_case c;
	struct answer a;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(&c, cases[i].request, &a);
		if (a.status != cases[i].status || (cases[i].body && strcmp(body_of(&a), cases[i].body)))
			fail_msg("%s: %u %s", cases[i].request, a.status, body_of(&a));
	}
	end_case(&c);
}

static void answers_without_a_body(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, "HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n" GET("/nothing") GET("/same") GET("/end"));
	assert_true(read_head(fd, &a));
	assert_int_equal(a.status, 200);
	assert_int_equal(announced(&a), strlen("HEAD /abc q= x= 0 "));
	assert_true(read_head(fd, &a));
	assert_int_equal(a.status, 204);
	assert_int_equal(announced(&a), 0);
	assert_true(read_head(fd, &a));
	assert_int_equal(a.status, 304);
	assert_int_equal(announced(&a), 0);
	assert_true(read_answer(fd, &a));
	assert_string_equal(body_of(&a), "GET /end q= x= 0 ");
	close(fd);
	end_case(&c);
}

static void requests_in_one_packet_are_answered_in_order(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, GET("/later") "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" GET("/2"));
	assert_true(read_answer(fd, &a));
	assert_string_equal(body_of(&a), "later");
	assert_true(read_answer(fd, &a));
	assert_string_equal(body_of(&a), "POST /1 q= x= 2 ab");
	assert_true(read_answer(fd, &a));
	assert_string_equal(body_of(&a), "GET /2 q= x= 0 ");
	sleep_ms(20);
	tell(fd, GET("/3"));
	assert_true(read_answer(fd, &a));
	assert_string_equal(body_of(&a), "GET /3 q= x= 0 ");
	close(fd);
	end_case(&c);
}

static void a_request_is_finished_with_status_and_size(void **state)
{
	struct server_case c;
	struct answer a;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	assert_int_equal(ask(&c, GET("/big"), &a), 200);
	assert_int_equal(a.body_n, 8u << 20);
	await_count(c.seen.finished, 1);
	assert_int_equal(c.seen.last_status, 200);
	assert_int_equal(c.seen.last_bytes, 8u << 20);
	end_case(&c);
}

static void send_all(int fd, size_t n)
{
	static const char block[65536];

	while (n) {
		ssize_t sent = send(fd, block, n < sizeof(block) ? n : sizeof(block), MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		n -= (size_t)sent;
	}
}

static void large_bodies_come_whole(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, "PUT /large HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
	send_all(fd, 20000000);
	assert_true(read_answer(fd, &a));
	assert_non_null(strstr(body_of(&a), "PUT /large q= x= 20000000 "));
	close(fd);
	end_case(&c);
}

static void a_body_too_large_is_refused_before_it_comes(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n");
	assert_true(read_answer(fd, &a));
	assert_int_equal(a.status, 413);
	assert_non_null(strstr(a.text, "Connection: close"));
	close(fd);
	end_case(&c);
}

/* A client that sends all of its body before it reads must find the answer, not a reset. */
static void a_client_that_does_not_stop_sending_gets_its_refusal(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n");
	send_all(fd, 5000000);
	assert_true(read_answer(fd, &a));
	assert_int_equal(a.status, 413);
	assert_true(is_closed_within(fd, 1000));
	close(fd);
	end_case(&c);
}

static void a_chunked_body_is_refused_when_it_crosses_the_limit(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < 100; i++)
		tell(fd, "10\r\n0123456789abcdef\r\n");
	tell(fd, "0\r\n\r\n");
	assert_true(read_answer(fd, &a));
	assert_int_equal(a.status, 413);
	close(fd);
	end_case(&c);
}

static void expect_100_continue_is_answered(void **state)
{
	struct server_case c;
	struct answer a;
	int fd;

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	fd = dial(&c);
	tell(fd, "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	assert_true(read_head(fd, &a));
	assert_int_equal(a.status, 100);
	tell(fd, "abc");
	assert_true(read_answer(fd, &a));
	assert_string_equal(body_of(&a), "POST /a q= x= 3 abc");
	close(fd);
	end_case(&c);
}

static void headers_have_a_limit(void **state)
{
	static char request[40000];
	struct server_case c;
	struct answer a;
	int n = snprintf(request, sizeof(request), "GET /a HTTP/1.1\r\nHost: a\r\nX-Test: ");

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	memset(request + n, 'x', 30000);
	memcpy(request + n + 30000, "\r\n\r\n", 5);
	assert_int_equal(ask(&c, request, &a), 200);
	memset(request + n, 'x', 33000);
	memcpy(request + n + 33000, "\r\n\r\n", 5);
	assert_int_equal(ask(&c, request, &a), 431);
	assert_int_equal(c.seen.refused, 1);
	end_case(&c);
}

static void *many(void *ctx)
{
	struct server_case *c = ctx;
	struct answer a;
	int fd = dial(c);

	for (unsigned i = 0; i < 20; i++) {
		tell(fd, i % 5 ? GET("/a") : "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
		if (!read_answer(fd, &a) || a.status != 200)
			abort();
	}
	close(fd);
	return NULL;
}

static void a_hundred_clients_at_once(void **state)
{
	struct server_case c;
	pthread_t threads[100];

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, &c), 0);
	for (size_t i = 0; i < 100; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c.seen.handled, 2000);
	end_case(&c);
}

static void listen_addresses(void **state)
{
	static const struct {
		const char *address;
		int rc;
	} cases[] = {
		{ ":0", 0 },	       { "127.0.0.1:0", 0 },
		{ "localhost:0", 0 },  { "", E_CONFIG },
		{ "6060", E_CONFIG },  { ":65536", E_CONFIG },
		{ ":http", E_CONFIG }, { "::1:6060", E_CONFIG },
		{ "[::1", E_CONFIG },  { "192.0.2.1:0", E_IO },
		{ ":-1", E_CONFIG },   { "256.1.1.1:0", E_CONFIG },
	};
	static const struct log quiet = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_server_options o = { .listen = str_of(cases[i].address), .log = &quiet };
		struct http_server *s;
		struct err err = { 0 };
		int rc = http_server_start(&o, &s, &err);

		if (rc != cases[i].rc)
			fail_msg("%s: %d %s", cases[i].address, rc, err.text);
		if (rc == 0)
			http_server_stop(s);
	}
}

static void a_port_in_use_is_an_error(void **state)
{
	struct server_case c;
	struct http_server_options o = { 0 };
	struct http_server *other;
	struct err err = { 0 };
	char address[32];

	(void)state;
	serve(&c, (struct http_server_options){ 0 });
	snprintf(address, sizeof(address), "127.0.0.1:%u", c.port);
	o.listen = str_of(address);
	assert_int_equal(http_server_start(&o, &other, &err), E_IO);
	assert_non_null(strstr(err.text, address));
	end_case(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_reaches_the_handler),
		cmocka_unit_test(answers_without_a_body),
		cmocka_unit_test(requests_in_one_packet_are_answered_in_order),
		cmocka_unit_test(a_request_is_finished_with_status_and_size),
		cmocka_unit_test(large_bodies_come_whole),
		cmocka_unit_test(a_body_too_large_is_refused_before_it_comes),
		cmocka_unit_test(a_client_that_does_not_stop_sending_gets_its_refusal),
		cmocka_unit_test(a_chunked_body_is_refused_when_it_crosses_the_limit),
		cmocka_unit_test(expect_100_continue_is_answered),
		cmocka_unit_test(headers_have_a_limit),
		cmocka_unit_test(a_hundred_clients_at_once),
		cmocka_unit_test(listen_addresses),
		cmocka_unit_test(a_port_in_use_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
