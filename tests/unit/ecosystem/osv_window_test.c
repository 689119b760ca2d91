/* SPDX-License-Identifier: Apache-2.0 */
/* ranges of versions in the fixed version's place, and which advisories are a registry's */
#include "../unit.h"

#include "ecosystem/language.h"
#include "ecosystem/osv_window.h"

static void a_window_decides_by_its_bounds(void **state)
{
	static const struct {
		const char *window, *version;
		enum verdict want;
	} cases[] = {
		{ "", "1.0", AFFECTED },
		{ "fixed=2", "2.0.dev1", AFFECTED },
		{ "fixed=2", "2.0", NOT_AFFECTED },
		{ "fixed=2&introduced=1.5", "1.4", NOT_AFFECTED },
		{ "fixed=2&introduced=1.5", "1.5", AFFECTED },
		{ "introduced=1.5", "99", AFFECTED },
		{ "lastAffected=1.5", "1.5.0", AFFECTED },
		{ "lastAffected=1.5", "1.5.post1", NOT_AFFECTED },
		{ "fixed=1%2B2", "1%2B1", UNDECIDED },
		{ "fixed=1%2b2", "1+1", AFFECTED },
		{ "fixed=1%2B2", "1+2", NOT_AFFECTED },
		{ "fixed=1%2", "1", UNDECIDED },
		{ "fixed=latest", "1", UNDECIDED },
		{ "introduced=x&fixed=2", "1", UNDECIDED },
		{ "fixed", "1", UNDECIDED },
		{ "removed=1", "1", UNDECIDED },
		{ "fixed=2", "banana", UNDECIDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct advisory advisory = { .fixed_in = str_of(cases[i].window) };
		struct str reason = { NULL, 0 };
		enum verdict got = osv_window_affects(&a, &ordering_pep440, str_of(cases[i].version),
						      &advisory, &reason);

		if (got != cases[i].want || (got == UNDECIDED) != (reason.n > 0))
			fail_msg("case %zu: %s in \"%s\"", i, cases[i].version, cases[i].window);
	}
}

static void a_statement_of_not_being_affected_is_no_window(void **state)
{
	autoarena struct arena a = { 0 };
	const struct advisory advisory = { .status = STATUS_NOT_AFFECTED };
	struct str reason;

	(void)state;
	assert_int_equal(osv_window_affects(&a, &ordering_pep440, STR("1"), &advisory, &reason),
			 NOT_AFFECTED);
}

static void registries_are_known_by_their_names(void **state)
{
	const struct repository pypi = { .name = STR("pypi") },
				keyed = { .name = STR("pypi"), .key = STR("x") };
	const struct repository *const both[] = { &keyed, &pypi };
	const struct record in = { .repositories = both, .repository_count = 2 };
	const struct record out = { .repositories = both, .repository_count = 1 };

	(void)state;
	assert_true(language_has(&in, "pypi"));
	assert_false(language_has(&in, "npm"));
	assert_false(language_has(&out, "pypi"));
	assert_str_is(language_namespace(&(struct advisory){ .repository_name = STR("npm") }), "npm");
	assert_int_equal(language_namespace(&(struct advisory){ .repository_name = STR("cpan") }).n, 0);
	assert_int_equal(language_namespace(&(struct advisory){ .repository_name = STR("npm"),
								.repository_key = STR("x") })
				 .n,
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_decides_by_its_bounds),
		cmocka_unit_test(a_statement_of_not_being_affected_is_no_window),
		cmocka_unit_test(registries_are_known_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
