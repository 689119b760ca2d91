/* SPDX-License-Identifier: Apache-2.0 */
/* labels of old containers become the repositories that advisories name */
#include "../unit.h"

#include "base/time.h"
#include "engine/container_names.h"
#include "model/repoid.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
	char dir[64];
	struct task task;
	struct advisory_store *store;
};

static int set_up(void **state)
{
	static const struct {
		const char *label, *data;
	} map[] = { { "label", "{\"repositories\":[\"z/two\",\"a/one\",7,\"\"]}" },
		    { "odd", "{\"repositories\":{}}" } };
	struct fixture *f = calloc(1, sizeof(*f));
	autoenrichments struct enrichment_update *u = NULL;
	const struct str updater = STR("rhel-container-names");
	struct update_summary sum;
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-names-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->store, &err), 0);
	assert_int_equal(enrichments_begin(f->store, updater, &u, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		const struct str tag = str_of(map[i].label);

		assert_int_equal(
			enrichments_put(u, &(struct enrichment){ updater, &tag, 1, str_of(map[i].data) },
					&err),
			0);
	}
	assert_int_equal(enrichments_commit(u, STR("x"), time_now(), &sum, &err), 0);
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

static void only_labels_of_old_containers_are_replaced(void **state)
{
	static const struct {
		const char *repository, *name;
		enum package_kind kind;
		bool has_store;
		const char *want; /* names in their order */
	} cases[] = {
		{ REPOSITORY_NAME_CATALOG, "label", PACKAGE_BINARY, true, "a/one z/two " },
		{ REPOSITORY_NAME_CATALOG, "label", PACKAGE_ANCESTRY, true, "a/one z/two " },
		{ REPOSITORY_NAME_CATALOG, "label", PACKAGE_SOURCE, true, "label " },
		{ REPOSITORY_NAME_CATALOG, "label", PACKAGE_BINARY, false, "label " },
		{ REPOSITORY_NAME_CATALOG, "odd", PACKAGE_BINARY, true, "odd " },
		{ REPOSITORY_NAME_CATALOG, "other", PACKAGE_BINARY, true, "other " },
		{ "cpe:2.3:a:redhat:quay:3:*:*:*:*:*:*:*", "label", PACKAGE_BINARY, true, "label " },
	};
	static const uint32_t first[] = { 0 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = &f->task.arena;
		struct index_report r = { .manifest_hash = STR("sha256:a") };
		struct indexed_package p = { .package = { .name = str_of(cases[i].name),
							  .kind = cases[i].kind } };
		struct str names = STR("");
		struct err err = { 0 };

		VEC_PUSH(a, &r.repositories,
			 ((struct repository){ .name = str_of(cases[i].repository),
					       .key = STR(REPOSITORY_KEY_RHCC) }));
		VEC_PUSH(a, &p.environments,
			 ((struct environment){ .repositories = first, .repository_count = 1 }));
		VEC_PUSH(a, &r.packages, p);
		assert_int_equal(
			container_names_expand(&f->task, cases[i].has_store ? f->store : NULL, &r, &err), 0);
		VEC_EACH (const struct indexed_package, x, &r.packages) {
			assert_int_equal(x->environments.n, 1);
			names = str_format(a, STR_FMT STR_FMT " ", STR_ARG(names), STR_ARG(x->package.name));
		}
		assert_str_is(names, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_labels_of_old_containers_are_replaced, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
