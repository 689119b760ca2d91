/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_HEADER_H
#define NET_HTTP_HEADER_H

#include "base/str.h"
#include "base/vec.h"

/* One header line of a request or an answer. */
struct http_header {
	struct str name, value;
};
typedef VEC(struct http_header) http_headers;

#endif
