/* SPDX-License-Identifier: Apache-2.0 */
/* http_server [-c CERT -k KEY] [-b BYTES] PORT: answer every request with so many bytes (102400), from one
 * block of memory, as the report cache does, until the standard input ends. Drive it with
 *     wrk -t2 -c64 -d10s http://127.0.0.1:PORT/
 * Easy to get wrong: wrk runs on the same cores, so the figure is of both. */
#include "base/time.h"
#include "net/http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void answer(void *ctx, struct http_exchange *x)
{
	const struct str *body = ctx;
	struct http_header type = { STR("Content-Type"), STR("application/json") };
	struct http_reply reply = { .status = x->refused ? x->refused : 200, .body = *body };

	VEC_PUSH(&x->task.arena, &reply.headers, type);
	http_reply(x, &reply);
}

static int run(struct http_server_options *options, struct err *err)
{
	struct http_server_stats stats;
	struct http_server *server;
	char byte;

	TRY(http_server_start(options, &server, err));
	printf("listening on port %u\n", http_server_port(server));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	http_server_stats(server, &stats);
	printf("%llu connections, %llu evicted, %llu timed out, %llu requests refused\n",
	       (unsigned long long)stats.accepted, (unsigned long long)stats.evicted,
	       (unsigned long long)stats.timed_out, (unsigned long long)stats.refused);
	http_server_stop(server);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct log log = { .level = LOG_WARNING };
	struct http_server_options options = { .handle = answer, .refuse = answer, .log = &log };
	struct err err = { 0 };
	struct str body = { NULL, 102400 };
	char listen[32], *block;
	int option;

	while ((option = getopt(argc, argv, "c:k:b:")) != -1) {
		switch (option) {
		case 'c': options.tls_cert = str_of(optarg); break;
		case 'k': options.tls_key = str_of(optarg); break;
		case 'b': body.n = strtoul(optarg, NULL, 10); break;
		default: return 64;
		}
	}
	if (optind + 1 != argc || !(block = calloc(1, body.n + 1)))
		return 64;
	memset(block, 'x', body.n);
	body.p = block;
	snprintf(listen, sizeof(listen), "127.0.0.1:%s", argv[optind]);
	options.listen = str_of(listen);
	options.ctx = &body;
	if (run(&options, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
	free(block);
	return err.code ? 1 : 0;
}
