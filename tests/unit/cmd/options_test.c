/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser: every form of an option, operands, and what errors say. */
#include "../unit.h"

#include "cmd/options.h"

struct settings {
	bool refresh;
	unsigned verbose;
	struct str format, output;
	uint64_t jobs, size;
	int64_t age;
};
#define MEMBER(name) offsetof(struct settings, name)

static const struct option_spec specs[] = {
	{ "format", 'f', OPTION_TEXT, MEMBER(format), "FORMAT", "" },
	{ "output", 'o', OPTION_TEXT, MEMBER(output), "FILE", "" },
	{ "refresh", 'r', OPTION_FLAG, MEMBER(refresh), NULL, "" },
	{ "verbose", 'v', OPTION_COUNT, MEMBER(verbose), NULL, "" },
	{ "jobs", 0, OPTION_NUMBER, MEMBER(jobs), "N", "" },
	{ "max-data-age", 0, OPTION_DURATION, MEMBER(age), "DURATION", "" },
	{ "cache-size", 0, OPTION_SIZE, MEMBER(size), "SIZE", "" },
	{ 0 },
};

enum { ARGS = 8 };

static int parse(const char *const words[ARGS], char *argv[ARGS], struct settings *out, int *operands,
		 struct err *err)
{
	struct option_table tables[] = { { specs, out }, { 0 } };
	int argc = 0;

	for (; argc < ARGS && words[argc]; argc++)
		argv[argc] = (char *)words[argc];
	return options_parse(tables, argc, argv, operands, err);
}

static const struct {
	const char *words[ARGS];
	struct settings want;
	const char *operands[3];
} good[] = {
	{ { "x" }, { 0 }, { "x" } },
	{ { "--format=json", "x" }, { .format = { "json", 4 } }, { "x" } },
	{ { "--format", "json", "x" }, { .format = { "json", 4 } }, { "x" } },
	{ { "x", "--format", "json" }, { .format = { "json", 4 } }, { "x" } },
	{ { "-f", "json", "-ofile" }, { .format = { "json", 4 }, .output = { "file", 4 } }, { 0 } },
	{ { "-rvvf", "json" }, { .format = { "json", 4 }, .refresh = true, .verbose = 2 }, { 0 } },
	{ { "--refresh", "--", "--format", "-v" }, { .refresh = true }, { "--format", "-v" } },
	{ { "-o", "-", "-" }, { .output = { "-", 1 } }, { "-" } },
	{ { "--format=", "a", "b" }, { .format = { "", 0 } }, { "a", "b" } },
	{ { "--format=a=b" }, { .format = { "a=b", 3 } }, { 0 } },
	{ { "--jobs", "12", "--jobs=7" }, { .jobs = 7 }, { 0 } },
	{ { "--max-data-age", "1d12h" }, { .age = 129600 }, { 0 } },
	{ { "--cache-size", "500M" }, { .size = 500ull << 20 }, { 0 } },
};

static void every_form_of_an_option_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct settings *want = &good[i].want;
		struct settings got = { 0 };
		struct err err = { 0 };
		char *argv[ARGS];
		int operands = 0;

		if (parse(good[i].words, argv, &got, &operands, &err) != 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_true(str_eq(got.format, want->format) && str_eq(got.output, want->output));
		assert_int_equal(got.refresh, want->refresh);
		assert_int_equal(got.verbose, want->verbose);
		assert_int_equal(got.jobs, want->jobs);
		assert_int_equal(got.age, want->age);
		assert_int_equal(got.size, want->size);
		for (int k = 0; k < operands; k++)
			assert_string_equal(argv[k], good[i].operands[k]);
		assert_null(good[i].operands[operands]);
	}
}

static const struct {
	const char *words[ARGS], *says;
} bad[] = {
	{ { "--formt", "json" }, "did you mean --format?" },
	{ { "--refesh=1" }, "did you mean --refresh?" },
	{ { "--hlep" }, "did you mean --help?" },
	{ { "--zzzzzzzzzz" }, "unknown option --zzzzzzzzzz" },
	{ { "--"
	    "=x" },
	  "unknown option --" },
	{ { "-x" }, "unknown option -x" },
	{ { "--format" }, "--format needs a value: --format FORMAT" },
	{ { "-vo" }, "--output needs a value" },
	{ { "--refresh=yes" }, "--refresh takes no value" },
	{ { "--jobs", "many" }, "--jobs: 'many' is no number" },
	{ { "--jobs", "-1" }, "is no number" },
	{ { "--jobs", "1000001" }, "is no number" },
	{ { "--max-data-age", "5" }, "is no duration" },
	{ { "--cache-size", "big" }, "is no size" },
};

static void errors_name_what_was_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct settings got = { 0 };
		struct err err = { 0 };
		char *argv[ARGS];
		int operands = 0;

		assert_int_equal(parse(bad[i].words, argv, &got, &operands, &err), E_CONFIG);
		if (str_search(str_of(err.text), str_of(bad[i].says)) == strlen(err.text))
			fail_msg("case %zu says: %s", i, err.text);
	}
}

static void help_is_an_answer_of_its_own(void **state)
{
	static const char *const words[][ARGS] = {
		{ "--help" }, { "-h" }, { "x", "-rh" }, { "--jobs", "1", "--help", "--bad" }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct settings got = { 0 };
		struct err err = { 0 };
		char *argv[ARGS];
		int operands = 0;

		assert_int_equal(parse(words[i], argv, &got, &operands, &err), 1);
	}
}

static const struct {
	const char *text;
	int64_t want; /* -1: refused */
} durations[] = {
	{ "90s", 90 },	    { "15m", 900 },    { "12h", 43200 },
	{ "5d", 432000 },   { "2w", 1209600 }, { "1d12h", 129600 },
	{ "0s", 0 },	    { "", -1 },	       { "5", -1 },
	{ "d", -1 },	    { "5x", -1 },      { "-5d", -1 },
	{ "5d ", -1 },	    { "5d3", -1 },     { "99999999999999999999s", -1 },
	{ "9999999w", -1 },
};

static void durations_have_units(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		struct err err = { 0 };
		int64_t got = -1;

		(void)options_duration("age", str_of(durations[i].text), &got, &err);
		if (got != durations[i].want)
			fail_msg("'%s' gave %lld", durations[i].text, (long long)got);
	}
}

static const struct {
	const char *text;
	uint64_t want; /* 1: refused */
} sizes[] = {
	{ "0", 0 },
	{ "4096", 4096 },
	{ "2k", 2048 },
	{ "500M", 500ull << 20 },
	{ "1G", 1ull << 30 },
	{ "1GiB", 1ull << 30 },
	{ "1GB", 1ull << 30 },
	{ "3T", 3ull << 40 },
	{ "", 1 },
	{ "G", 1 },
	{ "1.5G", 1 },
	{ "-1", 1 },
	{ "99999999999T", 1 },
};

static void sizes_are_powers_of_1024(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct err err = { 0 };
		uint64_t got = 1;

		(void)options_size("size", str_of(sizes[i].text), &got, &err);
		if (got != sizes[i].want)
			fail_msg("'%s' gave %llu", sizes[i].text, (unsigned long long)got);
	}
}

static void a_choice_names_the_nearest_and_all(void **state)
{
	static const char *const names[] = { "table", "json", NULL };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(options_choice("format", STR("JSON"), names, &err), 1);
	assert_int_equal(options_choice("format", STR("jsn"), names, &err), E_CONFIG);
	assert_string_equal(err.text, "unknown format 'jsn'; did you mean 'json'? There are: table, json");
	assert_int_equal(options_choice("format", STR("wxyzwxyz"), names, &err), E_CONFIG);
	assert_string_equal(err.text, "unknown format 'wxyzwxyz'; there are: table, json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_an_option_is_understood),
		cmocka_unit_test(errors_name_what_was_meant),
		cmocka_unit_test(help_is_an_answer_of_its_own),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(a_choice_names_the_nearest_and_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
