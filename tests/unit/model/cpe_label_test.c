/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of platforms, as Red Hat names its products. */
#include "../unit.h"

#include "base/arena.h"
#include "model/cpe_label.h"

static const struct {
	const char *cpe, *want;
} cases[] = {
	{ "cpe:/o:redhat:enterprise_linux:8::baseos", "rhel:enterprise_linux:8" },
	{ "cpe:2.3:o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*", "rhel:enterprise_linux:8" },
	{ "cpe:/a:redhat:enterprise_linux:8::appstream", "rhel:enterprise_linux:8" },
	{ "cpe:/a:redhat:rhel_eus:8.4::appstream", "rhel:rhel_eus:8" },
	{ "cpe:/a:redhat:openshift:4.12::el8", "rhel:openshift:4" },
	{ "cpe:2.3:a:RedHat:OpenShift:4.12:*:*:*:*:*:*:*", "rhel:openshift:4" },
	{ "cpe:/a:redhat:openshift_service_mesh", "rhel:openshift_service_mesh" },
	{ "cpe:2.3:a:redhat:quay:-:*:*:*:*:*:*:*", "rhel:quay" },
	{ "cpe:2.3:a:redhat:quay:3*:*:*:*:*:*:*:*", "rhel:quay" },
	{ "cpe:2.3:a:redhat:quay:v3\\:x.1:*:*:*:*:*:*:*", "rhel:quay:v3:x" },
	{ "cpe:2.3:a:redhat:a\\*b\\:c:1:*:*:*:*:*:*:*", "rhel:a*b:c:1" },
	{ "cpe:2.3:a:redhat:que*:3:*:*:*:*:*:*:*", "rhel" },
	{ "cpe:2.3:a:redhat:-:3:*:*:*:*:*:*:*", "rhel" },
	{ "cpe:/a:redhat", "rhel" },
};

static void a_platform_is_labelled_by_product_and_major_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct cpe cpe;
		struct err err = { 0 };

		assert_int_equal(cpe_parse(&a, str_of(cases[i].cpe), &cpe, &err), 0);
		assert_str_is(cpe_namespace(&a, &cpe), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_platform_is_labelled_by_product_and_major_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
