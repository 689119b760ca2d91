/* SPDX-License-Identifier: Apache-2.0 */
/* alpine, debian: keys, verdicts and discovery, without store or network */
#include "../unit.h"

#include "base/task.h"
#include "ecosystem/ecosystems.h"
#include "engine/decide.h"

static void packages_are_looked_up_by_source_in_their_release(void **state)
{
	static const struct {
		struct distribution distribution;
		struct package package;
		const char *ecosystem, *namespace, *name;
	} cases[] = {
		{ { .did = STR("debian"), .version_id = STR("12") },
		  { .name = STR("libssl3"), .source_name = STR("openssl") },
		  "debian",
		  "debian:12",
		  "openssl" },
		{ { .did = STR("debian"), .version_id = STR("12") },
		  { .name = STR("bash") },
		  "debian",
		  "debian:12",
		  "bash" },
		{ { .did = STR("debian"), .version_code_name = STR("trixie") },
		  { .name = STR("bash") },
		  "debian",
		  "debian:13",
		  "bash" },
		{ { .did = STR("debian"), .version_code_name = STR("sid") },
		  { .name = STR("bash") },
		  "debian",
		  "debian:sid",
		  "bash" },
		{ { .did = STR("debian") }, { .name = STR("bash") }, "debian", NULL, NULL },
		{ { .did = STR("alpine"), .version = STR("3.20") },
		  { .name = STR("libcrypto3"), .source_name = STR("openssl") },
		  "alpine",
		  "alpine:3.20",
		  "openssl" },
		{ { .did = STR("alpine"), .version = STR("edge") },
		  { .name = STR("zlib") },
		  "alpine",
		  "alpine:edge",
		  "zlib" },
		{ { .did = STR("slackware"), .version_id = STR("15.0") },
		  { .name = STR("zlib") },
		  NULL,
		  NULL,
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct record r = { .package = &cases[i].package,
					  .distribution = &cases[i].distribution };
		const struct ecosystem *e = decide_ecosystem(&r);
		struct advisory_key keys[MAX_KEYS];

		print_message("case %zu\n", i);
		if (!cases[i].ecosystem) {
			assert_null(e);
			continue;
		}
		assert_string_equal(e->name, cases[i].ecosystem);
		assert_int_equal(e->matcher->keys(&a, &r, keys), cases[i].namespace ? 1 : 0);
		if (cases[i].namespace) {
			assert_str_is(keys[0].namespace, cases[i].namespace);
			assert_str_is(keys[0].package, cases[i].name);
		}
	}
	assert_null(decide_ecosystem(&(struct record){ .package = &cases[0].package }));
}

static void verdicts_follow_version_and_status(void **state)
{
	static const struct {
		const char *did, *version, *source_version, *fixed_in;
		enum advisory_status status;
		enum verdict want;
	} cases[] = {
		{ "debian", "1.0.1e-2+deb7u4", "", "1.0.1e-2+deb7u5", STATUS_AFFECTED, AFFECTED },
		{ "debian", "1.0.1e-2+deb7u5", "", "1.0.1e-2+deb7u5", STATUS_AFFECTED, NOT_AFFECTED },
		/* the source's version decides: binaries may carry an epoch or a rebuild suffix of their own
		 */
		{ "debian", "1:2.38.1-5", "2.38.1-5", "2.38.1-6", STATUS_AFFECTED, AFFECTED },
		{ "debian", "1.2-3+b1", "1.2-3", "1.2-3+b1", STATUS_AFFECTED, AFFECTED },
		{ "debian", "1.0-1", "", "", STATUS_AFFECTED, AFFECTED },
		{ "debian", "1.0-1", "", "", STATUS_WILL_NOT_FIX, AFFECTED },
		{ "debian", "1.0-1", "", "", STATUS_NO_ADVISORY, AFFECTED },
		{ "debian", "1.0-1", "", "", STATUS_END_OF_LIFE, AFFECTED },
		{ "debian", "1.0-1", "", "0", STATUS_AFFECTED, NOT_AFFECTED },
		{ "debian", "1.0-1", "", "", STATUS_NOT_AFFECTED, NOT_AFFECTED },
		{ "debian", "1.0-1", "", "", STATUS_UNDER_INVESTIGATION, UNDECIDED },
		{ "debian", "x y", "", "1.0-1", STATUS_AFFECTED, UNDECIDED },
		{ "debian", "1.0-1", "", "not a version!", STATUS_AFFECTED, UNDECIDED },
		{ "alpine", "3.0.12-r4", "", "3.0.12-r5", STATUS_AFFECTED, AFFECTED },
		{ "alpine", "3.0.12-r5", "", "3.0.12-r5", STATUS_AFFECTED, NOT_AFFECTED },
		{ "alpine", "3.0.12_rc1-r0", "", "3.0.12-r0", STATUS_AFFECTED, AFFECTED },
		{ "alpine", "3.0.12-r5", "", "0", STATUS_NOT_AFFECTED, NOT_AFFECTED },
		{ "alpine", "three", "", "3.0.12-r5", STATUS_AFFECTED, UNDECIDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct distribution d = { .did = str_of(cases[i].did),
						.version = STR("1"),
						.version_id = STR("1") };
		const struct package p = { .name = STR("p"),
					   .version = str_of(cases[i].version),
					   .source_name = STR("s"),
					   .source_version = str_of(cases[i].source_version) };
		const struct record r = { .package = &p, .distribution = &d };
		const struct advisory advisory = { .fixed_in = str_of(cases[i].fixed_in),
						   .status = cases[i].status };
		struct str reason = { 0 };
		enum verdict v = decide(&a, decide_ecosystem(&r), &r, &advisory, &reason);

		if (v != cases[i].want || (v == UNDECIDED) != (reason.n > 0))
			fail_msg("case %zu: verdict %d, reason \"%.*s\"", i, v, STR_ARG(reason));
	}
}

static void an_architecture_condition_is_kept(void **state)
{
	static const struct {
		const char *operation, *arch;
		enum verdict want;
	} cases[] = {
		{ "", "", AFFECTED },
		{ "equals", "amd64", AFFECTED },
		{ "equals", "arm64", NOT_AFFECTED },
		{ "not equals", "arm64", AFFECTED },
		{ "not equals", "amd64", NOT_AFFECTED },
		{ "no such", "amd64", NOT_AFFECTED },
	};
	const struct distribution d = { .did = STR("debian"), .version_id = STR("1") };
	const struct package p = { .name = STR("p"), .version = STR("1-1"), .arch = STR("amd64") };
	const struct record r = { .package = &p, .distribution = &d };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct advisory advisory = { .arch_operation = str_of(cases[i].operation),
						   .arch = str_of(cases[i].arch) };
		struct str reason;

		assert_int_equal(decide(&a, decide_ecosystem(&r), &r, &advisory, &reason), cases[i].want);
	}
}

/* ---- discovery against a pretended publisher ---- */

struct pretend {
	struct discovery discovery;
	const char *const *paths; /* that exist; a directory ends in a slash */
	const char *const *listing; /* NULL: no listings */
};

static int pretend_exists(struct discovery *d, struct str url, struct str path, struct err *err)
{
	(void)url;
	(void)err;
	for (const char *const *p = ((struct pretend *)d)->paths; *p; p++)
		if (str_eq(path, str_of(*p)))
			return 1;
	return 0;
}

static int pretend_get(struct discovery *d, struct str url, struct str path, size_t max, struct str *out,
		       struct err *err)
{
	(void)max;
	if (!pretend_exists(d, url, path, err))
		return 0;
	*out = str_search(path, STR("wheezy")) < path.n	 ? STR("Origin: Debian\nVersion: 7.11\n")
	       : str_search(path, STR("forky")) < path.n ? STR("Origin: Debian\nSuite: testing\n")
							 : STR("Version: 12.15\nCodename: bookworm\n");
	return 1;
}

static int pretend_list(struct discovery *d, struct str url, struct str path, struct str **names,
			size_t *count, struct err *err)
{
	static struct str found[16];
	const char *const *l = ((struct pretend *)d)->listing;

	(void)url;
	(void)path;
	(void)err;
	*count = 0;
	if (!l)
		return 0;
	for (; *l; l++)
		found[(*count)++] = str_of(*l);
	*names = found;
	return 1;
}

static void discover(const struct ecosystem *e, struct task *t, const char *const *paths,
		     const char *const *listing, struct feed_sources *out)
{
	struct pretend p = { { .exists = pretend_exists,
			       .get = pretend_get,
			       .list = pretend_list,
			       .debian_archive = STR("http://archive/debian") },
			     paths,
			     listing };
	struct err err = { 0 };

	*out = (struct feed_sources){ .arena = &t->arena };
	assert_int_equal(e->updaters->discover(t, &p.discovery, out, &err), 0);
}

static void alpine_releases_are_found_in_a_listing_with_gaps(void **state)
{
	static const char *const paths[] = { "alpine/v3.6/main.json", "alpine/v3.10/main.json",
					     "alpine/v3.10/community.json", "alpine/edge/main.json", NULL };
	static const char *const listing[] = { "edge", "last-update", "v3.10", "v3.6", "vX", NULL };
	autotask struct task t = { 0 };
	struct feed_sources s;

	(void)state;
	discover(&ecosystem_alpine, &t, paths, listing, &s);
	assert_int_equal(s.sources.n, 4);
	assert_str_is(s.sources.p[0].namespace, "alpine:edge");
	assert_str_is(ecosystem_alpine.updaters->updater_name(&t.arena, &s.sources.p[0]),
		      "alpine-main-edge-updater");
	assert_str_is(s.sources.p[2].mirror_path, "alpine/v3.10/community.json");
	assert_str_is(s.sources.p[2].url, "https://secdb.alpinelinux.org/v3.10/community.json");
	assert_str_is(s.sources.p[2].distribution.pretty_name, "Alpine Linux v3.10");
	assert_str_is(ecosystem_alpine.updaters->updater_name(&t.arena, &s.sources.p[2]),
		      "alpine-community-v3.10-updater");
}

static void alpine_releases_are_probed_without_a_listing(void **state)
{
	static const char *const paths[] = { "alpine/v3.3/",	      "alpine/v3.3/main.json",
					     "alpine/v3.4/",	      "alpine/v3.4/main.json",
					     "alpine/v3.6/",	      "alpine/v3.6/main.json",
					     "alpine/v4.0/",	      "alpine/v4.0/main.json",
					     "alpine/edge/main.json", NULL };
	autotask struct task t = { 0 };
	struct feed_sources s;

	(void)state;
	discover(&ecosystem_alpine, &t, paths, NULL, &s);
	assert_int_equal(s.sources.n, 4); /* v3.5 is missing: v3.6 is not asked for */
	assert_str_is(s.sources.p[2].namespace, "alpine:4.0");
	assert_str_is(s.sources.p[3].namespace, "alpine:edge");
}

static void debian_releases_come_from_the_archive_or_the_table(void **state)
{
	static const char *const paths[] = { "debian/dists/bookworm/Release", "debian/dists/wheezy/Release",
					     "debian/dists/forky/Release", NULL };
	static const char *const listing[] = { "bookworm", "bookworm-updates", "forky",	 "sid",
					       "stable",   "README",	       "wheezy", NULL };
	autotask struct task t = { 0 };
	struct feed_sources s;

	(void)state;
	discover(&ecosystem_debian, &t, paths, listing, &s);
	assert_int_equal(s.distributions.n, 2);
	assert_str_is(s.distributions.p[0].version, "12 (bookworm)");
	assert_str_is(s.distributions.p[1].version_id, "7");
	assert_str_is(s.distributions.p[1].pretty_name, "Debian GNU/Linux 7 (wheezy)");
	assert_int_equal(s.sources.n, 1);
	assert_str_is(s.sources.p[0].url, "https://security-tracker.debian.org/tracker/data/json");
	discover(&ecosystem_debian, &t, paths, NULL, &s);
	assert_int_equal(s.distributions.n, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_are_looked_up_by_source_in_their_release),
		cmocka_unit_test(verdicts_follow_version_and_status),
		cmocka_unit_test(an_architecture_condition_is_kept),
		cmocka_unit_test(alpine_releases_are_found_in_a_listing_with_gaps),
		cmocka_unit_test(alpine_releases_are_probed_without_a_listing),
		cmocka_unit_test(debian_releases_come_from_the_archive_or_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
