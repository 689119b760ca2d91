/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_READER_H
#define NET_HTTP_READER_H

#include "net/http_client.h"

/* A body as a reader: bytes are taken off the network as they are read, never stored. A transfer that breaks
 * is resumed with a Range request (If-Range when there is a strong ETag) a few times with back-off; a server
 * that does not resume starts anew only while nothing was delivered. */
struct http_reader_options {
	struct http_client_options client;
	struct str url;
	const struct http_header *headers;
	size_t header_count;
	uint64_t max_bytes; /* E_LIMIT beyond */
	unsigned stall_seconds; /* without a byte; 0: 30: E_TIMEOUT */
	unsigned timeout_seconds; /* in all; 0: 600 */
	struct task *task; /* canceled and deadline are heeded while waiting */
};
/* Opens at once: the status is known on return. Statuses but 200: E_AUTH (401, 403), E_NOTFOUND (404, 410),
 * E_IO (429, 5xx after retries), E_FORMAT (others), with the status and up to 256 printable bytes of the
 * body, unless those would show a secret; E_TIMEOUT, E_CANCELED, E_AUTH (policy), E_LIMIT. content_type
 * (valid until reader_close), size (UINT64_MAX unknown) of the answer. Free with reader_close.
 * Accept-Encoding: identity. Everything of options is copied but the policy and *task->canceled. A redirect
 * from https to http is followed only when there are no headers. Cancellation is noticed within a tenth of a
 * second. */
int http_reader_open(const struct http_reader_options *options, struct reader **out, struct str *content_type,
		     uint64_t *size, struct err *err);

#endif
