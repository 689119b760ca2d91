/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 through OpenSSL's EVP. Source: RFC 8032; EVP_PKEY-ED25519(7), PEM_read_bio_PrivateKey(3).
 * Easy to get wrong: without a callback OpenSSL asks the terminal for the passphrase of a key that has one,
 * so there is one that refuses; and the algorithm hashes by itself, so no digest is named and all is given at
 * once. */
#include "base/signature.h"

#include "base/limits.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static int no_passphrase(char *buf, int size, int is_writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)is_writing;
	(void)ctx;
	return -1;
}

static void key_freep(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}
#define autokey __attribute__((cleanup(key_freep)))

static void context_freep(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
}
#define autocontext __attribute__((cleanup(context_freep)))

static int read_key(struct str text, bool is_private, EVP_PKEY **out, struct err *err)
{
	const char *what = is_private ? "private" : "public";
	EVP_PKEY *key = NULL;
	BIO *bio;

	if (text.n == 0 || text.n > LIMIT_KEY_BYTES)
		return err_set(err, E_CONFIG, "%s key: %zu bytes, limit %u", what, text.n, LIMIT_KEY_BYTES);
	bio = BIO_new_mem_buf(text.p, (int)text.n);
	if (bio)
		key = is_private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
				 : PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
		*out = key;
		return 0;
	}
	EVP_PKEY_free(key);
	return err_set(err, E_CONFIG, "not a %s Ed25519 key in PEM without a passphrase%s", what,
		       is_private ? " (make one with openssl genpkey -algorithm ed25519)" : "");
}

int signature_make(struct str key, struct str message, unsigned char out[SIGNATURE_BYTES], struct err *err)
{
	autocontext EVP_MD_CTX *context = EVP_MD_CTX_new();
	autokey EVP_PKEY *pkey = NULL;
	size_t n = SIGNATURE_BYTES;

	TRY(read_key(key, true, &pkey, err));
	if (context && EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestSign(context, out, &n, (const unsigned char *)message.p, message.n) == 1 &&
	    n == SIGNATURE_BYTES)
		return 0;
	ERR_clear_error();
	return err_set(err, E_CONFIG, "OpenSSL cannot sign with this key");
}

int signature_check(struct str key, struct str message, const unsigned char signature[SIGNATURE_BYTES],
		    struct err *err)
{
	autocontext EVP_MD_CTX *context = EVP_MD_CTX_new();
	autokey EVP_PKEY *pkey = NULL;

	TRY(read_key(key, false, &pkey, err));
	if (context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const unsigned char *)message.p,
			     message.n) == 1)
		return 0;
	ERR_clear_error();
	return err_set(err, E_AUTH, "the signature is not of the key to verify with");
}
