/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_NET_HTTP_SERVER_CASE_H
#define TESTS_UNIT_NET_HTTP_SERVER_CASE_H

/* A server with a few paths, and a client that is nothing but a socket. */
#include "../unit.h"

#include "base/time.h"
#include "net/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the server's functions saw. */
struct seen {
	atomic_uint handled, refused, released, finished, canceled;
	atomic_uint last_status; /* of finished */
	atomic_ulong last_bytes;
	atomic_bool gate; /* lets "/wait" go */
};

struct server_case {
	struct http_server *server;
	struct seen seen;
	unsigned port;
};

struct answer {
	unsigned status;
	size_t body_n;
	size_t head_n;
	char text[16384]; /* head, and what of the body fits */
};

static inline void sleep_ms(unsigned ms)
{
	poll(NULL, 0, (int)ms);
}

/* ---- the server ---- */

static void count_release(void *ctx)
{
	struct seen *seen = ctx;

	atomic_fetch_add(&seen->released, 1);
}

static inline void reply_text(struct http_exchange *x, struct seen *seen, unsigned status, struct str body)
{
	struct http_header type = { STR("Content-Type"), STR("text/plain") };
	struct http_reply r = {
		.status = status, .body = body, .release = count_release, .release_ctx = seen
	};

	VEC_PUSH(&x->task.arena, &r.headers, type);
	http_reply(x, &r);
}

static inline void wait_for_gate(struct http_exchange *x, struct seen *seen)
{
	struct err err;

	while (!atomic_load(&seen->gate) && task_check(&x->task, &err) == 0)
		sleep_ms(5);
	if (atomic_load(&seen->gate)) {
		reply_text(x, seen, 200, STR("waited"));
		return;
	}
	atomic_fetch_add(&seen->canceled, 1);
	reply_text(x, seen, 500, STR("canceled"));
}

struct later {
	struct http_exchange *x;
	struct seen *seen;
};

static inline void *reply_later(void *ctx)
{
	struct later later = *(struct later *)ctx;

	free(ctx);
	sleep_ms(50);
	reply_text(later.x, later.seen, 200, STR("later"));
	return NULL;
}

static inline void hand_over(struct http_exchange *x, struct seen *seen)
{
	struct later *later = malloc(sizeof(*later));
	pthread_t thread;

	*later = (struct later){ x, seen };
	if (pthread_create(&thread, NULL, reply_later, later))
		abort();
	pthread_detach(thread);
}

static inline void handle_case(void *ctx, struct http_exchange *x)
{
	struct seen *seen = ctx;
	struct str q;

	atomic_fetch_add(&seen->handled, 1);
	if (str_eq(x->path, STR("/wait"))) {
		wait_for_gate(x, seen);
	} else if (str_eq(x->path, STR("/later"))) {
		hand_over(x, seen);
	} else if (str_eq(x->path, STR("/big"))) {
		char *big = arena_alloc_raw(&x->task.arena, 8u << 20);

		memset(big, 'b', 8u << 20);
		reply_text(x, seen, 200, (struct str){ big, 8u << 20 });
	} else if (str_eq(x->path, STR("/nothing"))) {
		reply_text(x, seen, 204, STR("not sent"));
	} else if (str_eq(x->path, STR("/same"))) {
		reply_text(x, seen, 304, STR("not sent"));
	} else {
		http_query_of(x, "q", &q);
		reply_text(x, seen, 200,
			   str_format(&x->task.arena,
				      STR_FMT " " STR_FMT " q=" STR_FMT " x=" STR_FMT " %zu " STR_FMT,
				      STR_ARG(x->method), STR_ARG(x->path), STR_ARG(q),
				      STR_ARG(http_header_of(x, "X-Test")), x->body.n,
				      STR_ARG(str_sub(x->body, 0, x->body.n < 64 ? x->body.n : 64))));
	}
}

static inline void refuse_case(void *ctx, struct http_exchange *x)
{
	struct seen *seen = ctx;

	atomic_fetch_add(&seen->refused, 1);
	reply_text(x, seen, x->refused, STR("refused"));
}

static inline void finished_case(void *ctx, const struct http_exchange *x, unsigned status, uint64_t bytes)
{
	struct seen *seen = ctx;

	if (strlen(x->request_id) != 16 || x->remote.n == 0)
		abort();
	atomic_store(&seen->last_status, status);
	atomic_store(&seen->last_bytes, bytes);
	atomic_fetch_add(&seen->finished, 1);
}

static inline uint64_t max_body_case(void *ctx, struct str method, struct str path)
{
	(void)ctx, (void)method;
	return str_eq(path, STR("/large")) ? 32u << 20 : 1000;
}

static inline void serve(struct server_case *c, struct http_server_options options)
{
	static const struct log quiet = { .level = LOG_ERROR };
	struct err err = { 0 };

	memset(c, 0, sizeof(*c));
	if (!options.listen.n)
		options.listen = STR("127.0.0.1:0");
	options.max_body = max_body_case;
	options.handle = handle_case;
	options.refuse = refuse_case;
	options.finished = finished_case;
	options.ctx = &c->seen;
	options.log = &quiet;
	if (http_server_start(&options, &c->server, &err) < 0)
		fail_msg("%s", err.text);
	c->port = http_server_port(c->server);
}

/* Wait until a counter reaches a value: what another thread does takes its time. */
#define await_count(counter, value)                                                                          \
	do {                                                                                                 \
		uint64_t end_ = time_monotonic_ns() + 5000000000u;                                           \
		while (atomic_load(&(counter)) < (value) && time_monotonic_ns() < end_)                      \
			sleep_ms(5);                                                                         \
		assert_int_equal(atomic_load(&(counter)), (value));                                          \
	} while (0)

/* Every reply's body is released once, every request finished once; nothing else is left. */
static inline void end_case(struct server_case *c)
{
	http_server_stop(c->server);
	assert_int_equal(c->seen.released, c->seen.handled + c->seen.refused);
	assert_int_equal(c->seen.finished, c->seen.handled + c->seen.refused);
}

/* ---- the client ---- */

static inline int dial(const struct server_case *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port) };
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static inline void tell(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Read the head of an answer; false: the connection is over. */
static inline bool read_head(int fd, struct answer *a)
{
	memset(a, 0, sizeof(*a));
	while (a->head_n < sizeof(a->text) - 1) {
		if (recv(fd, a->text + a->head_n, 1, 0) <= 0)
			return false;
		a->head_n++;
		if (a->head_n >= 4 && memcmp(a->text + a->head_n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	return sscanf(a->text, "HTTP/1.1 %u", &a->status) == 1;
}

static inline size_t announced(const struct answer *a)
{
	const char *p = strstr(a->text, "Content-Length: ");

	return p ? strtoul(p + 16, NULL, 10) : 0;
}

/* Read an answer with n bytes of body. */
static inline bool read_body(int fd, struct answer *a, size_t n)
{
	char byte[4096];

	while (a->body_n < n) {
		size_t left = n - a->body_n, room = sizeof(a->text) - 1 - a->head_n;
		ssize_t got = recv(fd, byte, left < sizeof(byte) ? left : sizeof(byte), 0);

		if (got <= 0)
			return false;
		if (a->body_n + (size_t)got <= room)
			memcpy(a->text + a->head_n + a->body_n, byte, (size_t)got);
		a->body_n += (size_t)got;
	}
	return true;
}

static inline bool read_answer(int fd, struct answer *a)
{
	return read_head(fd, a) && read_body(fd, a, announced(a));
}

/* Is the connection over within so long? */
static inline bool is_closed_within(int fd, unsigned ms)
{
	uint64_t end = time_monotonic_ns() + ms * UINT64_C(1000000);
	char byte;

	while (time_monotonic_ns() < end) {
		ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return true;
		if (n < 0)
			sleep_ms(5);
	}
	return false;
}

/* One request on a connection of its own; 0: no answer. */
static inline unsigned ask(const struct server_case *c, const char *request, struct answer *a)
{
	int fd = dial(c);

	tell(fd, request);
	if (!read_answer(fd, a))
		a->status = 0;
	close(fd);
	return a->status;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

#endif
