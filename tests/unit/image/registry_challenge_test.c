/* SPDX-License-Identifier: Apache-2.0 */
/* WWW-Authenticate in the forms that registries and proxies before them send. */
#include "image/registry_challenge.h"

#include "unit.h"

static const struct {
	const char *value;
	enum challenge_scheme scheme;
	const char *realm, *service, *scope;
} cases[] = {
	{ "Bearer "
	  "realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull\"",
	  CHALLENGE_BEARER, "https://auth.example/token", "registry.example", "repository:a/b:pull" },
	{ "bearer  Realm = \"https://auth.example/t?x=1\" , scope=\"repository:a/b:pull,push\", "
	  "error=\"invalid_token\"",
	  CHALLENGE_BEARER, "https://auth.example/t?x=1", "", "repository:a/b:pull,push" },
	{ "Basic realm=\"Registry Realm\"", CHALLENGE_BASIC, "Registry Realm", "", "" },
	{ "Basic", CHALLENGE_BASIC, "", "", "" },
	{ "Basic realm=x, Bearer realm=\"https://a.example/\",service=s", CHALLENGE_BEARER,
	  "https://a.example/", "s", "" },
	{ "Bearer realm=\"https://a.example/\", Basic realm=x", CHALLENGE_BEARER, "https://a.example/", "",
	  "" },
	{ "Bearer service=x, Basic realm=y", CHALLENGE_BASIC, "y", "", "" },
	{ "Negotiate YII/=, Basic realm=\"x\"", CHALLENGE_BASIC, "x", "", "" },
	{ "Bearer realm=\"a\\\"b\"", CHALLENGE_BEARER, "a\"b", "", "" },
	{ "Bearer realm=\"unclosed", CHALLENGE_BEARER, "unclosed", "", "" },
	{ "Bearer", CHALLENGE_NONE, "", "", "" },
	{ "Digest realm=\"x\"", CHALLENGE_NONE, "", "", "" },
	{ "", CHALLENGE_NONE, "", "", "" },
	{ ",,;()", CHALLENGE_NONE, "", "", "" },
	{ "realm=x", CHALLENGE_NONE, "", "", "" },
};

static void test_challenges_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct registry_challenge c;

		registry_challenge_parse(&a, str_of(cases[i].value), &c);
		if (c.scheme != cases[i].scheme)
			fail_msg("%s: %d", cases[i].value, c.scheme);
		assert_str_is(c.realm, cases[i].realm);
		assert_str_is(c.service, cases[i].service);
		assert_str_is(c.scope, cases[i].scope);
	}
}

static void test_the_strongest_of_several_headers_is_taken(void **state)
{
	autoarena struct arena a = { 0 };
	http_headers headers = { 0 };
	struct registry_challenge c;

	(void)state;
	VEC_PUSH(&a, &headers, ((struct http_header){ STR("Www-Authenticate"), STR("Basic realm=x") }));
	VEC_PUSH(&a, &headers, ((struct http_header){ STR("X-Other"), STR("Bearer realm=z") }));
	VEC_PUSH(&a, &headers, ((struct http_header){ STR("WWW-Authenticate"), STR("Bearer realm=y") }));
	registry_challenge_find(&a, &headers, &c);
	assert_int_equal(c.scheme, CHALLENGE_BEARER);
	assert_str_is(c.realm, "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenges_are_read),
		cmocka_unit_test(test_the_strongest_of_several_headers_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
