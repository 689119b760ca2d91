/* SPDX-License-Identifier: Apache-2.0 */
/* update, fetch, match: from a mirror in a folder to a report */
#include "../unit.h"

#include "base/cursor.h"
#include "base/time.h"
#include "engine/match.h"
#include "engine/update.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	struct task task;
	struct log log;
	struct sandbox sandbox;
	struct advisory_store *store;
	struct str last_error;
};

static void put_file(const struct fixture *f, const char *path, const char *text)
{
	char full[512], command[600];
	FILE *out;

	snprintf(full, sizeof(full), "%s/%s", f->dir, path);
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s')\"", full);
	assert_int_equal(system(command), 0);
	out = fopen(full, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const char secdb[] = "{\"distroversion\":\"v3.18\",\"reponame\":\"main\",\"packages\":[{\"pkg\":{"
			    "\"name\":\"openssl\",\"secfixes\":"
			    "{\"3.1.1-r2\":[\"CVE-2023-2975\"],\"3.1.2-r0\":[\"CVE-2023-3446\",\"CVE-2023-"
			    "3817\"],\"0\":[\"CVE-2022-3996\"]}}}]}";
static const char tracker[] = "{\"openssl\":{\"CVE-2014-0160\":{\"description\":\"heartbeat\",\"scope\":"
			      "\"remote\",\"releases\":{\"wheezy\":"
			      "{\"status\":\"resolved\",\"repositories\":{\"wheezy\":\"1.0.1e-2+deb7u4\"},"
			      "\"fixed_version\":\"1.0.1e-2+deb7u5\","
			      "\"urgency\":\"medium\"}}}}}";

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-update-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	put_file(f, "mirror/alpine/v3.18/main.json", secdb);
	put_file(f, "mirror/debian/tracker/data/json", tracker);
	put_file(f, "mirror/debian/dists/wheezy/Release", "Suite: oldoldstable\nVersion: 7.11\n");
	f->log.level = -1;
	f->sandbox.worker_path = str_format(&f->task.arena, "%s/clair-worker",
					    getenv("CLAIR_BUILD") ? getenv("CLAIR_BUILD") : "build")
					 .p;
	assert_int_equal(
		advisories_open(str_format(&f->task.arena, "%s/data", f->dir), STORE_WRITE, &f->store, &err),
		0);
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

static void remember_error(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
			   struct str error)
{
	struct fixture *f = ctx;

	(void)updater;
	(void)changed;
	(void)summary;
	if (error.n)
		f->last_error = str_copy(&f->task.arena, error);
}

static struct update_totals update_with(struct fixture *f, struct update_options options)
{
	struct update_totals totals;
	struct err err = { 0 };

	options.sandbox = &f->sandbox;
	options.mirror = str_format(&f->task.arena, "file://%s/mirror", f->dir);
	options.log = &f->log;
	options.progress = remember_error;
	options.progress_ctx = f;
	f->last_error = (struct str){ 0 };
	assert_int_equal(engine_update(&f->task, f->store, NULL, 0, &options, &totals, &err), 0);
	return totals;
}

static struct update_totals update(struct fixture *f)
{
	return update_with(f, (struct update_options){ 0 });
}

static void an_update_loads_what_changed_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct update_totals t = update(f);
	struct updater_state u;
	struct err err = { 0 };

	assert_int_equal(t.updaters, 2);
	assert_int_equal(t.changed, 2);
	assert_int_equal(t.failed, 0);
	t = update(f);
	assert_int_equal(t.updaters, 2);
	assert_int_equal(t.changed, 0);
	assert_int_equal(advisories_updater(f->store, &f->task, STR("alpine-main-v3.18-updater"), &u, &err),
			 0);
	assert_int_equal(u.advisories, 4);
	assert_int_equal(u.last_error.n, 0);
	assert_true(u.last_success > 0);
}

static void a_failed_updater_keeps_its_data_and_the_others_go_on(void **state)
{
	struct fixture *f = *state;
	struct update_totals t = update(f);
	struct updater_state u;
	struct err err = { 0 };

	put_file(f, "mirror/alpine/v3.18/main.json", "{\"packages\":[{\"pkg\":");
	put_file(f, "mirror/debian/tracker/data/json",
		 "{\"bash\":{\"CVE-2014-6271\":{\"releases\":{\"wheezy\":{\"status\":\"open\"}}}}}");
	t = update(f);
	assert_int_equal(t.failed, 1);
	assert_int_equal(t.changed, 1);
	assert_true(f->last_error.n > 0);
	assert_int_equal(advisories_updater(f->store, &f->task, STR("alpine-main-v3.18-updater"), &u, &err),
			 0);
	assert_int_equal(u.advisories, 4);
	assert_true(u.last_error.n > 0);
	put_file(f, "mirror/alpine/v3.18/main.json", secdb);
	t = update(f);
	assert_int_equal(t.failed, 0);
}

static void an_empty_document_is_refused(void **state)
{
	struct fixture *f = *state;

	put_file(f, "mirror/alpine/v3.18/main.json", "");
	assert_int_equal(update(f).failed, 1);
}

static void a_mirror_that_is_not_there_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct update_options options = { .mirror = STR("/no/such/folder"), .log = &f->log };
	struct update_totals totals;
	struct err err = { 0 };

	assert_int_equal(engine_update(&f->task, f->store, NULL, 0, &options, &totals, &err), E_NOTFOUND);
	options.mirror = STR("ftp://example.org/");
	assert_int_equal(engine_update(&f->task, f->store, NULL, 0, &options, &totals, &err), E_CONFIG);
}

static uint64_t valid(struct fixture *f, const char *updater)
{
	struct updater_state u;
	struct err err = { 0 };

	assert_int_equal(advisories_updater(f->store, &f->task, str_of(updater), &u, &err), 0);
	return u.advisories;
}

/* A tracker with so many good and malformed records. */
static void put_tracker(const struct fixture *f, unsigned good, unsigned bad)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };

	put_bytes(&b, STR("{\"bash\":{\"x\":{\"releases\":{}}"));
	for (unsigned i = 0; i < good + bad; i++)
		put_bytes(&b, str_format(&a, ",\"CVE-2099-%u\":{\"releases\":{\"wheezy\":%s}}", 1000 + i,
					 i < good ? "{\"status\":\"open\"}" : "7"));
	put_bytes(&b, STR("}}"));
	put_file(f, "mirror/debian/tracker/data/json", str_copy(&a, buffer_str(&b)).p);
}

static void a_few_malformed_records_are_left_out_and_many_refused(void **state)
{
	static const struct {
		unsigned good, bad;
		bool is_fine;
	} cases[] = {
		{ 10, 1, true },    { 5, 10, true },	 { 10, 11, false },
		{ 1990, 20, true }, { 1900, 20, false }, { 0, 3, false },
	};
	struct fixture *f = *state;
	uint64_t want = 1;

	update(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_tracker(f, cases[i].good, cases[i].bad);
		assert_int_equal(update(f).failed, !cases[i].is_fine);
		if (cases[i].is_fine)
			want = cases[i].good;
		assert_int_equal(valid(f, "debian/updater"), want);
	}
}

/* Not "no records, where there were 0". */
static void a_first_document_without_a_readable_record_is_refused(void **state)
{
	struct fixture *f = *state;

	put_tracker(f, 0, 3);
	assert_int_equal(update(f).failed, 1);
	assert_true(str_search(f->last_error, STR("none of 3 records can be read")) < f->last_error.n);
}

static void a_document_that_lost_everything_is_refused_but_by_force(void **state)
{
	struct fixture *f = *state;

	update(f);
	put_file(f, "mirror/debian/tracker/data/json", "{}");
	assert_int_equal(update(f).failed, 1);
	assert_true(str_search(f->last_error, STR("the old data stay")) < f->last_error.n);
	assert_int_equal(valid(f, "debian/updater"), 1);
	assert_int_equal(update_with(f, (struct update_options){ .force = true }).failed, 0);
	assert_int_equal(valid(f, "debian/updater"), 0);
}

static void a_filter_chooses_updaters_by_name(void **state)
{
	struct fixture *f = *state;
	struct update_options options = { .filter = STR("^alpine-(main|community)-v3\\.[0-9]+"),
					  .log = &f->log };
	struct update_totals totals;
	struct err err = { 0 };

	assert_int_equal(update_with(f, options).updaters, 1);
	options.filter = STR("nothing");
	assert_int_equal(update_with(f, options).updaters, 0);
	options.filter = STR("(");
	assert_int_equal(engine_update(&f->task, f->store, NULL, 0, &options, &totals, &err), E_CONFIG);
	assert_true(strstr(err.text, "updaters.filter") != NULL);
}

static void fresh_updaters_are_not_asked(void **state)
{
	struct fixture *f = *state;
	struct update_options options = { .due_before = time_now() - 100 };
	struct update_totals t = update_with(f, options); /* never run: due */

	assert_int_equal(t.updaters, 2);
	put_file(f, "mirror/alpine/v3.18/main.json", "broken");
	t = update_with(f, options);
	assert_int_equal(t.updaters, 0);
	assert_int_equal(t.fresh, 2);
	assert_true(t.oldest_fresh > options.due_before);
	options.due_before = time_now() + 100;
	t = update_with(f, options);
	assert_int_equal(t.updaters, 2);
	assert_int_equal(t.failed, 1);
}

static void many_updaters_run_at_once(void **state)
{
	struct fixture *f = *state;
	struct update_totals t;
	char path[64], name[64];

	for (int i = 1; i <= 20; i++) {
		snprintf(path, sizeof(path), "mirror/alpine/v3.%d/main.json", i);
		put_file(f, path, i == 7 ? "{" : secdb);
	}
	t = update_with(f, (struct update_options){ .threads = 4 });
	assert_int_equal(t.updaters, 21);
	assert_int_equal(t.failed, 1);
	assert_int_equal(t.changed, 20);
	for (int i = 1; i <= 20; i++) {
		snprintf(name, sizeof(name), "alpine-main-v3.%d-updater", i);
		assert_int_equal(valid(f, name), i == 7 ? 0 : 4);
	}
	t = update_with(f, (struct update_options){ .threads = 4, .memory_bytes = 1 });
	assert_int_equal(t.changed, 0);
}

static void a_canceled_update_ends(void **state)
{
	struct fixture *f = *state;
	const atomic_bool canceled = true;
	struct update_options options = { .sandbox = &f->sandbox, .log = &f->log };
	struct update_totals totals;
	struct err err = { 0 };

	options.mirror = str_format(&f->task.arena, "%s/mirror", f->dir);
	f->task.canceled = &canceled;
	assert_int_equal(engine_update(&f->task, f->store, NULL, 0, &options, &totals, &err), E_CANCELED);
	assert_int_equal(valid(f, "debian/updater"), 0);
}

/* ---- matching ---- */

static void add_package(struct fixture *f, struct index_report *r, int32_t distribution, struct package p)
{
	struct indexed_package *i = VEC_ADD(&f->task.arena, &r->packages);

	*i = (struct indexed_package){ .package = p };
	i->package.kind = PACKAGE_BINARY;
	VEC_PUSH(&f->task.arena, &i->environments,
		 ((struct environment){ .package_db = STR("db"), .distribution = distribution }));
}

static void packages_meet_their_advisories_and_gaps_are_told(void **state)
{
	struct fixture *f = *state;
	struct match_options options = { .with_text = true, .now = 1700000000 };
	const struct str alpine = STR("alpine-matcher");
	struct index_report r = { 0 };
	struct vulnerability_report v;
	struct err err = { 0 };

	update(f);
	VEC_PUSH(&f->task.arena, &r.layers, STR("sha256:1"));
	VEC_PUSH(&f->task.arena, &r.distributions,
		 ((struct distribution){
			 .did = STR("debian"), .version_id = STR("7"), .pretty_name = STR("Debian 7") }));
	VEC_PUSH(&f->task.arena, &r.distributions,
		 ((struct distribution){
			 .did = STR("alpine"), .version = STR("3.2"), .pretty_name = STR("Alpine v3.2") }));
	VEC_PUSH(&f->task.arena, &r.distributions,
		 ((struct distribution){ .did = STR("gentoo"), .name = STR("Gentoo") }));
	add_package(f, &r, 0,
		    (struct package){ .name = STR("libssl1.0.0"),
				      .version = STR("1.0.1e-2+deb7u4"),
				      .source_name = STR("openssl"),
				      .source_version = STR("1.0.1e-2+deb7u4") });
	add_package(f, &r, 0, (struct package){ .name = STR("openssl"), .version = STR("1.0.1e-2+deb7u5") });
	add_package(f, &r, 1, (struct package){ .name = STR("musl"), .version = STR("1.1-r0") });
	add_package(f, &r, 2, (struct package){ .name = STR("x"), .version = STR("1") });
	add_package(f, &r, -1, (struct package){ .name = STR("y"), .version = STR("1") });
	assert_int_equal(engine_match(&f->task, f->store, &r, &options, &v, &err), 0);
	assert_int_equal(v.matches.n, 1);
	assert_str_is(v.matches.p[0].advisory->name, "CVE-2014-0160");
	assert_str_is(v.matches.p[0].advisory->description, "heartbeat");
	assert_int_equal(v.matches.p[0].package, 0);
	assert_true(v.is_uncovered);
	assert_int_equal(v.coverage.n, 4);
	assert_int_equal(v.coverage.p[0].packages, 2);
	assert_int_equal(v.coverage.p[0].packages_matched, 2);
	assert_int_equal(v.coverage.p[0].problem.n, 0);
	assert_str_is(v.coverage.p[0].updaters.p[0], "debian/updater");
	assert_str_is(v.coverage.p[1].problem,
		      "there are no advisories for Alpine v3.2 (alpine:3.2): run `clair update alpine`");
	assert_str_is(v.coverage.p[2].problem, "no feed covers Gentoo");
	assert_str_is(v.coverage.p[3].problem,
		      "the distribution is unknown: the image has no release file that we know");
	assert_int_equal(v.feeds.n, 1);
	options.only_named = true;
	options.matchers = &alpine;
	options.matcher_count = 1;
	assert_int_equal(engine_match(&f->task, f->store, &r, &options, &v, &err), 0);
	assert_int_equal(v.matches.n, 0);
	assert_str_is(v.coverage.p[0].problem, "debian-matcher is turned off: see matchers.names");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_update_loads_what_changed_and_nothing_else, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_failed_updater_keeps_its_data_and_the_others_go_on, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_empty_document_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_mirror_that_is_not_there_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_few_malformed_records_are_left_out_and_many_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_first_document_without_a_readable_record_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_document_that_lost_everything_is_refused_but_by_force,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_filter_chooses_updaters_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fresh_updaters_are_not_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_updaters_run_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_canceled_update_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(packages_meet_their_advisories_and_gaps_are_told, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
