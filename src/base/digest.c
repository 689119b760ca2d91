/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, SHA-512 and MD5 through OpenSSL's plain functions, and a reader that checks what it passes on.
 * Sources: FIPS 180-4; OCI image-spec 1.1, descriptor.md "Digests".
 * Those are marked as old since OpenSSL 3, but need no provider, no configuration file and no initialisation,
 * which would take as long as all else that a worker does before its first frame. Easy to get wrong: a digest
 * is over all bytes of the source, so the check happens when the source says that it is at its end; who stops
 * reading earlier has verified nothing. */
#include "base/digest.h"

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>

struct hasher {
	enum hash_algorithm algorithm;
	union {
		SHA256_CTX sha256;
		SHA512_CTX sha512;
		MD5_CTX md5;
	} state;
};

static void begin(struct hasher *h)
{
	switch (h->algorithm) {
	case HASH_SHA256: SHA256_Init(&h->state.sha256); break;
	case HASH_SHA512: SHA512_Init(&h->state.sha512); break;
	case HASH_MD5: MD5_Init(&h->state.md5); break;
	}
}

struct hasher *hasher_new(enum hash_algorithm algorithm)
{
	struct hasher *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->algorithm = algorithm;
	begin(h);
	return h;
}

void hasher_add(struct hasher *h, const void *p, size_t n)
{
	switch (h->algorithm) {
	case HASH_SHA256: SHA256_Update(&h->state.sha256, p, n); break;
	case HASH_SHA512: SHA512_Update(&h->state.sha512, p, n); break;
	case HASH_MD5: MD5_Update(&h->state.md5, p, n); break;
	}
}

size_t hasher_end(struct hasher *h, unsigned char out[64])
{
	enum hash_algorithm algorithm = h->algorithm;

	switch (algorithm) {
	case HASH_SHA256: SHA256_Final(out, &h->state.sha256); break;
	case HASH_SHA512: SHA512_Final(out, &h->state.sha512); break;
	case HASH_MD5: MD5_Final(out, &h->state.md5); break;
	}
	begin(h);
	return algorithm == HASH_SHA256 ? 32 : algorithm == HASH_SHA512 ? 64 : 16;
}

void hasher_free(struct hasher *h)
{
	free(h);
}

void hasher_freep(struct hasher **h)
{
	if (*h)
		hasher_free(*h);
}

char *hex_of(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	out[2 * n] = '\0';
	return out;
}

/* The digest as text; out holds 8 + 128 bytes (72 are enough for SHA-256). */
static void digest_text(struct hasher *h, char *out)
{
	unsigned char raw[64];
	size_t n = hasher_end(h, raw);

	memcpy(out, n == 64 ? "sha512:" : "sha256:", 7);
	hex_of(raw, n, out + 7);
}

char *digest_of(struct str bytes, char out[72])
{
	autohasher struct hasher *h = hasher_new(HASH_SHA256);

	hasher_add(h, bytes.p, bytes.n);
	digest_text(h, out);
	return out;
}

/* At the end of the source, each time it is asked again. */
static int digest_check(struct digest_reader *d, struct err *err)
{
	if (!d->ended)
		digest_text(d->hasher, d->actual);
	d->ended = true;
	if (d->expected_size != UINT64_MAX && d->size != d->expected_size)
		return err_set(err, E_FORMAT, "truncated: %llu bytes, expected %llu",
			       (unsigned long long)d->size, (unsigned long long)d->expected_size);
	if (d->expected.n && !str_eq(d->expected, str_of(d->actual)))
		return err_set(err, E_FORMAT, "digest is %s, expected " STR_FMT, d->actual,
			       STR_ARG(d->expected));
	return 0;
}

static ssize_t digest_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct digest_reader *d = (struct digest_reader *)r;
	bool is_over = d->ended || d->size > d->expected_size;
	ssize_t got = is_over ? 0 : reader_read(d->source, buf, n, err);

	if (got < 0)
		return got;
	if (got == 0 && d->size <= d->expected_size)
		return digest_check(d, err);
	d->size += (uint64_t)got;
	if (d->size > d->expected_size)
		return err_set(err, E_FORMAT, "more than the expected %llu bytes",
			       (unsigned long long)d->expected_size);
	hasher_add(d->hasher, buf, (size_t)got);
	return got;
}

static void digest_close(struct reader *r)
{
	struct digest_reader *d = (struct digest_reader *)r;

	hasher_freep(&d->hasher);
	d->hasher = NULL;
}

int digest_reader_open(struct digest_reader *d, struct reader *source, struct str expected,
		       uint64_t expected_size, struct err *err)
{
	bool is_sha512 = str_starts(expected, STR("sha512:"));

	if (expected.n && !is_sha512 && !str_starts(expected, STR("sha256:")))
		return err_set(err, E_FORMAT, "unknown kind of digest: \"" STR_FMT "\"", STR_ARG(expected));
	*d = (struct digest_reader){
		.reader = { .read = digest_read, .close = digest_close },
		.source = source,
		.hasher = hasher_new(is_sha512 ? HASH_SHA512 : HASH_SHA256),
		.expected = expected,
		.expected_size = expected_size,
	};
	return 0;
}
