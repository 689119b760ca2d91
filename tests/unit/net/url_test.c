/* SPDX-License-Identifier: Apache-2.0 */
/* URLs: the examples of RFC 3986, section 5.4, and what callers do with mirrors and files. */
#include "net/url.h"

#include "base/arena.h"
#include "unit.h"

#define BASE "http://a/b/c/d;p?q"

static const struct {
	const char *base, *reference, *want;
} joins[] = {
	/* RFC 3986, 5.4.1 */
	{ BASE, "g:h", "g:h" },
	{ BASE, "g", "http://a/b/c/g" },
	{ BASE, "./g", "http://a/b/c/g" },
	{ BASE, "g/", "http://a/b/c/g/" },
	{ BASE, "/g", "http://a/g" },
	{ BASE, "//g", "http://g" },
	{ BASE, "?y", "http://a/b/c/d;p?y" },
	{ BASE, "g?y", "http://a/b/c/g?y" },
	{ BASE, "#s", "http://a/b/c/d;p?q#s" },
	{ BASE, "g#s", "http://a/b/c/g#s" },
	{ BASE, "g?y#s", "http://a/b/c/g?y#s" },
	{ BASE, ";x", "http://a/b/c/;x" },
	{ BASE, "", "http://a/b/c/d;p?q" },
	{ BASE, ".", "http://a/b/c/" },
	{ BASE, "./", "http://a/b/c/" },
	{ BASE, "..", "http://a/b/" },
	{ BASE, "../g", "http://a/b/g" },
	{ BASE, "../..", "http://a/" },
	{ BASE, "../../g", "http://a/g" },
	/* 5.4.2 */
	{ BASE, "../../../g", "http://a/g" },
	{ BASE, "../../../../g", "http://a/g" },
	{ BASE, "/./g", "http://a/g" },
	{ BASE, "/../g", "http://a/g" },
	{ BASE, "g.", "http://a/b/c/g." },
	{ BASE, "..g", "http://a/b/c/..g" },
	{ BASE, "./../g", "http://a/b/g" },
	{ BASE, "./g/.", "http://a/b/c/g/" },
	{ BASE, "g/./h", "http://a/b/c/g/h" },
	{ BASE, "g/../h", "http://a/b/c/h" },
	{ BASE, "g;x=1/../y", "http://a/b/c/y" },
	{ BASE, "g?y/../x", "http://a/b/c/g?y/../x" },
	/* mirrors */
	{ "https://mirror.example/data/", "alpine/v3.20/main.json",
	  "https://mirror.example/data/alpine/v3.20/main.json" },
	{ "https://mirror.example", "x", "https://mirror.example/x" },
	{ "file:///srv/feeds/", "a.json", "file:///srv/feeds/a.json" },
	{ "https://mirror.example/a", "https://other.example/b", "https://other.example/b" },
	{ "https://mirror.example/a/", "b//c", "https://mirror.example/a/b//c" },
};

static void test_join_follows_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) {
		autoarena struct arena a = { 0 };

		assert_str_is(url_join(&a, str_of(joins[i].base), str_of(joins[i].reference)), joins[i].want);
	}
}

static void test_split_names_the_parts(void **state)
{
	struct url u = url_split(STR("https://u:p@host:8443/a/b?x=1&y#frag"));

	(void)state;
	assert_str_is(u.scheme, "https");
	assert_str_is(u.authority, "u:p@host:8443");
	assert_str_is(u.path, "/a/b");
	assert_str_is(u.query, "x=1&y");
	assert_str_is(u.fragment, "frag");
	u = url_split(STR("a/b:c"));
	assert_int_equal(u.scheme.n, 0);
	assert_str_is(u.path, "a/b:c");
}

static void test_escape_and_unescape_are_inverse(void **state)
{
	autoarena struct arena a = { 0 };
	struct str odd = { "a b/\xc3\xa9%?\0+~", 11 }, escaped, back;
	struct err err;

	(void)state;
	escaped = url_escape(&a, odd, STR("/"));
	assert_str_is(escaped, "a%20b/%C3%A9%25%3F%00%2B~");
	assert_int_equal(url_unescape(&a, escaped, &back, &err), 0);
	assert_true(str_eq(back, odd));
}

static void test_damaged_escapes_are_refused(void **state)
{
	static const char *const bad[] = { "%", "a%2", "%zz", "%2g" };
	autoarena struct arena a = { 0 };
	struct str out;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(url_unescape(&a, str_of(bad[i]), &out, &err), E_FORMAT);
}

static const struct {
	const char *url, *path;
	int code;
} files[] = {
	{ "file:///etc/a%20b", "/etc/a b", 0 },
	{ "file://localhost/x", "/x", 0 },
	{ "file:/x", "/x", 0 },
	{ "FILE:///x", "/x", 0 },
	{ "file://host/x", NULL, E_UNSUPPORTED },
	{ "file:x", NULL, E_FORMAT },
	{ "https://host/x", NULL, E_FORMAT },
	{ "file:///a%00b", NULL, E_FORMAT },
	{ "file:///a%", NULL, E_FORMAT },
};

static void test_file_urls_give_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str out;
		struct err err;

		assert_int_equal(url_file_path(&a, str_of(files[i].url), &out, &err), files[i].code);
		if (files[i].path)
			assert_str_is(out, files[i].path);
	}
}

static void test_http_urls_are_told_from_others(void **state)
{
	(void)state;
	assert_true(url_is_http(STR("https://host")));
	assert_true(url_is_http(STR("HTTP://host:80/x?y")));
	assert_false(url_is_http(STR("ftp://host/")));
	assert_false(url_is_http(STR("https:///x")));
	assert_false(url_is_http(STR("https://host/a\nb")));
	assert_false(url_is_http(STR("https://host/\xc3\xa9")));
}

static void test_redacted_urls_hold_no_secrets(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_str_is(url_redact(&a, STR("https://u:p@w@host/x?key=1#f")), "https://host/x");
	assert_str_is(url_redact(&a, STR("plain")), "plain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join_follows_the_rfc),
		cmocka_unit_test(test_split_names_the_parts),
		cmocka_unit_test(test_escape_and_unescape_are_inverse),
		cmocka_unit_test(test_damaged_escapes_are_refused),
		cmocka_unit_test(test_file_urls_give_paths),
		cmocka_unit_test(test_http_urls_are_told_from_others),
		cmocka_unit_test(test_redacted_urls_hold_no_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
