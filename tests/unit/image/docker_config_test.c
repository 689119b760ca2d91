/* SPDX-License-Identifier: Apache-2.0 */
/* What `docker login` leaves behind, in all its forms. "dXNlcjpwYTpzcw==" is user:pa:ss. */
#include "image/docker_config.h"

#include "image/base64.h"
#include "unit.h"

#include <stdlib.h>

#define AUTH "\"auth\":\"dXNlcjpwYTpzcw==\""

static const struct {
	const char *text, *key;
	int code;
	const char *username, *password, *token, *helper;
} cases[] = {
	{ "{\"auths\":{\"registry.example\":{" AUTH "}}}", "registry.example", 0, "user", "pa:ss", "", "" },
	{ "{\"auths\":{\"registry.example\":{\"auth\":\"dXNlcjpwYTpzcw\"}}}", "registry.example", 0, "user",
	  "pa:ss", "", "" },
	{ "{\"auths\":{\"https://registry.example/v2/\":{" AUTH "}}}", "registry.example", 0, "user", "pa:ss",
	  "", "" },
	{ "{\"auths\":{\"Registry.Example:5000\":{" AUTH "}}}", "registry.example:5000", 0, "user", "pa:ss",
	  "", "" },
	{ "{\"auths\":{\"registry.example\":{" AUTH "}}}", "registry.example:5000", 0, "", "", "", "" },
	{ "{\"auths\":{\"https://index.docker.io/v1/\":{" AUTH "}}}", "https://index.docker.io/v1/", 0,
	  "user", "pa:ss", "", "" },
	{ "{\"auths\":{\"r.example\":{\"username\":\"u\",\"password\":\"p\"}}}", "r.example", 0, "u", "p", "",
	  "" },
	{ "{\"auths\":{\"r.example\":{\"auth\":\"dXNlcjo=\",\"identitytoken\":\"t\"}}}", "r.example", 0,
	  "user", "", "t", "" },
	{ "{\"auths\":{\"r.example\":{}},\"credsStore\":\"desktop\"}", "r.example", 0, "", "", "",
	  "docker-credential-desktop" },
	{ "{\"auths\":{\"r.example\":{" AUTH "}},\"credsStore\":\"desktop\"}", "r.example", 0, "user",
	  "pa:ss", "", "" },
	{ "{\"auths\":{},\"credsStore\":\"desktop\"}", "r.example", 0, "", "", "", "" },
	{ "{\"credHelpers\":{\"r.example\":\"pass\"}}", "r.example", 0, "", "", "",
	  "docker-credential-pass" },
	{ "{}", "r.example", 0, "", "", "", "" },
	{ "{\"auths\":[1]}", "r.example", 0, "", "", "", "" },
	{ "{\"auths\":{\"r.example\":null}}", "r.example", 0, "", "", "", "" },
	{ "{\"auths\":{\"r.example\":{\"auth\":\"hush!\"}}}", "r.example", E_FORMAT, "", "", "", "" },
	{ "{\"auths\":{\"r.example\":{\"auth\":\"aHVzaA==\"}}}", "r.example", E_FORMAT, "", "", "", "" },
	{ "[]", "r.example", E_FORMAT, "", "", "", "" },
	{ "", "r.example", E_FORMAT, "", "", "", "" },
};

static void test_credentials_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct docker_credentials c = { 0 };
		struct err err = { 0 };
		int code = docker_config_parse(&a, str_of(cases[i].text), str_of(cases[i].key), &c, &err);

		if (code != cases[i].code || strstr(err.text, "hush"))
			fail_msg("%s: %d %s", cases[i].text, code, err.text);
		assert_str_is(c.username, cases[i].username);
		assert_str_is(c.password, cases[i].password);
		assert_str_is(c.identity_token, cases[i].token);
		assert_str_is(c.helper, cases[i].helper);
	}
}

static void test_a_missing_file_is_none_unless_it_was_named(void **state)
{
	autoarena struct arena a = { 0 };
	struct docker_credentials c;
	struct err err;

	(void)state;
	setenv("DOCKER_CONFIG", "/nowhere", 1);
	assert_int_equal(docker_config_load(&a, STR(""), STR("r.example"), &c, &err), 0);
	assert_int_equal(docker_config_load(&a, STR("/nowhere/x.json"), STR("r.example"), &c, &err),
			 E_CONFIG);
	assert_int_equal(docker_config_load(&a, STR("/dev/null"), STR("r.example"), &c, &err), E_CONFIG);
	assert_non_null(strstr(err.text, "/dev/null"));
}

static void test_base64_goes_both_ways(void **state)
{
	static const char *const texts[][2] = {
		{ "", "" },	   { "f", "Zg==" },	   { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xff\xfe", "//4=" }
	};
	autoarena struct arena a = { 0 };
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_str_is(base64_encode(&a, str_of(texts[i][0])), texts[i][1]);
		assert_true(base64_decode(&a, str_of(texts[i][1]), &out));
		assert_str_is(out, texts[i][0]);
	}
	assert_false(base64_decode(&a, STR("Z"), &out));
	assert_false(base64_decode(&a, STR("Zg==="), &out));
	assert_false(base64_decode(&a, STR("Z-=="), &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credentials_are_found),
		cmocka_unit_test(test_a_missing_file_is_none_unless_it_was_named),
		cmocka_unit_test(test_base64_goes_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
