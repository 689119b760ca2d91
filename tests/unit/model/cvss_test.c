/* SPDX-License-Identifier: Apache-2.0 */
/* CVSS vectors: text and scores. The first cases are examples of the specifications and well known entries of
 * the NVD; with the corpus its tables are run too. */
#include "../unit.h"

#include "model/cvss.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *vector;
	unsigned base, all;
} cases[] = {
	{ "AV:N/AC:L/Au:N/C:N/I:N/A:C", 78, 78 },
	{ "(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 75, 75 },
	{ "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L", 100, 90 },
	{ "AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M", 62, 75 },
	{ "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61, 61 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98, 98 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, 100 },
	{ "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0, 0 },
	{ "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N/E:F/RL:X", 38, 37 },
	{ "CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N", 98, 98 },
	{ "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 77, 77 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, 0 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100, 100 },
	{ "CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N/MSI:S/S:P", 86, 97 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:L/E:U", 87, 66 },
};

static void scores(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };
		struct cvss v;

		if (cvss_parse(str_of(cases[i].vector), &v, &err) < 0)
			fail_msg("%s: %s", cases[i].vector, err.text);
		if (cvss_base_score(&v) != cases[i].base || cvss_score(&v) != cases[i].all)
			fail_msg("%s: %u and %u", cases[i].vector, cvss_base_score(&v), cvss_score(&v));
	}
}

static void severities(void **state)
{
	(void)state;
	assert_int_equal(cvss_severity(CVSS_3_1, 0), SEVERITY_NEGLIGIBLE);
	assert_int_equal(cvss_severity(CVSS_3_1, 39), SEVERITY_LOW);
	assert_int_equal(cvss_severity(CVSS_3_1, 69), SEVERITY_MEDIUM);
	assert_int_equal(cvss_severity(CVSS_4_0, 89), SEVERITY_HIGH);
	assert_int_equal(cvss_severity(CVSS_4_0, 90), SEVERITY_CRITICAL);
	assert_int_equal(cvss_severity(CVSS_2_0, 100), SEVERITY_HIGH);
}

static void malformed_vectors(void **state)
{
	static const char *const bad[] = {
		"",
		"AV",
		"AV:N",
		"CVSS:3.1/",
		"CVSS:3.2/AV:N",
		"AV:N/AC:L/Au:N/C:N/I:N",
		"AV:N/AC:L/Au:N/C:N/I:N/A:C/",
		"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F",
		"AC:L/AV:N/Au:N/C:N/I:N/A:C",
		"AV:N/AC:L/Au:N/C:N/I:N/A:X",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AV:N",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
		"CVSS:4.0/AC:L/AV:N/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
		"CVSS:4.0//AV:N",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };
		struct cvss v;

		if (cvss_parse(str_of(bad[i]), &v, &err) != E_FORMAT)
			fail_msg("\"%s\" was accepted", bad[i]);
	}
}

static void text_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };
		struct cvss v, again;
		char text[256], twice[256];
		size_t n;

		assert_int_equal(cvss_parse(str_of(cases[i].vector), &v, &err), 0);
		n = cvss_format(&v, text);
		assert_int_equal(n, strlen(text));
		assert_int_equal(cvss_parse(str_of(text), &again, &err), 0);
		cvss_format(&again, twice);
		assert_string_equal(text, twice);
		assert_memory_equal(&v, &again, sizeof(v));
	}
}

/* ---- the corpus: lines of "VECTOR [SCORE] [# remark]", or "VECTOR #OK" and vectors that are wrong ---- */

static FILE *corpus_open(const char *name)
{
	const char *source = getenv("CLAIR_SOURCE");
	char path[512];

	snprintf(path, sizeof(path), "%s/../shared/corpus/cvss/%s", source ? source : ".", name);
	return fopen(path, "r");
}

static void check_line(const char *name, char *line)
{
	char *vector = strtok_r(line, " \n", &line), *score = vector ? strtok_r(line, " \n", &line) : NULL;
	bool is_error_list = strstr(name, "error") != NULL;
	bool wanted = !is_error_list || (score && strcmp(score, "#OK") == 0);
	struct err err = { 0 };
	char text[256];
	struct cvss v;
	bool is_good;

	if (!vector || vector[0] == '#')
		return;
	is_good = cvss_parse(str_of(vector), &v, &err) == 0 && (int)v.version / 10 == name[1] - '0';
	if (is_good != wanted)
		fail_msg("%s: %s", name, vector);
	if (!wanted)
		return;
	cvss_format(&v, text);
	assert_string_equal(text, vector);
	if (strstr(name, "score") && cvss_score(&v) != (unsigned)(atof(score) * 10 + 0.5))
		fail_msg("%s: %s is %u", name, vector, cvss_score(&v));
}

static void tables_of_the_corpus(void **state)
{
	static const char *const names[] = { "v2_error.list",	      "v3_error.list",
					     "v4_error.list",	      "v2_score.odd.list",
					     "v30_score.odd.list",    "v31_score.odd.list",
					     "v4_score.odd.list",     "v2_roundtrip.odd.list",
					     "v3_roundtrip.odd.list", "v4_roundtrip.odd.list" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		FILE *f = corpus_open(names[i]);
		char line[1024];

		if (!f) {
			print_message("skipped: no corpus\n");
			skip();
		}
		while (fgets(line, sizeof(line), f))
			check_line(names[i], line);
		fclose(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores),
		cmocka_unit_test(severities),
		cmocka_unit_test(malformed_vectors),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(tables_of_the_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
