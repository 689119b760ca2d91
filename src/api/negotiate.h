/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_NEGOTIATE_H
#define API_NEGOTIATE_H

#include "base/err.h"
#include "base/inflate.h"
#include "net/http_header.h"

/* What a client wants of an answer, by the headers of its request. */

/* Choose among offers (the first is the default; NULL ends). No Accept, or only empty ones: the default.
 * Returns 1 and *out, 0 when nothing offered is wanted, E_FORMAT (not a list of media ranges), E_LIMIT. */
int negotiate_media(const http_headers *headers, const char *const *offers, const char **out,
		    struct err *err);

/* How the body may be sent. */
struct coding_choice {
	enum compression coding; /* none, gzip or zstd */
	bool identity_refused; /* even a small body must be compressed */
};
/* Returns 1, or 0 when everything we have is refused. */
int negotiate_coding(const http_headers *headers, struct coding_choice *out);

/* Is `word` among the comma-separated words of the headers of this name, any case, parameters left aside? */
bool header_has_word(const http_headers *headers, const char *name, struct str word);

/* Does If-None-Match list this tag (without quotes)? Weak tags compare by their text. */
enum etag_match { ETAG_NONE, ETAG_SAME, ETAG_ANY }; /* ANY: "*" */
enum etag_match etag_match(const http_headers *headers, struct str tag);

#endif
