/* SPDX-License-Identifier: Apache-2.0 */
/* Which platform names cover which, after NIST IR 7696. */
#include "../unit.h"

#include "base/arena.h"
#include "model/cpe.h"

static struct cpe parsed(struct arena *a, const char *text)
{
	struct cpe cpe = { 0 };
	struct err err = { 0 };

	if (cpe_parse(a, str_of(text), &cpe, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return cpe;
}

static void names_cover_names(void **state)
{
	static const struct {
		const char *source, *target;
		bool covers;
	} cases[] = {
		{ "cpe:/o:redhat:enterprise_linux:9", "cpe:/o:redhat:enterprise_linux:9::baseos", true },
		{ "cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/o:redhat:enterprise_linux:9", false },
		{ "cpe:/o:redhat:enterprise_linux:9", "cpe:/o:redhat:enterprise_linux:8", false },
		{ "cpe:/o:redhat:enterprise_linux", "cpe:/o:redhat:enterprise_linux:8", true },
		{ "cpe:/o:RedHat:Enterprise_Linux:9", "cpe:/o:redhat:enterprise_linux:9", true },
		{ "cpe:2.3:a:v:p:8.*:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:8.4:*:*:*:*:*:*:*", true },
		{ "cpe:2.3:a:v:p:8.?:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:8.10:*:*:*:*:*:*:*", false },
		{ "cpe:2.3:a:v:p:8.??:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:8.10:*:*:*:*:*:*:*", true },
		{ "cpe:2.3:a:v:p:*ax*:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:xaaxbb:*:*:*:*:*:*:*", true },
		{ "cpe:2.3:a:v:p:*ab:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:ba:*:*:*:*:*:*:*", false },
		{ "cpe:2.3:a:v:p:8.4:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:8.*:*:*:*:*:*:*:*", false },
		{ "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:8.*:*:*:*:*:*:*:*", false },
		{ "cpe:2.3:a:v:p:-:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:-:*:*:*:*:*:*:*", true },
		{ "cpe:2.3:a:v:p:-:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*", false },
		{ "cpe:2.3:a:v:p:-:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*", false },
		{ "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*", "cpe:2.3:a:v:p:-:*:*:*:*:*:*:*", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct cpe source = parsed(&a, cases[i].source), target = parsed(&a, cases[i].target);

		if (cpe_covers(&source, &target) != cases[i].covers)
			fail_msg("%s and %s", cases[i].source, cases[i].target);
	}
}

static void relations_are_not_symmetric(void **state)
{
	autoarena struct arena a = { 0 };
	struct cpe any = parsed(&a, "cpe:/a:v:p"), one = parsed(&a, "cpe:/a:v:p:1");
	enum cpe_relation relation[CPE_ATTRIBUTES];

	(void)state;
	cpe_compare(&any, &one, relation);
	assert_int_equal(relation[CPE_VENDOR], CPE_EQUAL);
	assert_int_equal(relation[CPE_VERSION], CPE_SUPERSET);
	cpe_compare(&one, &any, relation);
	assert_int_equal(relation[CPE_VERSION], CPE_SUBSET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_cover_names),
		cmocka_unit_test(relations_are_not_symmetric),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
