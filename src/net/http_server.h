/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/log.h"
#include "base/task.h"
#include "base/vec.h"
#include "net/http_header.h"

/* An HTTP/1.1 server. Requests are read whole (bounded), then handed to a pool of threads; a handler answers
 * there, or hands the exchange to a thread of its own that answers later. */
struct http_server;

/* One request and its answer. Owned by the server; valid until http_reply. */
struct http_exchange {
	struct task task; /* arena for the request and the reply; canceled: the client hung up (or shut its
			   * writing side, which looks the same) or the server was stopped hard. A handler may
			   * set the deadline. */
	struct str method; /* "GET" */
	struct str path; /* without query, percent-decoded; begins with '/' or is "*"; never contains NUL.
			  * As sent when refused with 400 */
	struct str query; /* as sent, without '?' */
	http_headers headers; /* in the order sent */
	struct str body;
	struct str remote; /* "192.0.2.1:4711" or "[2001:db8::1]:4711" */
	char request_id[17]; /* 16 hex digits */
	uint64_t started_ns; /* CLOCK_MONOTONIC, when the request's first line came */
	unsigned refused; /* 0; else the status with which the server itself turns it down (see refuse) */
	void *server_; /* private */
};

/* First header of that name, any case; empty when absent. */
struct str http_header_of(const struct http_exchange *x, const char *name);
/* Value of a query parameter, decoded into the arena; 1 present, 0 absent (out empty). The first one counts.
 */
int http_query_of(struct http_exchange *x, const char *name, struct str *out);

struct http_reply {
	unsigned status;
	http_headers headers; /* copied. Content-Length and Date are added */
	struct str body; /* in the exchange's arena, or alive until release is called */
	void (*release)(void *ctx); /* called once the body was sent or dropped; may be NULL */
	void *release_ctx;
	bool is_head; /* body's length is announced, the body is not sent (set by the server for HEAD) */
};
/* Answer, exactly once for each exchange, from any thread. x is gone afterwards. */
void http_reply(struct http_exchange *x, const struct http_reply *reply);

struct http_server_options {
	struct str listen; /* "host:port", ":port" (all addresses, IPv6 too), "[::1]:port"; port 0: any */
	struct str tls_cert, tls_key; /* PEM files; both or none. TLS 1.2 and newer */
	unsigned threads; /* of the pool; 0: two per core, at least 4 */
	unsigned queue; /* requests waiting for a thread; 0: 1024. Beyond: refuse with 503 */
	unsigned connections; /* at once; 0: 1000 (raises RLIMIT_NOFILE as far as it goes). At the limit the
			       * connection idle or being read the longest is closed for the new one */
	unsigned connections_per_address; /* 0: no cap of its own */
	unsigned request_seconds; /* from a request's first byte (or the connection's begin) until it is read
				   * whole; 0: 14. Then the connection is closed */
	unsigned idle_seconds; /* of a kept connection; 0: 75 */
	size_t header_bytes; /* 0: 32 KiB */
	/* Most bytes of the body of this request; NULL: 1 MiB. Beyond: refuse with 413 before it is read. */
	uint64_t (*max_body)(void *ctx, struct str method, struct str path);
	/* Runs on a thread of the pool; must lead to http_reply. */
	void (*handle)(void *ctx, struct http_exchange *x);
	/* Answers a request that the server turns down: x->refused is 400 (path or framing), 413, 431 or 503
	 * (Retry-After is added when the reply has none). Runs on a thread of its own; must reply at once.
	 * The connection is closed then. */
	void (*refuse)(void *ctx, struct http_exchange *x);
	/* After the answer was sent or the client left (status 499): for logs and metrics. May be NULL. */
	void (*finished)(void *ctx, const struct http_exchange *x, unsigned status, uint64_t body_bytes);
	void *ctx;
	const struct log *log;
};

struct http_server_stats {
	unsigned connections, requests_running, queued;
	uint64_t accepted, evicted, timed_out, refused;
};

/* Listen and serve. E_IO: the address cannot be had (says which); E_CONFIG: address or certificate is bad. */
int http_server_start(const struct http_server_options *options, struct http_server **out, struct err *err);
/* The port in use, for port 0. */
unsigned http_server_port(const struct http_server *s);
void http_server_stats(struct http_server *s, struct http_server_stats *out);
/* Read certificate and key again for connections to come; on error the old ones stay. */
int http_server_reload_tls(struct http_server *s, struct err *err);
/* Stop accepting, close idle connections, let running requests finish for at most so many seconds; then
 * cancel their tasks. Returns 0, or E_TIMEOUT when some had to be canceled. */
int http_server_drain(struct http_server *s, unsigned seconds, struct err *err);
/* Cancel what still runs, wait for it, free. */
void http_server_stop(struct http_server *s);

#endif
