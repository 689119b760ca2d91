/* SPDX-License-Identifier: Apache-2.0 */
/* repoid: ids of repositories in URL queries */
#include "../unit.h"

#include "base/arena.h"
#include "model/repoid.h"

static const struct {
	const char *id, *query;
} cases[] = {
	{ "rhel-8-for-x86_64-baseos-rpms", "repoid=rhel-8-for-x86_64-baseos-rpms" },
	{ "a b", "repoid=a+b" },
	{ "a&b=c/d:e+f%", "repoid=a%26b%3Dc%2Fd%3Ae%2Bf%25" },
	{ "~.-_", "repoid=~.-_" },
	{ "\xc3\xa9", "repoid=%C3%A9" },
	{ "", "repoid=" },
};

static void ids_are_encoded_and_come_back(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str query = repoid_query(&a, str_of(cases[i].id));

		assert_str_is(query, cases[i].query);
		assert_str_is(repoid_decode(&a, repoid_of_query(query)), cases[i].id);
	}
}

static void an_id_is_found_among_other_keys(void **state)
{
	(void)state;
	assert_str_is(repoid_of_query(STR("hash=sha256%3Aab&key=01&repoid=x+y")), "x+y");
	assert_str_is(repoid_of_query(STR("repoid=x&z=1")), "x");
	assert_str_is(repoid_of_query(STR("norepoid=x&=&&key")), "");
	assert_str_is(repoid_of_query(STR("")), "");
}

static void odd_encodings_are_taken_as_they_are(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_str_is(repoid_decode(&a, STR("%2f%zz%4")), "/%zz%4");
	assert_str_is(repoid_decode(&a, STR("%")), "%");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_encoded_and_come_back),
		cmocka_unit_test(an_id_is_found_among_other_keys),
		cmocka_unit_test(odd_encodings_are_taken_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
