/* SPDX-License-Identifier: Apache-2.0 */
/* rhel, rebuilds of it, Red Hat's containers: platforms, keys, verdicts, statements of not being affected */
#include "../unit.h"

#include "ecosystem/ecosystems.h"
#include "ecosystem/redhat.h"
#include "engine/affected.h"
#include "engine/decide.h"

#include <stdio.h>

#define CPE(text) "cpe:2.3:" text
#define RHEL8 CPE("o:redhat:enterprise_linux:8:*:*:*:*:*:*:*")
#define BASEOS8 CPE("o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*")
#define APPSTREAM8 CPE("a:redhat:enterprise_linux:8:*:appstream:*:*:*:*:*")
#define EUS84 CPE("o:redhat:rhel_eus:8.4:*:baseos:*:*:*:*:*")

static void a_platform_covers_what_it_leaves_open(void **state)
{
	static const struct {
		const char *advised, *installed;
		bool want;
	} cases[] = {
		{ RHEL8, RHEL8, true },
		{ RHEL8, BASEOS8, true },
		{ BASEOS8, RHEL8, false },
		{ BASEOS8, APPSTREAM8, false },
		{ RHEL8, APPSTREAM8, false }, /* an operating system is no application */
		{ RHEL8, EUS84, false },
		{ EUS84, BASEOS8, false },
		{ CPE("o:redhat:enterprise_linux:1:*:*:*:*:*:*:*"),
		  CPE("o:redhat:enterprise_linux:10:*:*:*:*:*:*:*"), false },
		{ CPE("a:redhat:rhel_eus:8.1:*:*:*:*:*:*:*"), CPE("a:redhat:rhel_eus:8.10:*:*:*:*:*:*:*"),
		  false },
		{ CPE("a:redhat:rhel_eus:8:*:*:*:*:*:*:*"), CPE("a:redhat:rhel_eus:8.10:*:*:*:*:*:*:*"),
		  true },
		{ CPE("a:redhat:openshift:4.*:*:*:*:*:*:*:*"), CPE("a:redhat:openshift:4.12:*:el8:*:*:*:*:*"),
		  true },
		{ CPE("a:redhat:enterprise_linux:*:*:appstream:*:*:*:*:*"), APPSTREAM8, true },
		{ CPE("a:redhat:enterprise_linux:*:*:crb:*:*:*:*:*"), APPSTREAM8, false },
		{ CPE("a:RedHat:Enterprise_Linux:8:*:*:*:*:*:*:*"), APPSTREAM8, true },
		{ CPE("a:redhat:openshift:*:*:*:*:*:*:*:*"), CPE("a:redhat:openshift_ai:1:*:*:*:*:*:*:*"),
		  false },
		{ "rhel-8-baseos", RHEL8, false },
		{ "", RHEL8, false },
		{ RHEL8, "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (redhat_covers(str_of(cases[i].advised), str_of(cases[i].installed)) != cases[i].want)
			fail_msg("case %zu: %s and %s", i, cases[i].advised, cases[i].installed);
}

/* ---- records ---- */

struct place {
	const char *did, *version_id;
	const char *repositories[4]; /* CPEs in any binding, or "?id": an id without a platform */
};

struct fixture {
	struct arena arena;
	struct distribution distribution;
	struct repository repositories[4];
	const struct repository *pointers[4];
	struct package package;
	struct record record;
};

static void place(struct fixture *f, const struct place *where)
{
	f->distribution = (struct distribution){ .did = str_of(where->did),
						 .version_id = str_of(where->version_id) };
	f->record = (struct record){ .package = &f->package,
				     .distribution = where->did ? &f->distribution : NULL,
				     .repositories = f->pointers };
	for (size_t i = 0; i < 4 && where->repositories[i]; i++) {
		struct str text = str_of(where->repositories[i]);
		struct repository r = { .name = text, .key = STR(REPOSITORY_KEY_RHEL_CPE) };

		if (str_starts(text, STR("?"))) {
			r.name = (struct str){ NULL, 0 };
			r.uri = repoid_query(&f->arena, str_sub(text, 1, text.n - 1));
		}
		f->repositories[i] = r;
		f->pointers[i] = &f->repositories[i];
		f->record.repository_count++;
	}
}

static void what_is_looked_up(void **state)
{
	static const struct {
		struct place place;
		const char *source;
		const char *want; /* "namespace/package " of each; NULL: another matcher's */
	} cases[] = {
		{ { "rhel", "8.4", { BASEOS8 } },
		  "s",
		  "rhel:enterprise_linux:8/p rhel:enterprise_linux:8/s rhel:enterprise_linux/p "
		  "rhel:enterprise_linux/s rhel/p rhel/s " },
		{ { "rhel", "8.4", { BASEOS8, APPSTREAM8, EUS84 } },
		  "p",
		  "rhel:enterprise_linux:8/p rhel:enterprise_linux/p rhel:rhel_eus:8/p rhel:rhel_eus/p "
		  "rhel/p " },
		{ { NULL, NULL, { "cpe:/a:redhat:openshift:4.12::el8" } },
		  "",
		  "rhel:openshift:4/p rhel:openshift/p rhel/p " },
		{ { "rhel", "8.4", { NULL } },
		  "",
		  "rhel:enterprise_linux:8/p rhel:enterprise_linux/p rhel/p " },
		{ { "rhel", "8.4", { "?x" } },
		  "",
		  "rhel:enterprise_linux:8/p rhel:enterprise_linux/p rhel/p " },
		{ { "centos", "9", { NULL } },
		  "",
		  "rhel:enterprise_linux:9/p rhel:enterprise_linux/p rhel/p " },
		{ { "centos", "", { NULL } }, "", "" },
		{ { NULL, NULL, { "?x" } }, "", "" },
		{ { "rhel", "rolling", { NULL } }, "", "" },
		{ { "almalinux", "9.4", { NULL } }, "", NULL },
		{ { NULL, NULL, { NULL } }, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct fixture f = { .package = { .name = STR("p"),
						  .source_name = str_of(cases[i].source) } };
		struct advisory_key out[MAX_KEYS];
		const struct ecosystem *e;
		char got[512] = "";
		size_t at = 0;
		unsigned n;

		place(&f, &cases[i].place);
		e = decide_ecosystem(&f.record);
		assert_int_equal(e == &ecosystem_rhel, cases[i].want != NULL);
		n = e == &ecosystem_rhel ? e->matcher->keys(&a, &f.record, out) : 0;
		for (unsigned k = 0; k < n; k++)
			at += (size_t)snprintf(got + at, sizeof(got) - at, STR_FMT "/" STR_FMT " ",
					       STR_ARG(out[k].namespace), STR_ARG(out[k].package));
		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		arena_reset(&f.arena);
	}
}

/* A package of many products is still looked up, in as many as there is room for. */
static void keys_do_not_exceed_their_room(void **state)
{
	autoarena struct arena a = { 0 };
	struct repository repositories[MAX_KEYS];
	const struct repository *pointers[MAX_KEYS];
	const struct package p = { .name = STR("p"), .source_name = STR("s") };
	const struct record r = { .package = &p, .repositories = pointers, .repository_count = MAX_KEYS };
	struct advisory_key out[MAX_KEYS];

	(void)state;
	for (unsigned i = 0; i < MAX_KEYS; i++) {
		repositories[i] = (struct repository){ .name = str_format(&a, "cpe:/a:redhat:product%u:1", i),
						       .key = STR(REPOSITORY_KEY_RHEL_CPE) };
		pointers[i] = &repositories[i];
	}
	assert_int_equal(ecosystem_rhel.matcher->keys(&a, &r, out), MAX_KEYS);
}

/* ---- verdicts ---- */

struct statement {
	const char *platform, *fixed_in, *module;
	enum package_kind kind; /* PACKAGE_SOURCE: of "s", else of "p" */
	enum advisory_status status;
};

static struct advisory advisory_of(const struct statement *s)
{
	return (struct advisory){
		.key = { .package = s->kind == PACKAGE_SOURCE ? STR("s") : STR("p") },
		.name = STR("CVE-2099-0001"),
		.repository_name = str_of(s->platform),
		.repository_key = STR(REPOSITORY_KEY_RHEL_CPE),
		.package_kind = s->kind,
		.fixed_in = str_of(s->fixed_in),
		.module = str_of(s->module),
		.status = s->status,
		.arch = STR("aarch64|amd64|x86_64"),
		.arch_operation = STR("pattern match"),
	};
}

static void verdicts_follow_platform_module_and_version(void **state)
{
	static const struct place base = { "rhel", "8.4", { BASEOS8, APPSTREAM8 } };
	static const struct place eus = { "rhel", "8.4", { EUS84 } };
	static const struct place none = { "centos", "8", { NULL } };
	static const struct place ten = { "rhel", "10.0", { NULL } };
	static const struct place lost = { "rhel", "8.4", { "?unheard-of" } };
	static const struct {
		const struct place *place;
		const char *version, *module, *arch;
		struct statement statement;
		enum verdict want;
	} cases[] = {
		{ &base, "1-1.el8", "", "x86_64", { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 }, AFFECTED },
		{ &base,
		  "1-2.el8",
		  "",
		  "x86_64",
		  { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &base,
		  "1-1.el8",
		  "",
		  "s390x",
		  { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &base, "1-1.el8", "", "", { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 }, NOT_AFFECTED },
		{ &base, "1-1.el8", "", "x86_64", { RHEL8, "", "", PACKAGE_SOURCE, 0 }, AFFECTED },
		{ &base,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { RHEL8, "", "", PACKAGE_SOURCE, STATUS_WILL_NOT_FIX },
		  AFFECTED },
		{ &base,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { RHEL8, "", "", PACKAGE_BINARY, STATUS_NOT_AFFECTED },
		  NOT_AFFECTED },
		{ &base, "1-1.el8", "", "x86_64", { RHEL8, "", "", PACKAGE_ANCESTRY, 0 }, NOT_AFFECTED },
		{ &base, "", "", "x86_64", { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 }, UNDECIDED },
		/* a fix of the extended stream is none of the base's, and the other way round */
		{ &base,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { EUS84, "0:1-2.el8_4", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &eus, "1-1.el8", "", "x86_64", { EUS84, "0:1-2.el8_4", "", PACKAGE_BINARY, 0 }, AFFECTED },
		{ &eus,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		/* streams of modules do not meet */
		{ &base,
		  "1-1.module+el8.1+1+a",
		  "m:1",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.module+el8", "m:1", PACKAGE_BINARY, 0 },
		  AFFECTED },
		{ &base,
		  "1-1.module+el8.1+1+a",
		  "m:1:80:c",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.module+el8", "m:1", PACKAGE_BINARY, 0 },
		  AFFECTED },
		{ &base,
		  "1-1.module+el8.1+1+a",
		  "m:10",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.module+el8", "m:1", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &base,
		  "1-1.module+el8.1+1+a",
		  "",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.module+el8", "m:1", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &base,
		  "1-1.module+el8.1+1+a",
		  "",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &base,
		  "1-1.module+el8.1+1+a",
		  "m:1",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &base,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.module+el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		/* without platforms: what every installation of the release has */
		{ &none, "1-1.el8", "", "x86_64", { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 }, AFFECTED },
		{ &none,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { APPSTREAM8, "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  AFFECTED },
		{ &none, "1-1.el8", "", "x86_64", { RHEL8, "", "", PACKAGE_SOURCE, 0 }, AFFECTED },
		{ &none,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { EUS84, "0:1-2.el8_4", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &lost, "1-1.el8", "", "x86_64", { BASEOS8, "0:1-2.el8", "", PACKAGE_BINARY, 0 }, AFFECTED },
		{ &none,
		  "1-1.el8",
		  "",
		  "x86_64",
		  { CPE("o:redhat:enterprise_linux:8.4:*:*:*:*:*:*:*"), "0:1-2.el8", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
		{ &ten,
		  "1-1.el10",
		  "",
		  "x86_64",
		  { CPE("o:redhat:enterprise_linux:10.1:*:*:*:*:*:*:*"), "0:1-2.el10", "", PACKAGE_BINARY,
		    0 },
		  AFFECTED },
		{ &ten,
		  "1-1.el10",
		  "",
		  "x86_64",
		  { CPE("o:redhat:enterprise_linux:1:*:*:*:*:*:*:*"), "0:1-2.el10", "", PACKAGE_BINARY, 0 },
		  NOT_AFFECTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = { .package = { .name = STR("p"),
						  .source_name = STR("s"),
						  .kind = PACKAGE_BINARY,
						  .version = str_of(cases[i].version),
						  .module = str_of(cases[i].module),
						  .arch = str_of(cases[i].arch) } };
		const struct advisory advisory = advisory_of(&cases[i].statement);
		struct str reason = { 0 };
		enum verdict v;

		place(&f, cases[i].place);
		v = decide(&f.arena, &ecosystem_rhel, &f.record, &advisory, &reason);
		if (v != cases[i].want || (v == UNDECIDED) != (reason.n > 0))
			fail_msg("case %zu: verdict %d, reason \"" STR_FMT "\"", i, v, STR_ARG(reason));
		arena_reset(&f.arena);
	}
}

static void a_statement_of_not_being_affected_is_about_the_package_itself(void **state)
{
	static const struct place base = { "rhel", "8.4", { BASEOS8 } };
	static const struct {
		struct statement statement;
		const char *arch;
		bool want;
	} cases[] = {
		{ { RHEL8, "", "", PACKAGE_BINARY, STATUS_NOT_AFFECTED }, "x86_64", true },
		{ { RHEL8, "", "", PACKAGE_BINARY, STATUS_NOT_AFFECTED }, "s390x", false },
		{ { RHEL8, "", "", PACKAGE_BINARY, STATUS_NOT_AFFECTED }, "", false },
		{ { RHEL8, "", "", PACKAGE_SOURCE, STATUS_NOT_AFFECTED }, "x86_64", false },
		{ { RHEL8, "", "", PACKAGE_BINARY, STATUS_AFFECTED }, "x86_64", false },
		{ { EUS84, "", "", PACKAGE_BINARY, STATUS_NOT_AFFECTED }, "x86_64", false },
		{ { RHEL8, "", "m:1", PACKAGE_BINARY, STATUS_NOT_AFFECTED }, "x86_64", false },
	};
	const struct advisory unfixed = { .package_kind = PACKAGE_SOURCE };
	const struct advisory fixed = { .package_kind = PACKAGE_SOURCE, .fixed_in = STR("1-2") };
	const struct advisory own = { .package_kind = PACKAGE_BINARY };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = { .package = { .name = STR("p"),
						  .source_name = STR("s"),
						  .kind = PACKAGE_BINARY,
						  .version = STR("1-1.el8"),
						  .arch = str_of(cases[i].arch) } };
		const struct advisory advisory = advisory_of(&cases[i].statement);

		place(&f, &base);
		if (decide_clears(&f.arena, &ecosystem_rhel, &f.record, &advisory) != cases[i].want)
			fail_msg("case %zu", i);
		arena_reset(&f.arena);
	}
	assert_true(decide_is_cleared(&unfixed));
	assert_false(decide_is_cleared(&fixed));
	assert_false(decide_is_cleared(&own));
}

static void what_had_to_be_assumed_is_said(void **state)
{
	static const struct {
		struct place place;
		const char *want;
	} cases[] = {
		{ { "rhel", "8.4", { BASEOS8 } }, "" },
		{ { "rhel", "8.4", { NULL } }, "repositories unknown: base channels assumed" },
		{ { "rhel", "8.4", { "?a b" } },
		  "no platform is known of repository \"a b\": base channels assumed" },
		{ { "rhel", "8.4", { BASEOS8, "?a" } }, "no platform is known of repository \"a\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = { .package = { .name = STR("p") } };

		place(&f, &cases[i].place);
		assert_str_is(ecosystem_rhel.matcher->assumes(&f.arena, &f.record), cases[i].want);
		arena_reset(&f.arena);
	}
}

/* ---- containers ---- */

static void containers_are_decided_by_range_and_tag(void **state)
{
	static const struct {
		const char *repository, *version, *normalized, *fixed_in;
		enum package_kind kind;
		enum advisory_status status;
		enum verdict want;
	} cases[] = {
		{ CPE("a:redhat:quay:3:*:el8:*:*:*:*:*"), "v3.6.1-4", "rhctag:3.6", "v3.6.2-1",
		  PACKAGE_BINARY, 0, AFFECTED },
		{ CPE("a:redhat:quay:3:*:el8:*:*:*:*:*"), "v3.6.2-1", "rhctag:3.6", "v3.6.2-1",
		  PACKAGE_BINARY, 0, NOT_AFFECTED },
		{ CPE("a:redhat:quay:3:*:el8:*:*:*:*:*"), "v3.6.1", "rhctag:3.6", "v3.6.1-1", PACKAGE_BINARY,
		  0, AFFECTED },
		{ CPE("a:redhat:quay:3:*:el8:*:*:*:*:*"), "v3.6.2", "rhctag:3.6", "v3.6.2", PACKAGE_BINARY, 0,
		  NOT_AFFECTED },
		{ CPE("a:redhat:quay:3:*:el8:*:*:*:*:*"), "v3.7.1-4", "rhctag:3.7", "v3.6.2-1",
		  PACKAGE_BINARY, 0, NOT_AFFECTED },
		{ CPE("a:redhat:quay:3:*:el8:*:*:*:*:*"), "v3.6.1-4", "unmatchable:3.6", "v3.6.2-1",
		  PACKAGE_BINARY, 0, NOT_AFFECTED },
		{ CPE("a:redhat:quay:4:*:el8:*:*:*:*:*"), "v3.6.1-4", "rhctag:3.6", "v3.6.2-1",
		  PACKAGE_BINARY, 0, NOT_AFFECTED },
		{ "Red Hat Container Catalog", "v3.6.1-4", "rhctag:3.6", "v3.6.2-1", PACKAGE_BINARY, 0,
		  AFFECTED },
		{ "Red Hat Container Catalog", "v3.6.1-4", "rhctag:3.6", "", PACKAGE_SOURCE, 0, AFFECTED },
		{ "Red Hat Container Catalog", "v3.6.1-4", "rhctag:3.6", "", PACKAGE_ANCESTRY,
		  STATUS_NOT_AFFECTED, NOT_AFFECTED },
		{ "Red Hat Container Catalog", "v3.6.1-4", "rhctag:3.6", "v3.6.2-1", PACKAGE_ANCESTRY, 0,
		  NOT_AFFECTED },
		{ "Red Hat Container Catalog", "", "rhctag:3.6", "v3.6.2-1", PACKAGE_BINARY, 0, UNDECIDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct package p = { .name = STR("quay/quay"),
					   .source_name = STR("quay-container"),
					   .kind = PACKAGE_BINARY,
					   .version = str_of(cases[i].version),
					   .normalized_version = str_of(cases[i].normalized) };
		const struct repository repository = { .name = str_of(cases[i].repository),
						       .key = STR(REPOSITORY_KEY_RHCC) };
		const struct repository *const list[] = { &repository };
		const struct record r = { .package = &p, .repositories = list, .repository_count = 1 };
		const struct advisory advisory = {
			.key = { .package = cases[i].kind == PACKAGE_SOURCE ? STR("quay-container")
									    : STR("quay/quay") },
			.package_kind = cases[i].kind,
			.repository_name = STR(CPE("a:redhat:quay:3:*:*:*:*:*:*:*")),
			.repository_key = STR(REPOSITORY_KEY_RHCC),
			.range = STR("rhctag:3.6.0..rhctag:3.6.2147483647"),
			.fixed_in = str_of(cases[i].fixed_in),
			.status = cases[i].status,
		};
		struct advisory_key out[MAX_KEYS];
		struct str reason = { 0 };
		enum verdict v;

		assert_ptr_equal(decide_ecosystem(&r), &ecosystem_rhcc);
		assert_int_equal(ecosystem_rhcc.matcher->keys(&a, &r, out), 2);
		assert_str_is(out[0].namespace, "rhcc");
		v = decide(&a, &ecosystem_rhcc, &r, &advisory, &reason);
		if (v != cases[i].want)
			fail_msg("case %zu: verdict %d, reason \"" STR_FMT "\"", i, v, STR_ARG(reason));
	}
}

static void the_namespace_of_an_advisory_is_that_of_its_repository(void **state)
{
	static const struct {
		const char *key, *name, *want;
	} cases[] = {
		{ REPOSITORY_KEY_RHEL_CPE, BASEOS8, "rhel:enterprise_linux:8" },
		{ REPOSITORY_KEY_RHEL_CPE, "cpe:/a:redhat:rhel_eus:8.4::appstream", "rhel:rhel_eus:8" },
		{ REPOSITORY_KEY_RHEL_CPE, "no CPE", "" },
		{ REPOSITORY_KEY_RHCC, "cpe:/a:redhat:quay:3", "rhcc" },
		{ "", "pypi", "pypi" },
		{ "", "elsewhere", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct advisory advisory = { .repository_key = str_of(cases[i].key),
						   .repository_name = str_of(cases[i].name) };

		assert_str_is(engine_advisory_namespace(&a, &advisory), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_platform_covers_what_it_leaves_open),
		cmocka_unit_test(what_is_looked_up),
		cmocka_unit_test(keys_do_not_exceed_their_room),
		cmocka_unit_test(verdicts_follow_platform_module_and_version),
		cmocka_unit_test(a_statement_of_not_being_affected_is_about_the_package_itself),
		cmocka_unit_test(what_had_to_be_assumed_is_said),
		cmocka_unit_test(containers_are_decided_by_range_and_tag),
		cmocka_unit_test(the_namespace_of_an_advisory_is_that_of_its_repository),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
