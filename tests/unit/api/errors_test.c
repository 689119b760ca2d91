/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of errors: members, slugs, reasons, and nothing beyond ASCII. */
#include "../unit.h"

#include "api/request.h"

static void bodies_are_what_clients_read(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_str_is(
		error_body(&a, 404, "not-found", STR("index report not found")),
		"{\"code\":\"not-found\",\"message\":\"index report not found\",\"reason\":\"not-found\"}");
	assert_str_is(error_body(&a, 415, "unsupported", STR("a \"b\" <c>")),
		      "{\"code\":\"internal-error\",\"message\":\"a \\\"b\\\" \\u003cc\\u003e\","
		      "\"reason\":\"unsupported\"}");
}

static void messages_are_ascii(void **state)
{
	static const struct {
		const char *message, *json;
	} cases[] = {
		{ "t\xc3\xb6\xc3\xb6l", "t\\u00f6\\u00f6l" },
		{ "\xe2\x82\xac", "\\u20ac" },
		{ "\xf0\x9f\x90\x9f", "\\ud83d\\udc1f" },
		{ "\xf4\x8f\xbf\xbf", "\\udbff\\udfff" },
		{ "cut \xe2\x82", "cut \\ufffd" },
		{ "\xff", "\\ufffd" },
		{ "line\nbreak\x7f", "line\\nbreak\x7f" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str body = error_body(&a, 400, "format", str_of(cases[i].message));

		for (size_t j = 0; j < body.n; j++)
			assert_true((unsigned char)body.p[j] < 0x80);
		if (str_search(body, str_of(cases[i].json)) == body.n)
			fail_msg("%zu: " STR_FMT, i, STR_ARG(body));
	}
}

static void slugs_are_clairs(void **state)
{
	(void)state;
	assert_string_equal(error_slug(400), "bad-request");
	assert_string_equal(error_slug(404), "not-found");
	assert_string_equal(error_slug(405), "method-not-allowed");
	assert_string_equal(error_slug(429), "too-many-requests");
	assert_string_equal(error_slug(409), "internal-error");
	assert_string_equal(error_slug(413), "internal-error");
	assert_string_equal(error_slug(415), "internal-error");
	assert_string_equal(error_slug(500), "internal-error");
	assert_string_equal(error_slug(503), "internal-error");
}

static void every_code_has_a_reason(void **state)
{
	(void)state;
	for (int code = E_AUTH; code <= E_IO; code++)
		assert_string_not_equal(error_reason(code), "unknown");
	assert_string_equal(error_reason(E_LIMIT), "limit");
	assert_string_equal(error_reason(E_AUTH), "unauthorized-upstream");
	assert_string_equal(error_reason(0), "unknown");
	assert_string_equal(error_reason(1), "unknown");
	assert_string_equal(error_reason(-100), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_what_clients_read),
		cmocka_unit_test(messages_are_ascii),
		cmocka_unit_test(slugs_are_clairs),
		cmocka_unit_test(every_code_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
