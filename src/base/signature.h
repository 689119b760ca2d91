/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SIGNATURE_H
#define BASE_SIGNATURE_H

#include "base/err.h"
#include "base/str.h"

/* Ed25519 signatures of bytes in memory, keys as PEM: what `openssl genpkey -algorithm ed25519` and `openssl
 * pkey -pubout` write. */
enum { SIGNATURE_BYTES = 64 };

/* key: text of a private key without a passphrase. E_CONFIG: not such a key. */
int signature_make(struct str key, struct str message, unsigned char out[SIGNATURE_BYTES], struct err *err);
/* key: text of a public key. Returns 0, E_CONFIG (not such a key) or E_AUTH (not signed by it). */
int signature_check(struct str key, struct str message, const unsigned char signature[SIGNATURE_BYTES],
		    struct err *err);

#endif
