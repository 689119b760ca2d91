/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what is signed is accepted, by any of the keys, whoever made it; everything else is not. */
#include "../unit.h"

#include "base/cursor.h"
#include "net/jwt.h"

#include <gnutls/crypto.h>

static const struct str keys[] = { STR("first key, long enough for everybody"), STR("second key") };
static const struct str issuers[] = { STR("quay") };
static const struct jwt_keys accepted = { keys, 2, issuers, 1, false };

static int verify(const struct jwt_keys *with, struct str token, int64_t now)
{
	struct err err = { 0 };
	int rc = jwt_verify(with, token, now, &err);

	assert_true(rc == 0 || (rc == E_AUTH && err.text[0]));
	return rc;
}

static struct str signed_by(struct arena *a, struct str key, const char *issuer, int64_t now)
{
	struct str token;
	struct err err = { 0 };

	assert_int_equal(jwt_sign(a, key, str_of(issuer), now, &token, &err), 0);
	return token;
}

static void any_key_and_issuer_of_the_list_counts(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_int_equal(verify(&accepted, signed_by(&a, keys[0], "quay", 1000), 1000), 0);
	assert_int_equal(verify(&accepted, signed_by(&a, keys[1], "quay", 1000), 1000), 0);
	assert_int_equal(verify(&accepted, signed_by(&a, keys[1], "clair-intraservice", 1000), 1000), 0);
	assert_int_equal(verify(&accepted, signed_by(&a, keys[1], "other", 1000), 1000), E_AUTH);
	assert_int_equal(verify(&accepted, signed_by(&a, STR("third key"), "quay", 1000), 1000), E_AUTH);
}

static void times_have_a_leeway(void **state)
{
	autoarena struct arena a = { 0 };
	struct str token = signed_by(&a, keys[0], "quay", 1000);

	(void)state;
	assert_int_equal(verify(&accepted, token, 1000 + 60 + 15), 0);
	assert_int_equal(verify(&accepted, token, 1000 + 60 + 16), E_AUTH);
	assert_int_equal(verify(&accepted, token, 1000 - 15), 0);
	assert_int_equal(verify(&accepted, token, 1000 - 16), E_AUTH);
}

static void odd_tokens(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"a.b.c",
		"eyJhbGciOiJub25lIn0.eyJpc3MiOiJxdWF5In0.",
		"eyJhbGciOiJub25lIn0.eyJpc3MiOiJxdWF5In0",
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJxdWF5In0.AAAA",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(verify(&accepted, str_of(bad[i]), 1000), E_AUTH);
}

static void every_changed_byte_breaks_the_signature(void **state)
{
	autoarena struct arena a = { 0 };
	struct str token = signed_by(&a, keys[0], "quay", 1000);

	(void)state;
	for (size_t i = 0; i + 1 < token.n; i++) { /* the last character holds spare bits */
		char *changed = (char *)str_copy(&a, token).p;

		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(verify(&accepted, (struct str){ changed, token.n }, 1000), E_AUTH);
	}
}

/* ---- tokens of other makers ---- */

static void put_base64url(struct buffer *b, struct str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < s.n; i++) {
		bits = bits << 8 | (unsigned char)s.p[i];
		for (held += 8; held >= 6; held -= 6)
			put_u8(b, (uint8_t)digits[bits >> (held - 6) & 63]);
	}
	if (held)
		put_u8(b, (uint8_t)digits[bits << (6 - held) & 63]);
}

static struct str made(struct arena *a, const char *header, const char *claims, gnutls_mac_algorithm_t mac)
{
	struct buffer b = { .arena = a };
	unsigned char digest[64];

	put_base64url(&b, str_of(header));
	put_u8(&b, '.');
	put_base64url(&b, str_of(claims));
	gnutls_hmac_fast(mac, keys[0].p, keys[0].n, b.p, b.n, digest);
	put_u8(&b, '.');
	put_base64url(&b, (struct str){ (char *)digest, gnutls_hmac_get_len(mac) });
	return str_copy(a, buffer_str(&b));
}

static void claims_of_other_makers(void **state)
{
	static const struct {
		const char *claims;
		int rc, strict_rc; /* of those who require an expiry */
	} cases[] = {
		{ "{\"iss\":\"quay\"}", 0, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":1000.5}", 0, 0 },
		{ "{\"iss\":\"quay\",\"exp\":985}", 0, 0 },
		{ "{\"iss\":\"quay\",\"exp\":984.9}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":0}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":-1}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":1e300}", 0, 0 },
		{ "{\"iss\":\"quay\",\"exp\":\"2000\"}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":null}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":true}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"nbf\":1015,\"exp\":2000}", 0, 0 },
		{ "{\"iss\":\"quay\",\"nbf\":1015.5,\"exp\":2000}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"iat\":1016,\"exp\":2000}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"quay\",\"exp\":2000,\"aud\":[\"x\"],\"jti\":{}}", 0, 0 },
		{ "{\"exp\":2000}", E_AUTH, E_AUTH },
		{ "{\"iss\":[\"quay\"],\"exp\":2000}", E_AUTH, E_AUTH },
		{ "{\"iss\":\"Quay\",\"exp\":2000}", E_AUTH, E_AUTH },
		{ "[]", E_AUTH, E_AUTH },
		{ "", E_AUTH, E_AUTH },
	};
	autoarena struct arena a = { 0 };
	struct jwt_keys strict = accepted;

	(void)state;
	strict.require_expiry = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str token = made(&a, "{\"alg\":\"HS256\"}", cases[i].claims, GNUTLS_MAC_SHA256);

		if (verify(&accepted, token, 1000) != cases[i].rc ||
		    verify(&strict, token, 1000) != cases[i].strict_rc)
			fail_msg("%s", cases[i].claims);
	}
}

static void algorithms_are_hmacs(void **state)
{
	static const struct {
		const char *header;
		gnutls_mac_algorithm_t mac;
		int rc;
	} cases[] = {
		{ "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", GNUTLS_MAC_SHA256, 0 },
		{ "{\"typ\":\"JWT\",\"alg\":\"HS384\",\"kid\":\"1\"}", GNUTLS_MAC_SHA384, 0 },
		{ "{\"alg\":\"HS512\"}", GNUTLS_MAC_SHA512, 0 },
		{ "{\"alg\":\"HS512\"}", GNUTLS_MAC_SHA256, E_AUTH },
		{ "{\"alg\":\"none\"}", GNUTLS_MAC_SHA256, E_AUTH },
		{ "{\"alg\":\"None\"}", GNUTLS_MAC_SHA256, E_AUTH },
		{ "{\"alg\":\"RS256\"}", GNUTLS_MAC_SHA256, E_AUTH },
		{ "{\"alg\":\"ES256\"}", GNUTLS_MAC_SHA256, E_AUTH },
		{ "{\"alg\":\"MD5\"}", GNUTLS_MAC_MD5, E_AUTH },
		{ "{}", GNUTLS_MAC_SHA256, E_AUTH },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str token = made(&a, cases[i].header, "{\"iss\":\"quay\",\"exp\":2000}", cases[i].mac);

		if (verify(&accepted, token, 1000) != cases[i].rc)
			fail_msg("%s", cases[i].header);
	}
}

static void long_tokens_are_refused(void **state)
{
	autoarena struct arena a = { 0 };
	struct str filler;

	(void)state;
	for (size_t n = 4000; n <= 8000; n += 4000) {
		filler = str_format(&a, "{\"iss\":\"quay\",\"exp\":2000,\"x\":\"%0*d\"}", (int)n, 0);
		assert_int_equal(
			verify(&accepted, made(&a, "{\"alg\":\"HS256\"}", filler.p, GNUTLS_MAC_SHA256), 1000),
			n < 6000 ? 0 : E_AUTH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_key_and_issuer_of_the_list_counts),
		cmocka_unit_test(times_have_a_leeway),
		cmocka_unit_test(odd_tokens),
		cmocka_unit_test(every_changed_byte_breaks_the_signature),
		cmocka_unit_test(claims_of_other_makers),
		cmocka_unit_test(algorithms_are_hmacs),
		cmocka_unit_test(long_tokens_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
