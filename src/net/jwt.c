/* SPDX-License-Identifier: Apache-2.0 */
/* JSON web tokens with a pre-shared key, on libjwt, which checks the signature in constant time. Source: RFC
 * 7515, RFC 7519; service.md of Clair: which claims count. What one would get wrong: the header of a token
 * names its algorithm, so an attacker chooses it: only HMACs are taken, and the times may be fractions, which
 * libjwt does not read as numbers. */
#include "net/jwt.h"

#include "base/limits.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

enum { LEEWAY_SECONDS = 15, LIFE_SECONDS = 60 };

static void jwt_freep(jwt_t **jwt)
{
	jwt_free(*jwt);
}
#define autojwt __attribute__((cleanup(jwt_freep)))

static bool is_hmac(jwt_alg_t algorithm)
{
	return algorithm == JWT_ALG_HS256 || algorithm == JWT_ALG_HS384 || algorithm == JWT_ALG_HS512;
}

/* The token when one of the keys signed it; NULL: none did, or it is none. */
static jwt_t *decode(const struct jwt_keys *keys, const char *token)
{
	for (size_t i = 0; i < keys->key_count; i++) {
		const unsigned char *key = (const unsigned char *)keys->keys[i].p;
		jwt_t *jwt = NULL;

		if (keys->keys[i].n == 0 || jwt_decode(&jwt, token, key, (int)keys->keys[i].n) != 0)
			continue;
		if (is_hmac(jwt_get_alg(jwt)))
			return jwt;
		jwt_free(jwt);
	}
	return NULL;
}

/* A NumericDate: 1 there, 0 absent, -1 no number. */
static int time_claim(jwt_t *jwt, const char *name, double *out)
{
	char *text = jwt_get_grants_json(jwt, name), *end;
	int found;

	if (!text)
		return 0;
	*out = strtod(text, &end);
	found = end > text && *end == '\0' ? 1 : -1;
	free(text);
	return found;
}

static int check_times(const struct jwt_keys *keys, jwt_t *jwt, double now, struct err *err)
{
	double exp = 0, nbf = 0, iat = 0;
	int has_exp = time_claim(jwt, "exp", &exp), has_nbf = time_claim(jwt, "nbf", &nbf),
	    has_iat = time_claim(jwt, "iat", &iat);

	if (has_exp < 0 || has_nbf < 0 || has_iat < 0)
		return err_set(err, E_AUTH, "a time of the token is no number");
	if (!has_exp && keys->require_expiry)
		return err_set(err, E_AUTH, "the token never expires, which the configuration refuses");
	if (has_exp && exp < now - LEEWAY_SECONDS)
		return err_set(err, E_AUTH, "the token has expired");
	if ((has_nbf && nbf > now + LEEWAY_SECONDS) || (has_iat && iat > now + LEEWAY_SECONDS))
		return err_set(err, E_AUTH, "the token is of the future: do the clocks agree?");
	return 0;
}

static int check_issuer(const struct jwt_keys *keys, jwt_t *jwt, struct err *err)
{
	struct str issuer = str_of(jwt_get_grant(jwt, "iss"));

	if (str_eq(issuer, STR("clair-intraservice")))
		return 0;
	for (size_t i = 0; i < keys->issuer_count; i++)
		if (issuer.n && str_eq(issuer, keys->issuers[i]))
			return 0;
	return err_set(err, E_AUTH, "the token's issuer is not among auth.psk.iss");
}

int jwt_verify(const struct jwt_keys *keys, struct str token, int64_t now, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autojwt jwt_t *jwt = NULL;

	if (token.n == 0 || token.n > LIMIT_TOKEN_BYTES || memchr(token.p, '\0', token.n))
		return err_set(err, E_AUTH, "no token, or one of more than %u bytes", LIMIT_TOKEN_BYTES);
	jwt = decode(keys, str_copy(&scratch, token).p);
	if (!jwt)
		return err_set(err, E_AUTH, "no key of auth.psk signed the token");
	TRY(check_times(keys, jwt, (double)now, err));
	return check_issuer(keys, jwt, err);
}

int jwt_sign(struct arena *a, struct str key, struct str issuer, int64_t now, struct str *out,
	     struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autojwt jwt_t *jwt = NULL;
	char *text = NULL;

	if (jwt_new(&jwt) == 0 && jwt_add_grant(jwt, "iss", str_copy(&scratch, issuer).p) == 0 &&
	    jwt_add_grant_int(jwt, "iat", (long)now) == 0 &&
	    jwt_add_grant_int(jwt, "nbf", (long)(now - LIFE_SECONDS)) == 0 &&
	    jwt_add_grant_int(jwt, "exp", (long)(now + LIFE_SECONDS)) == 0 &&
	    jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)key.p, (int)key.n) == 0)
		text = jwt_encode_str(jwt);
	if (!text)
		return err_set(err, E_CONFIG, "no token can be signed with this key");
	*out = str_copy(a, str_of(text));
	free(text);
	return 0;
}
