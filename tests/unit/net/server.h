/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_NET_SERVER_H
#define TESTS_UNIT_NET_SERVER_H

/* server.py as a child of the test. */
#include "base/cursor.h"
#include "net/http_client.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The server process; its input is closed to end it. */
struct server {
	pid_t pid;
	int input;
	unsigned port, tls_port;
	char certificate[256]; /* of tls_port: self-signed */
	struct http_client *client;
};

static inline const char *source_root(void)
{
	const char *root = getenv("CLAIR_SOURCE");

	return root ? root : ".";
}

static inline void run_server(int input, int output)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/unit/net/server.py", source_root());
	dup2(input, 0);
	dup2(output, 1);
	for (int fd = 3; fd < 32; fd++)
		close(fd);
	execl("/usr/bin/python3", "/usr/bin/python3", path, (char *)NULL);
	_exit(127);
}

static inline int start_server(void **state)
{
	struct server *s = calloc(1, sizeof(*s));
	int in[2], out[2];
	char text[300] = { 0 }, *rest;
	struct err err;

	for (const char *const *p =
		     (const char *const[]){ "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", NULL };
	     *p; p++)
		unsetenv(*p);
	if (!s || pipe(in) < 0 || pipe(out) < 0)
		return -1;
	s->pid = fork();
	if (s->pid == 0)
		run_server(in[0], out[1]);
	close(in[0]);
	close(out[1]);
	s->input = in[1];
	if (read(out[0], text, sizeof(text) - 1) <= 0)
		return -1;
	close(out[0]);
	s->port = (unsigned)strtoul(text, &rest, 10);
	s->tls_port = (unsigned)strtoul(rest, &rest, 10);
	snprintf(s->certificate, sizeof(s->certificate), "%.*s", (int)strcspn(rest + 1, "\n"), rest + 1);
	*state = s;
	return http_client_new(&s->client, &err);
}

static inline int stop_server(void **state)
{
	struct server *s = *state;

	http_client_free(s->client);
	close(s->input);
	waitpid(s->pid, NULL, 0);
	free(s);
	return 0;
}

/* --- one request --- */

struct exchange {
	struct task task;
	struct http_request request;
	struct http_response response;
	struct buffer body;
	struct err err;
	int code;
};

static inline struct exchange exchange_new(void)
{
	return (struct exchange){ .request = { .max_bytes = 1000, .timeout_seconds = 10 } };
}

/* GET path from the server; the body is collected. */
static inline void get(struct server *s, struct exchange *x, const char *path)
{
	struct mem_writer w;

	x->body = (struct buffer){ .arena = &x->task.arena };
	mem_writer_open(&w, &x->body);
	if (!x->request.url.n)
		x->request.url = str_format(&x->task.arena, "http://127.0.0.1:%u%s", s->port, path);
	x->code = http_perform(s->client, &x->task, &x->request, &w.writer, &x->response, &x->err);
}

static inline struct str body_of(const struct exchange *x)
{
	return buffer_str(&x->body);
}

/* How often the server was asked for path. */
static inline void assert_asked(struct server *s, const char *path, const char *times)
{
	struct exchange x = exchange_new();
	char count[128];

	snprintf(count, sizeof(count), "/count%s", path);
	get(s, &x, count);
	assert_int_equal(x.code, 0);
	assert_str_is(body_of(&x), times);
	task_close(&x.task);
}

#endif
