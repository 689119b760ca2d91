/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_FIELDS_H
#define NET_HTTP_FIELDS_H

#include "base/arena.h"
#include "base/err.h"
#include "net/http_header.h"

struct curl_slist;

/* Append "Name: value". E_FORMAT: a name that is none, a control byte in the value; the text of a secret one
 * is not in the error. */
int http_field_add(struct arena *a, struct curl_slist **list, const struct http_header *h, bool is_secret,
		   struct err *err);
/* Let libcurl leave a header out that it would send of itself. */
int http_field_omit(struct curl_slist **list, const char *name, struct err *err);
/* May a caller set it? Those that frame the message or belong to the connection are ours, and for bodies that
 * are pulled also those that choose a range or a coding. */
bool http_field_is_forwarded(struct str name, bool is_pulled);
/* The first of that name, or NULL. */
const struct http_header *http_field_find(const struct http_header *headers, size_t n, struct str name);

#endif
