/* SPDX-License-Identifier: Apache-2.0 */
/* Ends of support: which part of a version is the release. */
#include "../unit.h"

#include "base/time.h"
#include "ecosystem/eol.h"

static void releases_have_their_last_day(void **state)
{
	static const struct {
		struct distribution d;
		const char *want; /* empty: none known */
	} cases[] = {
		{ { .did = STR("alpine"), .version = STR("3.20") }, "2026-04-01" },
		{ { .did = STR("alpine"), .version = STR("3.20"), .version_id = STR("3.20.3") },
		  "2026-04-01" },
		{ { .did = STR("alpine"), .version = STR("3.2") }, "" },
		{ { .did = STR("alpine"), .version = STR("edge") }, "" },
		{ { .did = STR("debian"), .version_id = STR("12") }, "2028-06-10" },
		{ { .did = STR("debian"), .version_id = STR("13") }, "" },
		{ { .did = STR("debian") }, "" },
		{ { .did = STR("raspbian"), .version_id = STR("11") }, "2026-08-14" },
		{ { .did = STR("ubuntu"), .version_id = STR("16.04") }, "2021-04-21" },
		{ { .did = STR("rhel"), .version_id = STR("6") }, "2024-06-30" },
		{ { .did = STR("rhel"), .version_id = STR("9") }, "" },
		{ { .did = STR("centos"), .version_id = STR("8") }, "2021-12-31" },
		{ { .did = STR("almalinux"), .version_id = STR("9.4") }, "2032-05-31" },
		{ { .did = STR("rocky"), .version_id = STR("8.10") }, "2029-05-31" },
		{ { .did = STR("ol"), .version_id = STR("7") }, "2024-12-31" },
		{ { .did = STR("amzn"), .version_id = STR("2018.03") }, "2023-12-31" },
		{ { .did = STR("amzn"), .version_id = STR("2") }, "2026-06-30" },
		{ { .did = STR("amzn"), .version_id = STR("2023") }, "2028-03-15" },
		{ { .did = STR("sles"), .version_id = STR("15"), .release = STR("15.5") }, "2024-12-31" },
		{ { .did = STR("sles"), .version_id = STR("15"), .release = STR("15") }, "2019-12-31" },
		{ { .did = STR("sles"), .version_id = STR("15") }, "" },
		{ { .did = STR("opensuse-leap"), .version_id = STR("15.6") }, "2025-12-31" },
		{ { .did = STR("photon"), .version_id = STR("3.0") }, "2024-03-31" },
		{ { .did = STR("photon"), .version_id = STR("5.0") }, "" },
		{ { .did = STR("wolfi"), .version_id = STR("20230201") }, "" },
		{ { .did = STR("") }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t day = eol_date(&cases[i].d);
		char text[32] = "";

		if (day)
			time_rfc3339(day, text);
		text[10] = '\0';
		if (strcmp(text, cases[i].want) != 0)
			fail_msg("case %zu: %s instead of %s", i, text, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(releases_have_their_last_day) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
