/* SPDX-License-Identifier: Apache-2.0 */
/* Which variant of an image is taken. */
#include "unit.h"

#include "image/platform.h"

static struct oci_platform platform_of(struct arena *a, const char *text)
{
	struct oci_platform p = { 0 };
	struct str rest, s = str_copy(a, str_of(text));

	str_cut(s, '/', &p.os, &rest);
	str_cut(rest, '/', &p.arch, &p.variant);
	return p;
}

static const struct {
	const char *machine, *want;
} machines[] = {
	{ "x86_64", "linux/amd64" },  { "aarch64", "linux/arm64/v8" }, { "armv7l", "linux/arm/v7" },
	{ "armv6l", "linux/arm/v6" }, { "i686", "linux/386" },	       { "ppc64le", "linux/ppc64le" },
	{ "s390x", "linux/s390x" },   { "riscv64", "linux/riscv64" },  { "m68k", "linux/m68k" },
};

static void test_machines_have_go_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		autoarena struct arena a = { 0 };
		struct oci_platform p = platform_of_machine(str_of(machines[i].machine));

		assert_str_is(oci_platform_text(&a, &p), machines[i].want);
	}
}

static const struct {
	const char *wanted, *have;
	unsigned score;
} scores[] = {
	{ "linux/amd64", "linux/amd64", 30 },
	{ "linux/x86_64", "linux/amd64", 30 },
	{ "linux/arm64", "linux/arm64/v8", 29 },
	{ "linux/arm64/v8", "linux/arm64", 29 },
	{ "linux/arm", "linux/arm/v7", 29 },
	{ "linux/arm", "linux/arm/v6", 16 },
	{ "linux/arm/v7", "linux/arm/v6", 0 },
	{ "linux/arm/v6", "linux/arm/v7", 0 },
	{ "linux/amd64", "linux/amd64/v3", 1 },
	{ "linux/amd64", "linux/arm64", 0 },
	{ "linux/amd64", "windows/amd64", 0 },
	{ "linux/aarch64", "linux/arm64/v8", 29 },
	{ "linux/amd64", "", 0 },
};

static void test_scores_prefer_the_nearest_variant(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
		autoarena struct arena a = { 0 };
		struct oci_platform w = platform_of(&a, scores[i].wanted),
				    h = platform_of(&a, scores[i].have);

		if (platform_score(&w, &h) != scores[i].score)
			fail_msg("%s %s: %u", scores[i].wanted, scores[i].have, platform_score(&w, &h));
	}
}

static const struct {
	const char *wish, *host, *there, *want;
	int code;
	const char *says;
} choices[] = {
	{ "linux/arm64", "", "linux/amd64 linux/arm64/v8 linux/arm/v7", "linux/arm64/v8", 0, "" },
	{ "linux/arm", "", "linux/arm/v5 linux/arm/v7 linux/arm/v6", "linux/arm/v7", 0, "" },
	{ "linux/arm/v5", "", "linux/arm/v5 linux/arm/v7", "linux/arm/v5", 0, "" },
	{ "linux/s390x", "", "linux/amd64 linux/arm64/v8", "", E_NOTFOUND, "linux/amd64, linux/arm64/v8" },
	{ "linux/s390x", "", "linux/amd64", "", E_NOTFOUND, "no image for linux/s390x" },
	{ "linux/s390x", "", "?", "?", 0, "" },
	{ "", "x86_64", "linux/arm64/v8 linux/amd64", "linux/amd64", 0, "" },
	{ "", "x86_64", "linux/arm64/v8", "linux/arm64/v8", 0, "" },
	{ "", "x86_64", "linux/arm64/v8 linux/arm/v7", "", E_NOTFOUND, "choose one with --platform" },
	{ "", "aarch64", "linux/amd64 linux/arm64", "linux/arm64", 0, "" },
	{ "", "armv7l", "linux/arm/v5 linux/arm/v6", "linux/arm/v6", 0, "" },
	{ "", "x86_64", "windows/amd64", "", E_UNSUPPORTED,
	  "Windows images are not supported (windows/amd64)" },
	{ "", "x86_64", "windows/amd64 windows/arm64", "", E_UNSUPPORTED, "Windows" },
	{ "", "x86_64", "windows/amd64 linux/amd64", "linux/amd64", 0, "" },
};

static struct platform_wish wish_of(struct arena *a, size_t i)
{
	struct platform_wish w = { .is_given = choices[i].wish[0] != '\0' };

	w.platform = w.is_given ? platform_of(a, choices[i].wish)
				: platform_of_machine(str_of(choices[i].host));
	return w;
}

static void test_the_wanted_variant_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		autoarena struct arena a = { 0 };
		oci_descriptors images = { 0 };
		struct platform_wish wish = wish_of(&a, i);
		const struct oci_descriptor *out = NULL;
		struct str rest = str_of(choices[i].there), word;
		struct err err = { 0 };
		int code;

		while (str_word(&rest, &word)) {
			struct oci_descriptor d = { .digest = word };

			if (word.p[0] != '?')
				d.platform = platform_of(&a, str_copy(&a, word).p);
			VEC_PUSH(&a, &images, d);
		}
		code = platform_choose(&a, &wish, &images, &out, &err);
		if (code != choices[i].code || !strstr(err.text, choices[i].says))
			fail_msg("case %zu: %s: %s", i, err_name(code), err.text);
		if (code == 0)
			assert_str_is(out->digest, choices[i].want);
	}
}

static const struct {
	const char *text;
	int code;
} wishes[] = {
	{ "linux/amd64", 0 },	     { "linux/arm/v7", 0 },	   { "", 0 },
	{ "linux", E_CONFIG },	     { "linux/", E_CONFIG },	   { "/amd64", E_CONFIG },
	{ "linux/a/b/c", E_CONFIG }, { "linux/arm64/", E_CONFIG }, { "windows/amd64", E_UNSUPPORTED },
};

static void test_wishes_have_two_or_three_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		autoarena struct arena a = { 0 };
		struct platform_wish w;
		struct err err;

		assert_int_equal(platform_wish_parse(&a, str_of(wishes[i].text), &w, &err), wishes[i].code);
		if (wishes[i].code == 0)
			assert_int_equal(w.is_given, wishes[i].text[0] != '\0');
	}
}

static void test_attestations_are_no_images(void **state)
{
	struct oci_descriptor attestation = { .reference_type = STR("attestation-manifest") };
	struct oci_descriptor unknown = { .platform = { .os = STR("unknown"), .arch = STR("unknown") } };
	struct oci_descriptor plain = { .digest = STR("x") };

	(void)state;
	assert_false(platform_is_image(&attestation));
	assert_false(platform_is_image(&unknown));
	assert_true(platform_is_image(&plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines_have_go_names),
		cmocka_unit_test(test_scores_prefer_the_nearest_variant),
		cmocka_unit_test(test_the_wanted_variant_is_chosen),
		cmocka_unit_test(test_wishes_have_two_or_three_parts),
		cmocka_unit_test(test_attestations_are_no_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
