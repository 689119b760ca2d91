/* SPDX-License-Identifier: Apache-2.0 */
/* What is particular to each publisher of OVAL documents */
#include "../unit.h"

#include "feed/oval_dialect.h"

static void products_are_told_by_their_service_pack(void **state)
{
	static const struct {
		const char *comment;
		uint32_t want;
	} comments[] = {
		{ "SUSE Linux Enterprise Server 15 is installed", 1 },
		{ "SUSE Linux Enterprise Server 15-LTSS is installed", 1 },
		{ "SUSE Linux Enterprise Server 15 SP1 is installed", 2 },
		{ "SUSE Linux Enterprise Server 15 SP1-BCL is installed", 2 },
		{ "SUSE Linux Enterprise Module for Live Patching 15 SP7 is installed", 128 },
		{ "SUSE Linux Enterprise Server 12 SP5 is installed", OVAL_ANY_PACK },
		{ "SUSE Linux Enterprise Server 15 SPx is installed", OVAL_ANY_PACK },
		{ "SUSE Linux Enterprise Server 15 SP99 is installed", OVAL_ANY_PACK },
		{ "SUSE Manager Server 4.1 is installed", OVAL_ANY_PACK },
		{ "bash-4.4-1 is installed", 0 },
		{ "SUSE is <1.0", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(comments) / sizeof(comments[0]); i++)
		assert_int_equal(oval_packs_of(str_of(comments[i].comment), STR("15")), comments[i].want);
}

static void severities_are_compared_exactly(void **state)
{
	static const struct {
		const char *did, *word;
		enum severity want;
	} words[] = {
		{ "ubuntu", "Untriaged", SEVERITY_UNKNOWN }, { "ubuntu", "Negligible", SEVERITY_NEGLIGIBLE },
		{ "ubuntu", "Critical", SEVERITY_CRITICAL }, { "ubuntu", "critical", SEVERITY_UNKNOWN },
		{ "ol", "N/A", SEVERITY_UNKNOWN },	     { "ol", "MODERATE", SEVERITY_MEDIUM },
		{ "ol", "IMPORTANT", SEVERITY_HIGH },	     { "ol", "Important", SEVERITY_UNKNOWN },
		{ "photon", "Important", SEVERITY_HIGH },    { "photon", "Low", SEVERITY_LOW },
		{ "sles", "Moderate", SEVERITY_MEDIUM },     { "opensuse-leap", "None", SEVERITY_UNKNOWN },
		{ "mariner", "High", SEVERITY_HIGH },	     { "azurelinux", "Medium", SEVERITY_MEDIUM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(
			oval_severity_of(oval_dialect_of(str_of(words[i].did)), str_of(words[i].word)),
			words[i].want);
	assert_null(oval_dialect_of(STR("debian")));
}

static void definitions_of_ksplice_alone_are_told(void **state)
{
	const struct str ksplice = STR(" cpe:/a:oracle:linux:8::userspace_ksplice "),
			 normal = STR("cpe:/a:oracle:linux:8::baseos_latest"), odd = STR("userspace_ksplice");

	(void)state;
	assert_true(oval_is_ksplice((const struct str[]){ ksplice, ksplice }, 2));
	assert_false(oval_is_ksplice((const struct str[]){ ksplice, normal }, 2));
	assert_false(oval_is_ksplice((const struct str[]){ ksplice, odd }, 2));
	assert_false(oval_is_ksplice(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_are_told_by_their_service_pack),
		cmocka_unit_test(severities_are_compared_exactly),
		cmocka_unit_test(definitions_of_ksplice_alone_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
