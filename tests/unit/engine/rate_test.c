/* SPDX-License-Identifier: Apache-2.0 */
/* ratings of the matches of a report, their order, and what is left of enrichments when some are hidden */
#include "../unit.h"

#include "base/time.h"
#include "engine/rate.h"
#include "model/rating.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ADVISORIES = 4 };

struct fixture {
	char dir[64];
	struct task task;
	struct advisory_store *store;
	struct index_report index;
	struct advisory advisories[ADVISORIES];
	struct vulnerability_report report;
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

/* Ids go down while matches go on, so that no order comes by itself. */
static void add(struct fixture *f, int i, struct str name, enum severity severity)
{
	f->advisories[i] = (struct advisory){ .id = 100 - (uint64_t)i,
					      .name = name,
					      .normalized_severity = severity };
	VEC_PUSH(&f->task.arena, &f->report.matches,
		 ((struct match){ .advisory = &f->advisories[i], .verdict = AFFECTED }));
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-rate-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->store, &err), 0);
	put(f, "clair.cvss",
	    (const char *const[]){ "CVE-2099-0002", "{\"baseScore\":9.8}", "CVE-2099-0003",
				   "{\"baseScore\":5.0}", NULL });
	put(f, "clair.epss",
	    (const char *const[]){ "CVE-2099-0003", "{\"epss\":0.5,\"percentile\":0.9}", "CVE-2099-0004",
				   "{\"epss\":0.75,\"percentile\":0.9}", NULL });
	put(f, "clair.kev", (const char *const[]){ "CVE-2099-0001", "{}", NULL });
	VEC_PUSH(&f->task.arena, &f->index.packages,
		 ((struct indexed_package){ .package = { .name = STR("p") } }));
	f->report.index = &f->index;
	add(f, 0, STR("CVE-2099-0001"), SEVERITY_HIGH);
	add(f, 1, STR("CVE-2099-0002"), SEVERITY_UNKNOWN);
	add(f, 2, STR("CVE-2099-0003"), SEVERITY_LOW);
	add(f, 3, STR("CVE-2099-0004"), SEVERITY_UNKNOWN);
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

static void matches_are_ordered_by_what_was_asked_for(void **state)
{
	static const struct {
		enum rate_order order;
		const char *want; /* last digits of names */
	} cases[] = {
		{ RATE_BY_SEVERITY, "2134" }, /* by CVSS, by the publisher, by the publisher, nobody */
		{ RATE_BY_CVSS, "2314" },
		{ RATE_BY_EPSS, "4321" },
		{ RATE_BY_KEV, "1234" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char order[ADVISORIES + 1] = { 0 };
		struct err err = { 0 };

		assert_int_equal(engine_rate(&f->task, f->store, cases[i].order, &f->report, &err), 0);
		for (int m = 0; m < ADVISORIES; m++)
			order[m] = f->report.matches.p[m].advisory->name.p[12];
		assert_string_equal(order, cases[i].want);
	}
	assert_int_equal(match_severity(&f->report.matches.p[1]), SEVERITY_CRITICAL);
}

static void hidden_matches_leave_no_enrichments(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	assert_int_equal(engine_rate(&f->task, f->store, RATE_BY_SEVERITY, &f->report, &err), 0);
	assert_int_equal(f->report.enrichments[ENRICHMENT_CVSS].n, 2);
	assert_true(f->report.enrichments[ENRICHMENT_CVSS].p[0].advisory <
		    f->report.enrichments[ENRICHMENT_CVSS].p[1].advisory);
	f->report.matches.p[0].verdict = UNDECIDED; /* ...2 */
	f->report.matches.n = 3; /* without ...4 */
	engine_rate_trim(&f->task, &f->report);
	assert_int_equal(f->report.enrichments[ENRICHMENT_CVSS].n, 1);
	assert_int_equal(f->report.enrichments[ENRICHMENT_CVSS].p[0].advisory, 98);
	assert_int_equal(f->report.enrichments[ENRICHMENT_EPSS].n, 1);
	assert_int_equal(f->report.enrichments[ENRICHMENT_KEV].n, 1);
}

static void a_report_without_matches_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	f->report.matches.n = 0;
	assert_int_equal(engine_rate(&f->task, f->store, RATE_BY_KEV, &f->report, &err), 0);
	engine_rate_trim(&f->task, &f->report);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(matches_are_ordered_by_what_was_asked_for),
		CASE(hidden_matches_leave_no_enrichments),
		CASE(a_report_without_matches_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
