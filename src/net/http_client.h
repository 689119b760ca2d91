/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/io.h"
#include "base/task.h"
#include "net/fetch_policy.h"
#include "net/http_header.h"

struct http_client;
struct http_pace;
struct http_response;

struct http_request {
	struct str url; /* http, https */
	struct str if_none_match, if_modified_since, range; /* empty: not sent. range: "bytes=0-512" */
	/* The head of an answer whose body goes to body, before the first byte of it; NULL: nobody asks. An
	 * error ends the request. */
	int (*on_head)(void *ctx, const struct http_response *head, struct err *err);
	void *on_head_ctx;
	bool is_head;
	uint64_t max_bytes; /* of the body as sent; more is E_LIMIT */
	unsigned timeout_seconds; /* of the whole transfer; 0: 600 */

	struct str method; /* empty: GET (or HEAD); "POST", "DELETE" */
	struct str body; /* of POST, DELETE */
	const struct http_header
		*headers; /* sent as they are, but for those that frame the message; never
			   * logged. Dropped when a redirect leaves the host (name and port) */
	size_t header_count;
	bool wants_error_body; /* bodies of other statuses than 200 and 206 go to body too, cut at max_bytes
				*/
	bool stops_at_body; /* the head of the answer is all that is wanted */
	bool no_retry; /* one try only */
};

struct http_response {
	unsigned status;
	struct str etag, last_modified, content_type, location; /* task's arena */
	http_headers headers; /* all of the last answer; task's arena */
	struct str final_url; /* after redirects */
};

/* Settings of a client; zero: the default. Strings are borrowed for the client's life. */
struct http_client_options {
	const struct fetch_policy *policy; /* NULL: anywhere */
	struct str ca_file; /* PEM bundle trusted besides the system's */
	bool is_insecure; /* do not verify TLS certificates */
	struct str user_agent; /* empty: "clair/VERSION" */
	struct http_pace *pace; /* shared by clients; NULL: as fast as it goes */
};

/* Proxies from the environment, TLS verified, at most 10 redirects, only http(s), never from https to http; a
 * body is sent to the first host only. Where a proxy is used, it resolves the names: the policy then judges
 * hosts by name. Not thread-safe: one per thread. */
int http_client_new(struct http_client **out, struct err *err);
int http_client_new_with(const struct http_client_options *options, struct http_client **out,
			 struct err *err);
void http_client_free(struct http_client *c);
/* Perform; the body (of status 200, 206) goes to body. Transport trouble, 5xx and 429 are tried again with
 * back-off (at most 3 times in all; Retry-After up to 60 s is honoured), body->write is only called for the
 * last try (so a retry happens before the first byte of a body). E_IO, E_TIMEOUT, E_LIMIT, E_AUTH (policy);
 * any HTTP status is a value. Errors never contain queries, user names, passwords or headers. */
int http_perform(struct http_client *c, struct task *task, const struct http_request *request,
		 struct writer *body, struct http_response *out, struct err *err);

#endif
