/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/io.h"
#include "base/task.h"

struct http_client;

struct http_request {
	struct str url; /* http, https */
	struct str if_none_match, if_modified_since, range; /* empty: not sent. range: "bytes=0-512" */
	bool is_head;
	uint64_t max_bytes; /* of the body as sent; more is E_LIMIT */
	unsigned timeout_seconds; /* of the whole transfer; 0: 600 */
};

struct http_response {
	unsigned status;
	struct str etag, last_modified, content_type, location; /* task's arena */
};

/* proxies from the environment, TLS verified, at most 10 redirects, only http(s). Not thread-safe: one per
 * thread. */
int http_client_new(struct http_client **out, struct err *err);
void http_client_free(struct http_client *c);
/* Perform; the body (of status 200, 206) goes to body. Transport trouble, 5xx and 429 are tried again with
 * back-off (at most 3 times in all; Retry-After up to 60 s is honoured), body->write is only called for the
 * last try (so a retry happens before the first byte of a body). E_IO, E_TIMEOUT, E_LIMIT; any HTTP status is
 * a value. */
int http_perform(struct http_client *c, struct task *task, const struct http_request *request,
		 struct writer *body, struct http_response *out, struct err *err);

#endif
