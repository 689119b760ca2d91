/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what is signed is accepted, by any of the keys; everything else is not. Requests with tokens of
 * other makers are in tests/service/test_auth.py. */
#include "../unit.h"

#include "net/jwt.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_key_and_issuer_of_the_list_counts),
		cmocka_unit_test(times_have_a_leeway),
		cmocka_unit_test(odd_tokens),
		cmocka_unit_test(every_changed_byte_breaks_the_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
