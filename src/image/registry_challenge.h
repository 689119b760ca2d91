/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REGISTRY_CHALLENGE_H
#define IMAGE_REGISTRY_CHALLENGE_H

#include "base/arena.h"
#include "net/http_header.h"

enum challenge_scheme { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };

/* What a registry wants to see (WWW-Authenticate). */
struct registry_challenge {
	enum challenge_scheme scheme;
	struct str realm, service, scope, error; /* in the arena; empty: not said */
};

/* The strongest of the challenges in one header value; Bearer goes before Basic. What cannot be read is
 * passed over; a Bearer challenge without a realm is none. */
void registry_challenge_parse(struct arena *a, struct str value, struct registry_challenge *out);
/* The same over all WWW-Authenticate headers of an answer. */
void registry_challenge_find(struct arena *a, const http_headers *headers, struct registry_challenge *out);

#endif
