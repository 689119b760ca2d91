/* SPDX-License-Identifier: Apache-2.0 */
/* Affected manifests, against what reports of the same records would say */
#include "../unit.h"

#include "base/time.h"
#include "engine/affected.h"
#include "model/repoid.h"
#include "store/enrichments.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
	char dir[64];
	struct task task;
	struct index_store *store;
	struct advisory_store *advisories;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-affected-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(index_store_open(str_of(f->dir), &f->store, &err), 0);
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->advisories, &err), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	index_store_close(f->store);
	advisories_close(f->advisories);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static const struct distribution debian = { .did = STR("debian"),
					    .name = STR("Debian GNU/Linux"),
					    .version = STR("12 (bookworm)"),
					    .version_id = STR("12"),
					    .version_code_name = STR("bookworm") };
static const struct distribution alpine = {
	.did = STR("alpine"), .name = STR("Alpine Linux"), .version = STR("3.20"), .version_id = STR("3.20")
};

/* An image with one package. */
static void put_image_from(struct fixture *f, const char *hash, const struct distribution *d,
			   const char *name, const char *source, const char *version, const char *uri)
{
	static const uint32_t first[] = { 0 };
	struct arena *a = &f->task.arena;
	struct index_report r = { .manifest_hash = str_of(hash) };
	struct indexed_package p = { .package = { .name = str_of(name),
						  .version = str_of(version),
						  .kind = PACKAGE_BINARY,
						  .source_name = str_of(source),
						  .scanner = scanner_index(&id_dpkg) } };
	struct err err = { 0 };

	VEC_PUSH(a, &r.layers, str_format(a, "sha256:layer-of-%s", hash));
	VEC_PUSH(a, &r.distributions, *d);
	VEC_PUSH(a, &p.environments,
		 ((struct environment){ .package_db = STR("status"),
					.repositories = first,
					.repository_count = uri != NULL }));
	if (uri)
		VEC_PUSH(a, &r.repositories,
			 ((struct repository){ .key = STR(REPOSITORY_KEY_RHEL_CPE), .uri = str_of(uri) }));
	VEC_PUSH(a, &r.packages, p);
	assert_int_equal(index_put_report(f->store, &r, STR("s"), &err), 0);
}

static void put_image(struct fixture *f, const char *hash, const struct distribution *d, const char *name,
		      const char *source, const char *version)
{
	put_image_from(f, hash, d, name, source, version, NULL);
}

static struct advisory about(const struct distribution *d, const char *package, const char *fixed,
			     enum severity severity)
{
	return (struct advisory){ .key.package = str_of(package),
				  .distribution = *d,
				  .fixed_in = str_of(fixed),
				  .normalized_severity = severity };
}

static affected_list ask(struct fixture *f, const struct advisory *list, size_t n, const char *after,
			 size_t max)
{
	const struct advisory **pointers = ARENA_ARRAY(&f->task.arena, const struct advisory *, n);
	const struct affected_question question = { .index = f->store,
						    .store = f->advisories,
						    .advisories = pointers,
						    .n = n,
						    .after = str_of(after),
						    .max = max };
	affected_list out = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++)
		pointers[i] = &list[i];
	assert_int_equal(engine_affected(&f->task, &question, &out, &err), 0);
	return out;
}

static void versions_and_sources_decide_as_in_reports(void **state)
{
	struct fixture *f = *state;
	const struct advisory list[] = {
		about(&debian, "openssl", "3.0.11-1", SEVERITY_LOW),
		about(&debian, "openssl", "", SEVERITY_CRITICAL),
		about(&alpine, "openssl", "3.3.0-r1", SEVERITY_HIGH),
		about(&debian, "openssl", "3.0.2-1", SEVERITY_HIGH),
	};
	affected_list out;

	put_image(f, "sha256:a", &debian, "libssl3", "openssl", "3.0.9-1");
	put_image(f, "sha256:b", &debian, "libssl3", "openssl", "3.0.11-1");
	put_image(f, "sha256:c", &alpine, "openssl", "", "3.3.0-r0");
	put_image(f, "sha256:d", &debian, "bash", "", "5.2");
	out = ask(f, list, 4, "", 0);
	assert_int_equal(out.n, 3);
	assert_str_is(out.p[0].manifest, "sha256:a");
	assert_int_equal(out.p[0].advisories.n, 2);
	assert_int_equal(out.p[0].advisories.p[0], 1); /* the most severe first */
	assert_int_equal(out.p[0].advisories.p[1], 0);
	assert_str_is(out.p[1].manifest, "sha256:b");
	assert_int_equal(out.p[1].advisories.n, 1);
	assert_int_equal(out.p[1].advisories.p[0], 1);
	assert_str_is(out.p[2].manifest, "sha256:c");
	assert_int_equal(out.p[2].advisories.p[0], 2);
}

static void what_names_no_package_or_no_distribution_concerns_nothing(void **state)
{
	struct fixture *f = *state;
	const struct distribution none = { .did = STR("") };
	const struct advisory list[] = {
		about(&debian, "", "", SEVERITY_HIGH),
		about(&none, "bash", "", SEVERITY_HIGH),
		about(&(struct distribution){ .did = STR("debian") }, "bash", "", SEVERITY_HIGH),
	};

	put_image(f, "sha256:a", &debian, "bash", "", "5.2");
	assert_int_equal(ask(f, list, 3, "", 0).n, 0);
	assert_int_equal(ask(f, list, 0, "", 0).n, 0);
}

static void a_namespace_that_is_told_is_taken(void **state)
{
	struct fixture *f = *state;
	struct advisory told = { .key = { STR("debian:12"), STR("bash") } };

	put_image(f, "sha256:a", &debian, "bash", "", "5.2");
	assert_int_equal(ask(f, &told, 1, "", 0).n, 1);
	told.key.namespace = STR("debian:11");
	assert_int_equal(ask(f, &told, 1, "", 0).n, 0);
}

static void pages_follow_each_other_without_gap_or_repetition(void **state)
{
	struct fixture *f = *state;
	const struct advisory list[] = { about(&debian, "bash", "", SEVERITY_LOW),
					 about(&debian, "dash", "", SEVERITY_HIGH) };
	const char *after = "";
	affected_list page;
	size_t seen = 0;

	for (int i = 0; i < 30; i++)
		put_image(f, str_format(&f->task.arena, "sha256:%02d", (i * 7) % 30).p, &debian,
			  i % 3 ? "bash" : "dash", "", i % 2 ? "1" : "2");
	while ((page = ask(f, list, 2, after, 7)).n) {
		for (size_t i = 0; i < page.n; i++, seen++)
			assert_str_is(page.p[i].manifest, str_format(&f->task.arena, "sha256:%02zu", seen).p);
		after = page.p[page.n - 1].manifest.p;
	}
	assert_int_equal(seen, 30);
	assert_int_equal(ask(f, list, 2, "", 0).n, 30);
}

static void more_names_and_manifests_than_one_batch(void **state)
{
	enum { NAMES = 700, MANIFESTS = 1200 };
	struct fixture *f = *state;
	struct advisory *list = ARENA_ARRAY(&f->task.arena, struct advisory, NAMES);

	for (int i = 0; i < NAMES; i++)
		list[i] = about(&debian, str_format(&f->task.arena, "package%d", i).p, "", SEVERITY_LOW);
	for (int i = 0; i < MANIFESTS; i++)
		put_image(f, str_format(&f->task.arena, "sha256:%04d", i).p, &debian,
			  i % 2 ? "package0" : "package699", "", "1");
	assert_int_equal(ask(f, list, NAMES, "", 0).n, MANIFESTS);
	assert_int_equal(ask(f, list, 1, "", 0).n, MANIFESTS / 2);
	assert_int_equal(ask(f, list, NAMES, "", 1100).n, 1100);
}

static void an_advisory_of_many_keeps_to_its_own_manifests(void **state)
{
	struct fixture *f = *state;
	const struct advisory list[] = { about(&debian, "bash", "", SEVERITY_LOW),
					 about(&debian, "bash", "", SEVERITY_LOW),
					 about(&debian, "zsh", "", SEVERITY_LOW) };
	affected_list out;

	put_image(f, "sha256:a", &debian, "bash", "", "1");
	put_image(f, "sha256:b", &debian, "zsh", "", "1");
	out = ask(f, list, 3, "", 0);
	assert_int_equal(out.n, 2);
	assert_int_equal(out.p[0].advisories.n, 2);
	assert_int_equal(out.p[1].advisories.n, 1);
	assert_int_equal(out.p[1].advisories.p[0], 2);
}

static void distributions_lead_to_the_namespaces_of_feeds(void **state)
{
	static const struct {
		struct distribution d;
		const char *want;
	} cases[] = {
		{ { .did = STR("debian"), .version_id = STR("12") }, "debian:12" },
		{ { .name = STR("Debian GNU/Linux"), .version = STR("12 (bookworm)") }, "debian:12" },
		{ { .did = STR("debian"), .version_code_name = STR("trixie") }, "debian:13" },
		{ { .did = STR("alpine"), .version_id = STR("3.20") }, "alpine:3.20" },
		{ { .did = STR("alpine"), .version = STR("edge") }, "alpine:edge" },
		{ { .name = STR("Alpine Linux"), .version_id = STR("3.20") }, "alpine:3.20" },
		{ { .did = STR("ubuntu"), .version_id = STR("22.04") }, "ubuntu:22.04" },
		{ { .did = STR("ubuntu"), .version = STR("22.04 (Jammy)") }, "ubuntu:22.04" },
		{ { .did = STR("ol"), .version_id = STR("8") }, "ol:8" },
		{ { .did = STR("photon"), .version_id = STR("4.0") }, "photon:4.0" },
		{ { .did = STR("amzn"), .version_id = STR("2023") }, "amzn:2023" },
		{ { .did = STR("wolfi") }, "wolfi:rolling" },
		{ { .did = STR("plan9"), .version_id = STR("4") }, "plan9:4" },
		{ { .did = STR("plan9"), .version = STR("4 (last)") }, "plan9:4" },
		{ { .did = STR("plan9") }, "" },
		{ { .version_id = STR("4") }, "" },
		{ { .did = STR("") }, "" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str_is(engine_namespace(&f->task.arena, &cases[i].d), cases[i].want);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ---- Red Hat: what is known elsewhere decides too ---- */

#define BASEOS9 "cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*"
#define EUS9 "cpe:2.3:o:redhat:rhel_eus:9.4:*:baseos:*:*:*:*:*"
#define RHEL9 "cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*"

static struct advisory vex(const char *platform, const char *package, enum package_kind kind,
			   const char *fixed)
{
	return (struct advisory){ .key = { .package = str_of(package) },
				  .name = STR("CVE-2099-0001"),
				  .package_kind = kind,
				  .fixed_in = str_of(fixed),
				  .repository_name = str_of(platform),
				  .repository_key = STR(REPOSITORY_KEY_RHEL_CPE) };
}

static void put_vex(struct fixture *f, struct advisory advisory)
{
	autoupdate struct update *u = NULL;
	struct update_summary sum;
	struct err err = { 0 };

	advisory.key.namespace = STR("rhel:enterprise_linux:9");
	assert_int_equal(update_begin(f->advisories, STR("rhel-vex"), &u, &err), 0);
	assert_int_equal(update_put(u, &advisory, &err), 0);
	assert_int_equal(update_commit(u, STR("x"), time_now(), &sum, &err), 0);
}

static void put_map(struct fixture *f, struct str id, struct str data)
{
	autoenrichments struct enrichment_update *u = NULL;
	const struct enrichment e = { STR("rhel-repository-to-cpe"), &id, 1, data };
	struct update_summary sum;
	struct err err = { 0 };

	assert_int_equal(enrichments_begin(f->advisories, e.updater, &u, &err), 0);
	assert_int_equal(enrichments_put(u, &e, &err), 0);
	assert_int_equal(enrichments_commit(u, STR("x"), time_now(), &sum, &err), 0);
}

static void repositories_are_read_with_the_map_of_now(void **state)
{
	struct fixture *f = *state;
	const struct distribution rhel = { .did = STR("rhel"), .version_id = STR("9.4") };
	const struct advisory base = vex(BASEOS9, "bash", PACKAGE_BINARY, "0:5.2-2.el9");
	const struct advisory extended = vex(EUS9, "bash", PACKAGE_BINARY, "0:5.2-2.el9_4");

	put_image_from(f, "sha256:a", &rhel, "bash", "bash", "5.2-1.el9", "repoid=extended");
	assert_int_equal(ask(f, &base, 1, "", 0).n, 1); /* unknown: base channels */
	assert_int_equal(ask(f, &extended, 1, "", 0).n, 0);
	put_map(f, STR("extended"), STR("{\"cpes\":[\"cpe:/o:redhat:rhel_eus:9.4::baseos\"]}"));
	assert_int_equal(ask(f, &base, 1, "", 0).n, 0);
	assert_int_equal(ask(f, &extended, 1, "", 0).n, 1);
}

static void a_statement_of_not_being_affected_beats_what_is_said_of_the_source(void **state)
{
	struct fixture *f = *state;
	const struct distribution rhel = { .did = STR("rhel"), .version_id = STR("9.4") };
	const struct advisory source = vex(RHEL9, "openssl", PACKAGE_SOURCE, "");
	struct advisory statement = vex(RHEL9, "openssl-libs", PACKAGE_BINARY, "");

	statement.status = STATUS_NOT_AFFECTED;
	put_vex(f, statement);
	put_image(f, "sha256:a", &rhel, "openssl-libs", "openssl", "3.0-1.el9");
	put_image(f, "sha256:b", &rhel, "openssl-devel", "openssl", "3.0-1.el9");
	assert_int_equal(ask(f, &source, 1, "", 0).n, 1);
	assert_str_is(ask(f, &source, 1, "", 0).p[0].manifest, "sha256:b");
	assert_int_equal(ask(f, &statement, 1, "", 0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(versions_and_sources_decide_as_in_reports),
		TEST(what_names_no_package_or_no_distribution_concerns_nothing),
		TEST(a_namespace_that_is_told_is_taken),
		TEST(pages_follow_each_other_without_gap_or_repetition),
		TEST(more_names_and_manifests_than_one_batch),
		TEST(an_advisory_of_many_keeps_to_its_own_manifests),
		TEST(distributions_lead_to_the_namespaces_of_feeds),
		cmocka_unit_test_setup_teardown(repositories_are_read_with_the_map_of_now, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_statement_of_not_being_affected_beats_what_is_said_of_the_source, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
