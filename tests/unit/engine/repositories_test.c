/* SPDX-License-Identifier: Apache-2.0 */
/* ids of repositories become platforms when a report is read */
#include "../unit.h"

#include "base/time.h"
#include "engine/repositories.h"
#include "model/repoid.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
	char dir[64];
	struct task task;
	struct advisory_store *store;
};

static void put_map(struct fixture *f, const char *const *ids_and_data)
{
	autoenrichments struct enrichment_update *u = NULL;
	const struct str updater = STR("rhel-repository-to-cpe");
	struct update_summary sum;
	struct err err = { 0 };

	assert_int_equal(enrichments_begin(f->store, updater, &u, &err), 0);
	for (; *ids_and_data; ids_and_data += 2) {
		const struct str tag = str_of(ids_and_data[0]);
		const struct enrichment e = { updater, &tag, 1, str_of(ids_and_data[1]) };

		assert_int_equal(enrichments_put(u, &e, &err), 0);
	}
	assert_int_equal(enrichments_commit(u, STR("x"), time_now(), &sum, &err), 0);
}

static int set_up(void **state)
{
	static const char *const map[] = {
		"base",
		"{\"cpes\":[\"cpe:/o:redhat:enterprise_linux:9::baseos\",\"no CPE\",7,"
		"\"cpe:/a:redhat:rhel:9\",\"cpe:/a:redhat:rhel:9\"]}",
		"with space",
		"{\"cpes\":[\"cpe:/a:redhat:space:1\"]}",
		"empty",
		"{\"cpes\":[]}",
		"odd",
		"{\"cpes\":\"none\"}",
		NULL,
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-repositories-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->store, &err), 0);
	put_map(f, map);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	advisories_close(f->store);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

#define RHEL9 "cpe:2.3:a:redhat:rhel:9:*:*:*:*:*:*:*"
#define BASEOS9 "cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*"

static struct repository of_id(struct fixture *f, const char *id)
{
	return (struct repository){ .key = STR(REPOSITORY_KEY_RHEL_CPE),
				    .uri = repoid_query(&f->task.arena, str_of(id)) };
}

static void add_package(struct fixture *f, struct index_report *r, const uint32_t *repositories, size_t n)
{
	struct indexed_package p = { .package = { .name = STR("p") } };

	VEC_PUSH(&f->task.arena, &p.environments,
		 ((struct environment){ .repositories = repositories, .repository_count = n }));
	VEC_PUSH(&f->task.arena, &r->packages, p);
}

/* "name|uri " of each repository of a package. */
static struct str shown(struct fixture *f, const struct index_report *r, size_t package)
{
	const struct environment *e = &r->packages.p[package].environments.p[0];
	struct str all = STR("");

	for (size_t i = 0; i < e->repository_count; i++) {
		const struct repository *x = &r->repositories.p[e->repositories[i]];

		assert_true(x->name.n == 0 || !str_eq(x->key, STR(REPOSITORY_KEY_RHEL_CPE)) ||
			    str_eq(x->name, x->cpe));
		all = str_format(&f->task.arena, STR_FMT STR_FMT "|" STR_FMT " ", STR_ARG(all),
				 STR_ARG(x->name), STR_ARG(x->uri));
	}
	return all;
}

static void an_id_becomes_its_platforms(void **state)
{
	static const uint32_t all[] = { 0, 1, 2 }, second[] = { 1 }, rest[] = { 3, 4 };
	struct fixture *f = *state;
	struct index_report r = { .manifest_hash = STR("sha256:a") };
	struct err err = { 0 };

	VEC_PUSH(&f->task.arena, &r.repositories, of_id(f, "base"));
	VEC_PUSH(&f->task.arena, &r.repositories, of_id(f, "with space"));
	VEC_PUSH(&f->task.arena, &r.repositories, of_id(f, "never heard of"));
	VEC_PUSH(&f->task.arena, &r.repositories,
		 ((struct repository){ .name = STR("known"), .key = STR(REPOSITORY_KEY_RHEL_CPE) }));
	VEC_PUSH(&f->task.arena, &r.repositories, ((struct repository){ .name = STR("pypi") }));
	add_package(f, &r, all, 3);
	add_package(f, &r, second, 1);
	add_package(f, &r, rest, 1);
	add_package(f, &r, rest + 1, 1);
	add_package(f, &r, NULL, 0);
	r.repositories.p[3].cpe = r.repositories.p[3].name;
	assert_int_equal(repositories_expand(&f->task, f->store, &r, &err), 0);
	assert_str_is(shown(f, &r, 0), RHEL9 "|repoid=base " BASEOS9 "|repoid=base "
					     "cpe:2.3:a:redhat:space:1:*:*:*:*:*:*:*|repoid=with+space "
					     "|repoid=never+heard+of ");
	assert_str_is(shown(f, &r, 1), "cpe:2.3:a:redhat:space:1:*:*:*:*:*:*:*|repoid=with+space ");
	assert_str_is(shown(f, &r, 2), "known| ");
	assert_str_is(shown(f, &r, 3), "pypi| ");
	assert_str_is(shown(f, &r, 4), "");
	assert_int_equal(r.repositories.n, 6);
	assert_int_equal(repositories_expand(&f->task, f->store, &r, &err), 0); /* once is enough */
	assert_int_equal(r.repositories.n, 6);
}

static void a_map_that_makes_no_sense_or_none_at_all_leaves_the_id(void **state)
{
	static const char *const ids[] = { "empty", "odd", "" };
	static const uint32_t first[] = { 0 };
	struct fixture *f = *state;
	struct err err = { 0 };

	for (size_t i = 0; i < 4; i++) {
		struct index_report r = { .manifest_hash = STR("sha256:a") };

		VEC_PUSH(&f->task.arena, &r.repositories, of_id(f, i < 3 ? ids[i] : "base"));
		add_package(f, &r, first, 1);
		assert_int_equal(repositories_expand(&f->task, i < 3 ? f->store : NULL, &r, &err), 0);
		assert_int_equal(r.repositories.n, 1);
		assert_int_equal(r.repositories.p[0].name.n, 0);
		assert_int_equal(r.packages.p[0].environments.p[0].repository_count, 1);
	}
}

static void records_are_resolved_as_reports_are(void **state)
{
	struct fixture *f = *state;
	struct repository_resolver resolver = { &f->task, f->store, { .arena = &f->task.arena } };
	const struct repository base = of_id(f, "base"), lost = of_id(f, "lost"),
				pypi = { .name = STR("pypi") };
	const struct repository *const list[] = { &base, &pypi, &lost };
	struct err err = { 0 };

	for (int i = 0; i < 2; i++) {
		repository_pointers out = { 0 };

		assert_int_equal(repositories_resolve(&resolver, list, 3, &f->task.arena, &out, &err), 0);
		assert_int_equal(out.n, 4);
		assert_str_is(out.p[0]->name, RHEL9);
		assert_str_is(out.p[1]->cpe, BASEOS9);
		assert_ptr_equal(out.p[2], &pypi);
		assert_str_is(out.p[3]->uri, "repoid=lost");
	}
	assert_int_equal(resolver.known.n, 2);
	resolver.store = NULL;
	resolver.known.n = 0;
	repository_pointers out = { 0 };
	assert_int_equal(repositories_resolve(&resolver, list, 3, &f->task.arena, &out, &err), 0);
	assert_int_equal(out.n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_id_becomes_its_platforms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_map_that_makes_no_sense_or_none_at_all_leaves_the_id,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(records_are_resolved_as_reports_are, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
