/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_EXCERPT_H
#define NET_HTTP_EXCERPT_H

#include "base/arena.h"
#include "net/http_header.h"

/* What must not be seen: the values of headers that were sent, and the queries of URLs. */
struct http_secrets {
	const struct http_header *headers;
	size_t header_count;
	struct str url, final_url;
};

/* Up to 256 bytes of a peer's error page for people: one line, printable; empty when any of the page shows
 * one of the secrets, as pages that echo the request do. In the arena. */
struct str http_excerpt(struct arena *a, struct str page, const struct http_secrets *secrets);

#endif
