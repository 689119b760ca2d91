/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_JWT_H
#define NET_JWT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* JSON web tokens with a pre-shared key (RFC 7519; service.md section 7). */
struct jwt_keys {
	const struct str *keys; /* any of them may have signed; raw bytes */
	size_t key_count;
	const struct str *issuers; /* accepted; "clair-intraservice" is always one */
	size_t issuer_count;
	bool require_expiry; /* a token without exp is refused */
};
/* 0, or E_AUTH with a reason for the log. HS256, HS384 and HS512; exp, nbf, iat with 15 s of leeway; MACs are
 * compared in constant time, all keys are tried. */
int jwt_verify(const struct jwt_keys *keys, struct str token, int64_t now, struct err *err);
/* A new token: iat now, nbf a minute before, exp a minute after; HS256. In the arena. */
int jwt_sign(struct arena *a, struct str key, struct str issuer, int64_t now, struct str *out,
	     struct err *err);

#endif
