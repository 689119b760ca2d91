/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_DIGEST_H
#define MODEL_DIGEST_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* A digest as text: "sha256:" + 64 or "sha512:" + 128 lower-case hex digits.
 * Parse and normalise (upper-case hex is lowered into the arena). Returns 0 or E_FORMAT.
 * Source: OCI image-spec 1.1, descriptor.md "Digests". */
int digest_parse(struct arena *a, struct str text, struct str *out, struct err *err);

/* "sha256:0123456789ab" for people: the algorithm and 12 digits. */
struct str digest_short(struct str digest);

#endif
