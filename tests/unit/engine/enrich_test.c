/* SPDX-License-Identifier: Apache-2.0 */
/* enrichments of advisories: by the ids in names and links, all that is said, in the order of the question */
#include "../unit.h"

#include "base/limits.h"
#include "base/time.h"
#include "engine/enrich.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	struct task task;
	struct advisory_store *store;
};

static void put(struct fixture *f, const char *updater, const char *const *tags_and_data)
{
	autoenrichments struct enrichment_update *u = NULL;
	struct update_summary sum;
	struct err err = { 0 };

	assert_int_equal(enrichments_begin(f->store, str_of(updater), &u, &err), 0);
	for (; *tags_and_data; tags_and_data += 2) {
		const struct str tag = str_of(tags_and_data[0]);
		const struct enrichment e = { str_of(updater), &tag, 1, str_of(tags_and_data[1]) };

		assert_int_equal(enrichments_put(u, &e, &err), 0);
	}
	assert_int_equal(enrichments_commit(u, STR("x"), time_now(), &sum, &err), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-enrich-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->store, &err), 0);
	put(f, "clair.cvss",
	    (const char *const[]){ "CVE-2099-0001", "{\"s\":1}", "CVE-2099-0002", "{\"s\":2}", NULL });
	put(f, "clair.kev", (const char *const[]){ "CVE-2099-0002", "{\"k\":2}", NULL });
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

static void ids_of_names_and_links_count_and_those_of_descriptions_do_not(void **state)
{
	const struct advisory a = { .id = 10, .name = STR("DSA-1"), .description = STR("as CVE-2099-0001") };
	const struct advisory b = {
		.id = 20,
		.name = STR("CVE-2099-0002"),
		.links = STR("https://x.example/cve-2099-0002 https://x.example/CVE-2099-0001")
	};
	const struct advisory c = { .id = 5, .name = STR("CVE-2099-0001") };
	const struct advisory *list[] = { &a, &b, &c };
	enriched_list out[ENRICHMENT_KINDS] = { 0 };
	struct fixture *f = *state;
	struct err err = { 0 };

	assert_int_equal(engine_enrich(&f->task, f->store, list, 3, out, &err), 0);
	assert_int_equal(out[ENRICHMENT_CVSS].n, 2);
	assert_int_equal(out[ENRICHMENT_CVSS].p[0].advisory, 20);
	assert_int_equal(out[ENRICHMENT_CVSS].p[0].n, 2);
	assert_str_is(out[ENRICHMENT_CVSS].p[0].data[0], "{\"s\":2}");
	assert_str_is(out[ENRICHMENT_CVSS].p[0].data[1], "{\"s\":1}");
	assert_int_equal(out[ENRICHMENT_CVSS].p[1].advisory, 5);
	assert_int_equal(out[ENRICHMENT_EPSS].n, 0);
	assert_int_equal(out[ENRICHMENT_KEV].n, 1);
	assert_str_is(out[ENRICHMENT_KEV].p[0].data[0], "{\"k\":2}");
	assert_int_equal(engine_enrich(&f->task, f->store, list, 0, out, &err), 0);
	assert_int_equal(out[ENRICHMENT_CVSS].n, 0);
}

static void links_without_end_cost_a_bounded_number_of_ids(void **state)
{
	struct fixture *f = *state;
	enriched_list out[ENRICHMENT_KINDS] = { 0 };
	struct advisory a = { .id = 1, .name = STR("x") };
	const struct advisory *list[] = { &a };
	char *links = calloc(1, 200000);
	struct err err = { 0 };
	size_t n = 0;

	for (unsigned i = 0; i < LIMIT_ADVISORY_CVES; i++)
		n += (size_t)snprintf(links + n, 64, "CVE-2098-%u ", 10000 + i);
	snprintf(links + n, 64, "CVE-2099-0001");
	a.links = str_of(links);
	assert_int_equal(engine_enrich(&f->task, f->store, list, 1, out, &err), 0);
	assert_int_equal(out[ENRICHMENT_CVSS].n, 0);
	a.links = str_of(links + strlen("CVE-2098-10000 "));
	assert_int_equal(engine_enrich(&f->task, f->store, list, 1, out, &err), 0);
	assert_int_equal(out[ENRICHMENT_CVSS].n, 1);
	free(links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ids_of_names_and_links_count_and_those_of_descriptions_do_not,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_without_end_cost_a_bounded_number_of_ids, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
