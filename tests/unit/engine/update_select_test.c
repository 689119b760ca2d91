/* SPDX-License-Identifier: Apache-2.0 */
/* Which updaters are run: names, patterns, what is opt-in, the filter */
#include "../unit.h"

#include "engine/update_select.h"

enum { WORDS = 6 };

struct choice {
	const char *sets[WORDS], *only[WORDS], *except[WORDS];
	const char *filter;
};

static size_t words(const char *const *from, struct str *to)
{
	size_t n = 0;

	for (; n < WORDS && from[n]; n++)
		to[n] = str_of(from[n]);
	return n;
}

static const struct ecosystem *ecosystem_of(const char *set)
{
	for (const struct ecosystem *const *e = ecosystems; *e; e++)
		if ((*e)->updaters && strcmp((*e)->updaters->name, set) == 0)
			return *e;
	return NULL;
}

static void updaters_are_chosen(void **state)
{
	static const struct {
		struct choice choice;
		const char *set, *updater;
		bool asks, runs;
	} cases[] = {
		{ { .sets = { 0 } }, "alpine", "alpine-main-v3.20-updater", true, true },
		{ { .sets = { 0 } }, "clair.epss", "clair.epss", false, true },
		{ { .sets = { "debian" } }, "alpine", "alpine-main-v3.20-updater", false, true },
		{ { .sets = { "clair.epss" } }, "clair.epss", "clair.epss", true, true },
		{ { .only = { "alpine" } }, "alpine", "alpine-main-v3.20-updater", true, true },
		{ { .only = { "alpine" } }, "debian", "debian/updater", false, false },
		{ { .only = { "alpine-main-*" } }, "alpine", "alpine-main-v3.20-updater", true, true },
		{ { .only = { "alpine-main-*" } }, "alpine", "alpine-community-v3.20-updater", true, false },
		{ { .only = { "debian/updater" } }, "debian", "debian/updater", true, true },
		{ { .only = { "ubuntu/updater/*" } }, "ubuntu", "ubuntu/updater/jammy", true, true },
		{ { .only = { "clair.*" } }, "clair.kev", "clair.kev", true, true },
		{ { .only = { "*" } }, "clair.kev", "clair.kev", false, true },
		{ { .only = { "*" } }, "debian", "debian/updater", true, true },
		{ { .only = { "alpine" }, .sets = { "debian" } }, "alpine", "alpine-a", false, true },
		{ { .except = { "alpine" } }, "alpine", "alpine-main-v3.20-updater", false, false },
		{ { .except = { "alp*" } }, "alpine", "alpine-main-v3.20-updater", false, false },
		{ { .except = { "alpine-main*" } }, "alpine", "alpine-main-v3.20-updater", true, false },
		{ { .except = { "alpine-main*" } }, "alpine", "alpine-community-v3.20-updater", true, true },
		{ { .only = { "alpine" }, .except = { "alpine-*-edge-*" } },
		  "alpine",
		  "alpine-main-edge-updater",
		  true,
		  false },
		{ { .filter = "^alpine-main" }, "alpine", "alpine-main-edge-updater", true, true },
		{ { .filter = "^alpine-main" }, "alpine", "alpine-community-edge-updater", true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task t = { 0 };
		struct str sets[WORDS], only[WORDS], except[WORDS];
		struct update_options o = { .only = only, .except = except };
		const struct ecosystem *e = ecosystem_of(cases[i].set);
		struct selection s;
		struct err err = { 0 };
		size_t n = words(cases[i].choice.sets, sets);

		print_message("case %zu: %s\n", i, cases[i].updater);
		o.only_count = words(cases[i].choice.only, only);
		o.except_count = words(cases[i].choice.except, except);
		o.filter = str_of(cases[i].choice.filter ? cases[i].choice.filter : "");
		assert_int_equal(selection_open(&s, &t, &o, sets, n, &err), 0);
		assert_int_equal(selection_has_set(&s, e), cases[i].asks);
		assert_int_equal(selection_has(&s, e->updaters, str_of(cases[i].updater)), cases[i].runs);
		selection_close(&s);
	}
}

static void names_that_nothing_has_are_refused(void **state)
{
	static const struct {
		const char *name, *want; /* NULL: fine */
	} cases[] = {
		{ "alpine", NULL },
		{ "alpine-main-v9.9-updater", NULL }, /* known only when the publisher was asked */
		{ "clair.*", NULL },
		{ "alpin", "unknown updater 'alpin'; did you mean 'alpine'?" },
		{ "xyzzy*", "unknown updater 'xyzzy*'" },
		{ "", "unknown updater ''" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str name = str_of(cases[i].name);
		struct err err = { 0 };

		assert_int_equal(update_names_check(&name, 1, &err), cases[i].want ? E_CONFIG : 0);
		if (cases[i].want)
			assert_string_equal(err.text, cases[i].want);
	}
}

static void a_name_without_an_updater_is_an_error_unless_nobody_knows(void **state)
{
	static const struct str found[] = { STR("alpine-main-v3.19-updater"),
					    STR("alpine-main-v3.20-updater") };
	const struct str only[] = { STR("alpine-main-v3.2-updater"), STR("alpine-x*") };
	const struct update_options o = { .only = only, .only_count = 2 };
	const struct updater_set *set = ecosystem_of("alpine")->updaters;
	autotask struct task t = { 0 };
	struct selection s;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(selection_open(&s, &t, &o, NULL, 0, &err), 0);
	assert_false(selection_has(&s, set, found[0]) || selection_has(&s, set, found[1]));
	assert_int_equal(selection_check(&s, &t.arena, found, 2, &err), E_CONFIG);
	assert_string_equal(err.text, "there is no updater 'alpine-main-v3.2-updater'; did you mean "
				      "'alpine-main-v3.20-updater'?");
	selection_excuse(&s, set);
	assert_int_equal(selection_check(&s, &t.arena, found, 2, &err), 0);
	selection_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updaters_are_chosen),
		cmocka_unit_test(names_that_nothing_has_are_refused),
		cmocka_unit_test(a_name_without_an_updater_is_an_error_unless_nobody_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
