/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_HASH_H
#define MODEL_HASH_H

#include "base/str.h"

/* Content hashes of identities: fields are fed with their lengths, so ("a","bc") differs from ("ab","c").
 * The result is the first 63 bits of SHA-256, never 0: a decimal of it is a public identifier. */
struct content_hash;
struct content_hash *content_hash_new(void);
void content_hash_str(struct content_hash *h, struct str field);
void content_hash_u64(struct content_hash *h, uint64_t field);
/* Frees h. */
uint64_t content_hash_end(struct content_hash *h);

/* The same over an array of fields. */
uint64_t content_hash_of(const struct str *fields, size_t n);

#endif
