/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_NET_SERVER_H
#define TESTS_UNIT_NET_SERVER_H

/* server.py as a child of the test. */
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
	unsigned port;
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
	execl("/usr/bin/python3", "python3", path, (char *)NULL);
	_exit(127);
}

static inline int start_server(void **state)
{
	struct server *s = calloc(1, sizeof(*s));
	int in[2], out[2];
	char text[16] = { 0 };
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
	s->port = (unsigned)strtoul(text, NULL, 10);
	*state = s;
	return http_client_new(&s->client, &err);
}

static inline int stop_server(void **state)
{
	struct server *s = *state;

	http_client_free(s->client);
	close(s->input);
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
	free(s);
	return 0;
}

#endif
