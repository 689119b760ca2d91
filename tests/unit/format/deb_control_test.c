/* SPDX-License-Identifier: Apache-2.0 */
/* Stanzas of control files: what is read, what is passed over, the limit of a line. */
#include "../unit.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "format/deb_control.h"

enum { PACKAGE, VERSION, SOURCE, FIELDS };

static int next(struct deb_control *c, struct str values[FIELDS])
{
	const struct str names[FIELDS] = { STR("Package"), STR("Version"), STR("Source") };
	struct err err;

	return deb_control_next(c, names, values, FIELDS, &err);
}

/* Each case is read to its end; what came out is written as "package/version/source;", "!" for a refused
 * stanza. */
static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "empty", "", "" },
	{ "only empty lines", "\n\n \n\t\n", "" },
	{ "two stanzas", "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\nSource: s (3)\n\n",
	  "a/1/;b/2/s (3);" },
	{ "no empty line at the end", "Package: a\nVersion: 1", "a/1/;" },
	{ "several empty lines between", "\n\nPackage: a\n\n\n \nPackage: b\n", "a//;b//;" },
	{ "letters of any case", "PACKAGE: a\nvERSION: 1\n", "a/1/;" },
	{ "blanks around values", "Package:   a \t\nVersion:1\r\n", "a/1/;" },
	{ "continuation lines are passed over",
	  "Package: a\nDescription: x\n Version: 7\n\tSource: no\nVersion: 1\n", "a/1/;" },
	{ "a folded field with an empty first line", "Package: a\nConffiles:\n /etc/a 0123\nVersion: 1\n",
	  "a/1/;" },
	{ "the first of a repeated field counts", "Package: a\nPackage: b\n", "a//;" },
	{ "an empty field counts as the first", "Source:\nSource: b\nPackage: a\n", "a//;" },
	{ "a line without colon is passed over", "Package: a\n/etc/x 01\nVersion: 1\n", "a/1/;" },
	{ "a line without name is passed over", "Package: a\n: x\nVersion: 1\n", "a/1/;" },
	{ "two stanzas run into one are refused", "Package: a\nVersi\nPackage: b\nVersion: 2\n\nPackage: c\n",
	  "!c//;" },
	{ "a leading continuation line", " x\nPackage: a\n", "a//;" },
	{ "other fields only", "X: y\n", "//;" },
};

static void cases_give_what_is_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str got = STR(""), v[FIELDS];
		struct deb_control c;
		int result;

		deb_control_open(&c, str_of(cases[i].text));
		while ((result = next(&c, v)) != 0)
			got = result < 0 ? str_format(&a, STR_FMT "!", STR_ARG(got))
					 : str_format(&a, STR_FMT STR_FMT "/" STR_FMT "/" STR_FMT ";",
						      STR_ARG(got), STR_ARG(v[PACKAGE]), STR_ARG(v[VERSION]),
						      STR_ARG(v[SOURCE]));
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%s: got " STR_FMT ", want %s", cases[i].name, STR_ARG(got), cases[i].want);
	}
}

static void bad_lines_are_numbered(void **state)
{
	struct str v[FIELDS];
	struct deb_control c;

	(void)state;
	deb_control_open(&c, STR("Package: a\n\nPackage: b\nbad\nworse\n\nPackage: c\n"));
	assert_int_equal(next(&c, v), 1);
	assert_int_equal(c.bad_line, 0);
	assert_int_equal(next(&c, v), 1);
	assert_int_equal(c.bad_line, 4);
	assert_int_equal(next(&c, v), 1);
	assert_int_equal(c.bad_line, 0);
	assert_int_equal(c.line, 7);
}

/* A line of n bytes between two fields. */
static bool long_line_is_bad(size_t n)
{
	autoarena struct arena a = { 0 };
	char *text = arena_alloc(&a, n + 64);
	struct str v[FIELDS];
	struct deb_control c;
	size_t head = (size_t)snprintf(text, 64, "Package: a\nX: ");

	memset(text + head, 'x', n - 3);
	memcpy(text + head + n - 3, "\nVersion: 1\n", 12);
	deb_control_open(&c, (struct str){ text, head + n - 3 + 12 });
	assert_int_equal(next(&c, v), 1);
	assert_str_is(v[VERSION], "1");
	return c.bad_line == 2;
}

static void a_line_may_have_a_mebibyte_and_no_more(void **state)
{
	(void)state;
	assert_false(long_line_is_bad(LIMIT_CONTROL_LINE_BYTES));
	assert_true(long_line_is_bad(LIMIT_CONTROL_LINE_BYTES + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_give_what_is_wanted),
		cmocka_unit_test(bad_lines_are_numbered),
		cmocka_unit_test(a_line_may_have_a_mebibyte_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
