/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets, parameters of queries, addresses to listen on. */
#include "../unit.h"

#include "base/arena.h"
#include "net/http_target.h"

static void targets(void **state)
{
	static const struct {
		const char *target, *path, *query; /* path NULL: refused */
	} cases[] = {
		{ "/", "/", "" },
		{ "/a/b%20c?d=%20", "/a/b c", "d=%20" },
		{ "/a?b?c", "/a", "b?c" },
		{ "//host/a", "//host/a", "" },
		{ "/a%2fb%C3%A9", "/a/b\xc3\xa9", "" },
		{ "/a+b", "/a+b", "" },
		{ "http://host:80/a?b", "/a", "b" },
		{ "HTTPS://host", "/", "" },
		{ "http://host?b", "/", "b" },
		{ "*", "*", "" },
		{ "", NULL, NULL },
		{ "?a", NULL, NULL },
		{ "a", NULL, NULL },
		{ "host:443", NULL, NULL },
		{ "ftp://host/a", NULL, NULL },
		{ "/%", NULL, NULL },
		{ "/%4", NULL, NULL },
		{ "/%4g", NULL, NULL },
		{ "/%00", NULL, NULL },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str path, query;
		struct err err;
		int rc = http_target_split(&a, str_of(cases[i].target), &path, &query, &err);

		assert_int_equal(rc, cases[i].path ? 0 : E_FORMAT);
		if (rc)
			continue;
		assert_str_is(path, cases[i].path);
		assert_str_is(query, cases[i].query);
	}
}

static void parameters(void **state)
{
	static const struct {
		const char *query, *name, *value; /* value NULL: absent */
	} cases[] = {
		{ "a=1&b=2", "b", "2" }, { "a=1&a=2", "a", "1" }, { "a", "a", "" },
		{ "a=", "a", "" },	 { "a=b=c", "a", "b=c" }, { "x=%41+%2B", "x", "A +" },
		{ "%61=1", "a", "1" },	 { "a=%zz", "a", "%zz" }, { "&&a=1&", "a", "1" },
		{ "", "a", NULL },	 { "b=1", "a", NULL },	  { "A=1", "a", NULL },
		{ "a%00=1", "a", NULL },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str value;
		int rc = http_target_parameter(&a, str_of(cases[i].query), str_of(cases[i].name), &value);

		assert_int_equal(rc, cases[i].value != NULL);
		assert_str_is(value, cases[i].value ? cases[i].value : "");
	}
}

static void addresses_to_listen_on(void **state)
{
	static const struct {
		const char *address, *host, *port; /* host NULL: refused */
	} cases[] = {
		{ ":6060", "", "6060" },
		{ "192.0.2.1:80", "192.0.2.1", "80" },
		{ "[::1]:0", "::1", "0" },
		{ "[::]:65535", "::", "65535" },
		{ "localhost:8089", "localhost", "8089" },
		{ "", NULL, NULL },
		{ "6060", NULL, NULL },
		{ ":", NULL, NULL },
		{ ":65536", NULL, NULL },
		{ "::1:80", NULL, NULL },
		{ "[]:80", NULL, NULL },
		{ "[::1:80", NULL, NULL },
		{ "[[::1]]:80", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str host, port;
		struct err err;
		int rc = http_target_listen(str_of(cases[i].address), &host, &port, &err);

		assert_int_equal(rc, cases[i].host ? 0 : E_CONFIG);
		if (rc)
			continue;
		assert_str_is(host, cases[i].host);
		assert_str_is(port, cases[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(parameters),
		cmocka_unit_test(addresses_to_listen_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
