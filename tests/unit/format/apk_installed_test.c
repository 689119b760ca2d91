/* SPDX-License-Identifier: Apache-2.0 */
/* Records of apk's installed database: what is read, what is passed over, the limit of a line. */
#include "../unit.h"

#include "base/arena.h"
#include "base/limits.h"
#include "format/apk_installed.h"

/* Each case is read to its end and written as "name/version/arch/origin/commit[file,...];". */
static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "empty", "", "" },
	{ "only empty lines", "\n\n\n", "" },
	{ "one record", "C:Q1x=\nP:a\nV:1-r0\nA:x86_64\no:b\nc:0f\n\n", "a/1-r0/x86_64/b/0f[];" },
	{ "no empty line at the end", "P:a\nV:1", "a/1///[];" },
	{ "two records", "P:a\nV:1\n\n\nP:b\nV:2\n", "a/1///[];b/2///[];" },
	{ "letters are case-sensitive", "P:a\np:so:x\nv:9\nC:Q1\nV:1\nO:no\n", "a/1///[];" },
	{ "the first of a repeated field counts", "P:a\nP:b\nV:1\n", "a/1///[];" },
	{ "files lie in the last directory", "P:a\nR:top\nF:etc\nM:0:0:755\nR:x\nZ:Q1\nF:usr/bin\nR:y\nR:z\n",
	  "a////[top,etc/x,usr/bin/y,usr/bin/z,];" },
	{ "the root directory", "P:a\nF:\nR:x\n", "a////[x,];" },
	{ "lines that are no field", "P:a\nx\n\x01:\nVV:1\nV:2\n", "a/2///[];" },
	{ "carriage returns", "P:a\r\nV:1\r\nF:etc\r\nR:x\r\n\r\nP:b\r\n", "a/1///[etc/x,];b////[];" },
	{ "a colon in a value", "P:a\nV:1:2\n", "a/1:2///[];" },
};

static struct str files_of(struct arena *a, struct str lines)
{
	struct str directory = STR(""), name, out = STR("");

	while (apk_installed_file(&lines, &directory, &name))
		out = str_format(a, STR_FMT STR_FMT "%s" STR_FMT ",", STR_ARG(out), STR_ARG(directory),
				 directory.n ? "/" : "", STR_ARG(name));
	return out;
}

static void cases_give_what_is_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str got = STR("");
		struct apk_installed in;
		struct apk_record r;

		apk_installed_open(&in, str_of(cases[i].text));
		while (apk_installed_next(&in, &r))
			got = str_format(&a,
					 STR_FMT STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT
							 "[" STR_FMT "];",
					 STR_ARG(got), STR_ARG(r.name), STR_ARG(r.version), STR_ARG(r.arch),
					 STR_ARG(r.origin), STR_ARG(r.commit),
					 STR_ARG(files_of(&a, r.lines)));
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%s: got " STR_FMT ", want %s", cases[i].name, STR_ARG(got), cases[i].want);
	}
}

static void bad_lines_are_numbered(void **state)
{
	struct apk_installed in;
	struct apk_record r;

	(void)state;
	apk_installed_open(&in, STR("P:a\n\nP:b\nbad\nworse\n\nP:c\n"));
	assert_true(apk_installed_next(&in, &r));
	assert_int_equal(in.bad_line, 0);
	assert_true(apk_installed_next(&in, &r));
	assert_int_equal(in.bad_line, 4);
	assert_true(apk_installed_next(&in, &r));
	assert_int_equal(in.bad_line, 0);
	assert_false(apk_installed_next(&in, &r));
}

static bool long_line_is_bad(size_t n)
{
	autoarena struct arena a = { 0 };
	char *text = arena_alloc(&a, n + 8);
	struct apk_installed in;
	struct apk_record r;

	memset(text, 'x', n);
	memcpy(text, "D:", 2);
	memcpy(text + n, "\nP:a\n", 5);
	apk_installed_open(&in, (struct str){ text, n + 5 });
	assert_true(apk_installed_next(&in, &r));
	assert_str_is(r.name, "a");
	return in.bad_line == 1;
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
