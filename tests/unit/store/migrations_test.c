/* SPDX-License-Identifier: Apache-2.0 */
/* Files of older schema versions are opened and keep what they hold. An old file is made of a new one, by
 * taking away what later versions added. */
#include "store_case.h"

#include "base/task.h"
#include "store/enrichments.h"
#include "store/manifests.h"
#include "store/operations.h"
#include "store/reports.h"

static void update(struct advisory_store *s, const char *const *names)
{
	autoupdate struct update *u = NULL;
	struct update_summary sum;
	struct err err = { 0 };

	ok(update_begin(s, STR("debian/updater"), &u, &err), &err);
	for (; *names; names++) {
		struct advisory a = { .key = { STR("debian:12"), STR("bash") },
				      .name = str_of(*names),
				      .description = str_of(*names) };

		ok(update_put(u, &a, &err), &err);
	}
	ok(update_commit(u, STR("f"), 5, &sum, &err), &err);
}

static struct advisory_store *open_advisories(const struct store_case *c)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open(c->path, STORE_WRITE, &s, &err), &err);
	return s;
}

struct counter {
	struct diff_sink sink;
	int added, removed;
};

static int on_added(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	(void)err;
	assert_str(a->description, a->name);
	((struct counter *)sink)->added++;
	return 0;
}

static int on_removed(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	(void)a, (void)err;
	((struct counter *)sink)->removed++;
	return 0;
}

static void version_1_of_advisories_keeps_its_history(void **state)
{
	static const char *const first[] = { "CVE-1", "CVE-2", NULL }, *const second[] = { "CVE-2", "CVE-3",
											   NULL };
	const struct store_case *c = *state;
	struct advisory_store *s = open_advisories(c);
	autotask struct task task = { 0 };
	update_operations list = { 0 };
	struct counter n = { .sink = { on_added, on_removed } };
	uint64_t generation = 0;
	struct err err = { 0 };

	update(s, first);
	update(s, second);
	advisories_close(s);
	store_case_sql(c, "advisories.db",
		       "DROP TABLE forgotten; DROP TABLE generation; DROP TABLE advisory_change; DROP TABLE "
		       "enrichment;"
		       "DROP TABLE enrichment_text; ALTER TABLE updater DROP COLUMN enrichments;"
		       "ALTER TABLE advisory DROP COLUMN version_range; PRAGMA user_version = 1");
	s = open_advisories(c);
	ok(advisories_generation(s, &generation, &err), &err);
	assert_int_equal(generation, 2);
	ok(operations_list(s, &task, OPERATION_VULNERABILITY, false, &list, &err), &err);
	assert_int_equal(list.n, 2);
	ok(operations_diff(s, &task, &list.p[1], &list.p[0], &n.sink, &err), &err);
	assert_int_equal(n.added, 1);
	assert_int_equal(n.removed, 1);
	assert_int_equal(operation_delete(s, list.p[0].ref, 9, &err), 1);
	n.added = 0;
	ok(advisories_each(s, &task, STR("debian/updater"), &n.sink, &err), &err);
	assert_int_equal(n.added, 2);
	ok(enrichments_generation(s, &generation, &err), &err);
	assert_int_equal(generation, 0);
	advisories_close(s);
	store_case_intact(c, "advisories.db");
}

static void version_2_of_advisories_does_not_know_what_it_forgot(void **state)
{
	static const char *const first[] = { "CVE-1", NULL };
	const struct store_case *c = *state;
	struct advisory_store *s = open_advisories(c), *view = NULL;
	int64_t earliest = 0;
	struct err err = { 0 };

	update(s, first);
	assert_int_equal(advisories_history(s, 0, &earliest, &err), 1);
	assert_int_equal(earliest, 5);
	advisories_close(s);
	store_case_sql(c, "advisories.db",
		       "DROP TABLE forgotten; INSERT INTO updater(name, last_attempt) VALUES('new', 4);"
		       "INSERT INTO updater(name, changed_at) VALUES('undone', 9);"
		       "INSERT INTO updater(name, changed_at, enrichments) VALUES('clair.cvss', 50, 3);"
		       "PRAGMA user_version = 2");
	s = open_advisories(c);
	assert_int_equal(store_case_number(c, "advisories.db", "SELECT count(*) FROM forgotten"), 2);
	assert_int_equal(advisories_as_of(s, 8, &view, &err), E_CONFIG);
	ok(advisories_as_of(s, 9, &view, &err), &err);
	advisories_close(view);
	advisories_close(s);
	store_case_intact(c, "advisories.db");
}

static struct index_store *open_index(const struct store_case *c)
{
	struct index_store *s = NULL;
	struct err err = { 0 };

	ok(index_store_open(c->path, &s, &err), &err);
	return s;
}

static int count_record(void *ctx, const struct stored_record *r, struct err *err)
{
	(void)r, (void)err;
	++*(int *)ctx;
	return 0;
}

static void version_2_of_the_index_keeps_its_reports(void **state)
{
	static const char *const layers[] = { "sha256:base", NULL };
	const struct store_case *c = *state;
	struct index_store *s = open_index(c);
	autotask struct task task = { 0 };
	struct index_report r = report_of(&task.arena, "m", layers);
	struct manifest_status m;
	int records = 0;
	uint64_t revision;
	struct err err = { 0 };

	report_add(&task.arena, &r, "status", 0, "bash", "");
	ok(index_put_report(s, &r, STR("s"), &err), &err);
	index_store_close(s);
	store_case_sql(c, "index.db",
		       "DROP TABLE counter; DROP TABLE index_job; DROP INDEX record_name; DROP INDEX "
		       "record_source; DROP INDEX manifest_set_set; DROP INDEX manifest_layer_layer;"
		       "ALTER TABLE manifest DROP COLUMN revision; ALTER TABLE manifest DROP COLUMN problem;"
		       "ALTER TABLE manifest DROP COLUMN is_permanent; PRAGMA user_version = 2");
	s = open_index(c);
	assert_int_equal(manifest_get(s, &task, STR("m"), true, &m, &err), 1);
	assert_true(m.is_finished && m.revision > 0);
	assert_int_equal(m.report.packages.n, 1);
	revision = m.revision;
	ok(index_put_report(s, &r, STR("s"), &err), &err);
	assert_int_equal(manifest_get(s, &task, STR("m"), false, &m, &err), 1);
	assert_true(m.revision > revision);
	ok(records_named(s, &task, &STR("bash"), 1, count_record, &records, &err), &err);
	assert_int_equal(records, 1);
	index_store_close(s);
	store_case_intact(c, "index.db");
}

#define t(f) cmocka_unit_test_setup_teardown(f, store_case_setup, store_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(version_1_of_advisories_keeps_its_history),
		t(version_2_of_advisories_does_not_know_what_it_forgot),
		t(version_2_of_the_index_keeps_its_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
