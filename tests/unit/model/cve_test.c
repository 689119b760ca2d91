/* SPDX-License-Identifier: Apache-2.0 */
/* CVE ids in text */
#include "../unit.h"

#include "model/cve.h"

#include <stdio.h>

static const struct {
	const char *text, *ids; /* ids separated by blanks */
} cases[] = {
	{ "", "" },
	{ "CVE-2014-0160", "CVE-2014-0160" },
	{ "https://cve.example/CVERecord?id=CVE-2021-44228 https://x.example/cve-2021-45046",
	  "CVE-2021-44228 CVE-2021-45046" },
	{ "cve_2020_12345.html", "CVE-2020-12345" },
	{ "CCVE-2020-1234", "CVE-2020-1234" },
	{ "CVE-2020-123", "" },
	{ "CVE-202-1234", "" },
	{ "CVE-2020", "" },
	{ "CVE-2020-", "" },
	{ "CVE-20x0-1234", "" },
	{ "CVECVE-2020-1234CVE-2020-4321", "CVE-2020-1234 CVE-2020-4321" },
	{ "CVE-1999-1234567890123456789", "CVE-1999-1234567890123456789" },
	{ "CVE-1999-12345678901234567890", "" },
	{ "CVE-1999-12345678901234567890 CVE-2001-0001", "CVE-2001-0001" },
	{ "GHSA-cve2-0000", "" },
};

static void ids_are_found_and_spelled_one_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str rest = str_of(cases[i].text);
		char id[CVE_BYTES], all[256] = "";
		size_t n = 0;

		while (cve_next(&rest, id))
			n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", n ? " " : "", id);
		assert_string_equal(all, cases[i].ids);
		assert_int_equal(rest.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_found_and_spelled_one_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
