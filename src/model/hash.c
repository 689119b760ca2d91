/* SPDX-License-Identifier: Apache-2.0 */
/* Content hashes: SHA-256 over length-prefixed fields, cut to 63 bits.
 * Easy to get wrong: the encoding is part of the data format. Changing it renames every package and advisory.
 */
#include "model/hash.h"

#include "base/digest.h"

#include <stdlib.h>

struct content_hash {
	struct hasher *hasher;
};

static void add_number(struct content_hash *h, uint64_t v)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> 8 * i);
	hasher_add(h->hasher, bytes, sizeof(bytes));
}

struct content_hash *content_hash_new(void)
{
	struct content_hash *h = malloc(sizeof(*h));

	if (!h)
		abort();
	h->hasher = hasher_new(HASH_SHA256);
	return h;
}

void content_hash_str(struct content_hash *h, struct str field)
{
	add_number(h, field.n);
	if (field.n)
		hasher_add(h->hasher, field.p, field.n);
}

void content_hash_u64(struct content_hash *h, uint64_t field)
{
	add_number(h, sizeof(field));
	add_number(h, field);
}

uint64_t content_hash_end(struct content_hash *h)
{
	unsigned char raw[64];
	uint64_t v = 0;

	hasher_end(h->hasher, raw);
	hasher_free(h->hasher);
	free(h);
	for (int i = 0; i < 8; i++)
		v = v << 8 | raw[i];
	v >>= 1; /* the first 63 bits */
	return v ? v : 1;
}

uint64_t content_hash_of(const struct str *fields, size_t n)
{
	struct content_hash *h = content_hash_new();

	for (size_t i = 0; i < n; i++)
		content_hash_str(h, fields[i]);
	return content_hash_end(h);
}
