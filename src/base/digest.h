/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/io.h"

/* Streaming digests through OpenSSL EVP. */
struct hasher;
enum hash_algorithm { HASH_SHA256, HASH_SHA512, HASH_MD5 }; /* MD5: identifiers that Clair defines by it */
struct hasher *hasher_new(enum hash_algorithm algorithm);
void hasher_add(struct hasher *h, const void *p, size_t n);
/* Raw digest into out (16, 32 or 64 bytes); returns its length. The hasher may be used again from empty. */
size_t hasher_end(struct hasher *h, unsigned char out[64]);
void hasher_free(struct hasher *h);
void hasher_freep(struct hasher **h);
#define autohasher __attribute__((cleanup(hasher_freep)))

/* Lower-case hex of n bytes; out holds 2n + 1. Returns out. */
char *hex_of(const unsigned char *bytes, size_t n, char *out);

/* Passes bytes through, counting and hashing them. At the end of the source it checks: a size or digest
 * that differs from the expected one is E_FORMAT ("digest is sha256:... , expected sha256:...").
 * expected: "sha256:..." or "sha512:..." (model/digest.h form), borrowed; empty: only count and hash sha256.
 * expected_size: UINT64_MAX when unknown; more bytes than expected fail at once. */
struct digest_reader {
	struct reader reader, *source;
	struct hasher *hasher;
	struct str expected;
	uint64_t expected_size, size;
	char actual[8 + 128]; /* set at the end: "sha256:..." */
	bool ended;
};
/* Returns 0 or E_FORMAT (expected has an unknown algorithm). reader_close releases the hasher. */
int digest_reader_open(struct digest_reader *d, struct reader *source, struct str expected,
		       uint64_t expected_size, struct err *err);

/* "sha256:<hex>" of bytes in memory; out holds at least 72 bytes. Returns out. */
char *digest_of(struct str bytes, char out[72]);

#endif
