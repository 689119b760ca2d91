/* SPDX-License-Identifier: Apache-2.0 */
/* Normal names: what is joined, resolved and escaped. */
#include "format/tar_path.h"
#include "unit.h"

static const struct {
	const char *dir, *name, *want;
} cases[] = {
	{ "", "a/b", "a/b" },
	{ "", "", "." },
	{ "", "/", "." },
	{ "", "./", "." },
	{ "", "./././a//b/./c///", "a/b/c" },
	{ "", "../../a", "a" },
	{ "", "a/../../b", "b" },
	{ "", ".hidden/..two/...", ".hidden/..two/..." },
	{ "d/e", "../f", "d/f" },
	{ "d/e", "../../../f", "f" },
	{ "d/e", "/f", "f" },
	{ "d/e", "", "d/e" },
	{ ".", "f", "f" },
	{ "d", "..", "." },
	{ "", "\xc3\xa4", "\xc3\xa4" },
	{ "", "\xc3", "\\xc3" },
	{ "", "\xc3\xa4\xff", "\xc3\xa4\\xff" },
	{ "", "\xef\xbf\xbd", "\xef\xbf\xbd" },
	{ "", "\xef\xbf\xbd\x80", "\\xef\\xbf\\xbd\\x80" },
	{ "", "\xed\xa0\x80/\xf5", "\\xed\\xa0\\x80/\\xf5" },
	{ "", "\xff/..", "." },
};

static void names_are_normal_and_end_with_a_nul(void **state)
{
	autoarena struct arena arena = { 0 };
	struct buffer b = { .arena = &arena };
	struct str path;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			tar_path_normal(&b, str_of(cases[i].dir), str_of(cases[i].name), &path, &err), 0);
		assert_str_is(path, cases[i].want);
		assert_int_equal(strlen(path.p), path.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_normal_and_end_with_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
