/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of os-release and lsb-release files, their quoting, the limit of a file. */
#include "../unit.h"

#include "base/limits.h"
#include "format/os_release.h"

/* Written as "key=value;" in the order of the file. result: of os_release_parse. */
static const struct {
	const char *name, *text, *want;
	int result;
} cases[] = {
	{ "empty", "", "", 0 },
	{ "comments and empty lines", "# a=b\n\n  # c\nID=x\n", "ID=x;", 0 },
	{ "no line end at the end", "ID=x", "ID=x;", 0 },
	{ "cut at the first equals sign", "A=b=c\n", "A=b=c;", 0 },
	{ "blanks around key and value", "  A = b \r\n", "A=b;", 0 },
	{ "Unicode blanks",
	  "\xc2\xa0"
	  "A=b\xe2\x80\x83\n",
	  "A=b;", 0 },
	{ "double quotes", "A=\"b c\"\n", "A=b c;", 0 },
	{ "the four escapes in double quotes", "A=\"\\\\ \\\" \\` \\$ \\n\"\n", "A=\\ \" ` $ \\n;", 0 },
	{ "escapes are read once, from the left", "A=\"x\\\\\\$\"\n", "A=x\\$;", 0 },
	{ "all quotes at the ends go", "A=\"\"b\"\"\n", "A=b;", 0 },
	{ "only an opening quote", "A=\"b\n", "A=b;", 0 },
	{ "a backslash at the end", "A=\"b\\\n", "A=b\\;", 0 },
	{ "single quotes", "A='b c'\n", "A=b c;", 0 },
	{ "single quotes keep backslashes", "A='b\\n\\\\'\n", "A=b\\n\\\\;", 0 },
	{ "a quote in single quotes", "A='it'\\''s, isn'\\''t'\n", "A=it's, isn't;", 0 },
	{ "quotes in the middle stay", "A=b\"c\"\n", "A=b\"c\";", 0 },
	{ "empty values", "A=\nB=\"\"\n", "A=;B=;", 0 },
	{ "a line without equals sign", "A=b\nnonsense\nC=d\n", "A=b;C=d;", E_FORMAT },
};

static void cases_give_what_is_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str got = STR("");
		struct os_release r;
		struct err err;

		assert_int_equal(os_release_parse(&a, str_of(cases[i].text), &r, &err), cases[i].result);
		VEC_EACH (struct os_release_field, f, &r.fields)
			got = str_format(&a, STR_FMT STR_FMT "=" STR_FMT ";", STR_ARG(got), STR_ARG(f->key),
					 STR_ARG(f->value));
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%s: got " STR_FMT ", want %s", cases[i].name, STR_ARG(got), cases[i].want);
	}
}

static void the_last_of_a_repeated_key_counts(void **state)
{
	autoarena struct arena a = { 0 };
	struct os_release r;
	struct err err;

	(void)state;
	assert_int_equal(os_release_parse(&a, STR("ID=a\nID=b\nNAME=\n"), &r, &err), 0);
	assert_str_is(os_release_get(&r, STR("ID")), "b");
	assert_str_is(os_release_get(&r, STR("NAME")), "");
	assert_str_is(os_release_get(&r, STR("VERSION")), "");
	assert_true(os_release_has(&r, STR("NAME")));
	assert_false(os_release_has(&r, STR("VERSION")));
}

static void the_error_names_the_line(void **state)
{
	autoarena struct arena a = { 0 };
	struct os_release r;
	struct err err;

	(void)state;
	assert_int_equal(os_release_parse(&a, STR("ID=a\n\nnonsense\nmore\n"), &r, &err), E_FORMAT);
	assert_string_equal(err.text, "line 3: no '='");
}

static void lsb_lines_are_simpler(void **state)
{
	autoarena struct arena a = { 0 };
	struct os_release r;
	struct err err;

	(void)state;
	assert_int_equal(os_release_parse_lsb(&a,
					      STR("DISTRIB_ID=Ubuntu\r\nnonsense\n"
						  "DISTRIB_DESCRIPTION=\"Ubuntu \\$ 22.04\"\n"),
					      &r, &err),
			 0);
	assert_str_is(os_release_get(&r, STR("DISTRIB_ID")), "Ubuntu");
	assert_str_is(os_release_get(&r, STR("DISTRIB_DESCRIPTION")), "Ubuntu \\$ 22.04");
}

static void files_above_the_limit_are_refused(void **state)
{
	autoarena struct arena a = { 0 };
	char *text = arena_alloc(&a, LIMIT_OS_RELEASE_BYTES + 1);
	struct os_release r;
	struct err err;

	(void)state;
	memset(text, '#', LIMIT_OS_RELEASE_BYTES + 1);
	assert_int_equal(os_release_parse(&a, (struct str){ text, LIMIT_OS_RELEASE_BYTES }, &r, &err), 0);
	assert_int_equal(os_release_parse(&a, (struct str){ text, LIMIT_OS_RELEASE_BYTES + 1 }, &r, &err),
			 E_LIMIT);
	assert_int_equal(os_release_parse_lsb(&a, (struct str){ text, LIMIT_OS_RELEASE_BYTES + 1 }, &r, &err),
			 E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_give_what_is_wanted),
		cmocka_unit_test(the_last_of_a_repeated_key_counts),
		cmocka_unit_test(the_error_names_the_line),
		cmocka_unit_test(lsb_lines_are_simpler),
		cmocka_unit_test(files_above_the_limit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
