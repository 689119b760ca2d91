/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_TARGET_H
#define NET_HTTP_TARGET_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* What the request line asks for ("/a%20b?c=d", "http://host/a", "*"): path is decoded, in the arena; query
 * borrows from target, as sent. Returns 0 or E_FORMAT: no path, a broken escape or a NUL. */
int http_target_split(struct arena *a, struct str target, struct str *path, struct str *query,
		      struct err *err);

/* The first parameter of that name in a query, decoded as forms are ("+" is a blank) into the arena; a value
 * with a broken escape comes as sent. 1 there, 0 absent (out empty). */
int http_target_parameter(struct arena *a, struct str query, struct str name, struct str *out);

/* "host:port", ":port" or "[::1]:port" taken apart; host and port borrow. Returns 0 or E_CONFIG. */
int http_target_listen(struct str address, struct str *host, struct str *port, struct err *err);

#endif
