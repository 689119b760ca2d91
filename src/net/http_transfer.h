/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_TRANSFER_H
#define NET_HTTP_TRANSFER_H

#include "net/http_client.h"

#include <curl/curl.h>

/* One request through its redirects, driven from outside step by step: what http_client (bodies pushed) and
 * http_reader (bodies pulled) share. Internal to net/. */
struct http_transfer {
	/* given, see http_transfer_open */
	CURLM *multi;
	CURL *curl;
	const struct http_client_options *client;
	struct str ca; /* of http_ca_bundle; empty: the system's */
	const struct task *task; /* cancellation, deadline */
	struct arena *arena; /* for what is kept of answers */
	struct str url; /* as asked for */
	struct str method, body;
	const struct http_header
		*headers; /* the caller's: secrets, dropped when a redirect leaves the host */
	size_t header_count;
	const struct http_header *own; /* ours: sent on every hop */
	size_t own_count;
	bool may_downgrade; /* redirects from https to http are followed */
	bool is_pulled; /* HTTP/1.1 only, so that a pause holds the peer back */
	unsigned connect_seconds; /* 0: 30 */
	unsigned stall_seconds; /* 0: not watched here */
	uint64_t deadline_ns;
	/* Bytes of the last answer's body. n: taken; CURL_WRITEFUNC_PAUSE; less: the end, with failure set,
	 * or with is_cut_off: the rest is not wanted. */
	size_t (*on_body)(struct http_transfer *t, const char *p, size_t n);

	/* results */
	struct http_response response; /* status, headers ... of the last answer */
	bool has_head; /* the response's head is complete, and no redirect to follow */
	bool is_cut_off;
	struct err failure; /* set by callbacks */
	CURLcode result; /* when over */
	uint64_t delivered; /* counted by on_body, for messages */

	/* private */
	struct curl_slist *list;
	struct str at, shown, host, first_host, proxy;
	unsigned port, first_port, hops;
	bool is_running, is_tls, first_tls, is_away, is_get;
	size_t header_bytes, dropped;
	struct err refusal;
	char reason[CURL_ERROR_SIZE];
};

/* Handles for one transfer at a time, to be closed. */
int http_transfer_open(struct http_transfer *t, struct err *err);
void http_transfer_close(struct http_transfer *t);
/* Begin anew with t->url. E_CONFIG: no URL; E_AUTH: the policy; E_FORMAT: a header that cannot be sent. */
int http_transfer_begin(struct http_transfer *t, struct err *err);
/* Wait for at most ms and go on. Returns 1: not over; 0: over, t->result says how; or an error: canceled,
 * deadline, policy, t->failure, a redirect that is not followed. */
int http_transfer_step(struct http_transfer *t, unsigned ms, struct err *err);
/* Leave it where it is; may be called at any time. */
void http_transfer_end(struct http_transfer *t);

/* t->result as an error. */
int http_transfer_failed(struct http_transfer *t, struct err *err);
/* Is t->result trouble of the way, which may be gone in a moment? */
bool http_transfer_is_passing(const struct http_transfer *t);
/* Before try number `next` (from 1) for status 429, 5xx and passing trouble; UINT64_MAX: it is not worth it,
 * as the tries are used up, or the server wants more patience than there is. */
uint64_t http_transfer_pause_ns(const struct http_transfer *t, unsigned next);
/* Sleep, but wake up for cancellation. */
int http_transfer_wait(const struct http_transfer *t, uint64_t ns, struct err *err);

/* PEM: the certificates that the system trusts and those of a file. E_CONFIG. */
int http_ca_bundle(struct arena *a, struct str ca_file, struct str *out, struct err *err);

#endif
