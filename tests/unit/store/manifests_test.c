/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests as the service sees them: jobs, what is shown of one in each state, deleting. */
#include "store_case.h"

#include "base/task.h"
#include "store/manifests.h"
#include "store/reports.h"

#define DB "index.db"

static const char *const two_layers[] = { "sha256:base", "sha256:top", NULL };

static struct index_store *open_store(const struct store_case *c)
{
	struct index_store *s = NULL;
	struct err err = { 0 };

	ok(index_store_open_at(&c->place, &s, &err), &err);
	return s;
}

static void put(struct index_store *s, const char *hash, const char *const *layers, const char *state)
{
	autoarena struct arena a = { 0 };
	struct index_report r = report_of(&a, hash, layers);
	struct err err = { 0 };

	report_add(&a, &r, "var/lib/dpkg/status", 0, "bash", "");
	ok(index_put_report(s, &r, str_of(state), &err), &err);
}

static int begin(struct index_store *s, const char *hash)
{
	struct err err = { 0 };
	int got = index_job_begin(s, str_of(hash), 60, STR("{\"layers\":[]}"), &err);

	ok(got, &err);
	return got;
}

static void end(struct index_store *s, const char *hash, const char *problem, bool is_permanent)
{
	struct err err = { 0 };

	ok(index_job_end(s, str_of(hash), str_of(problem), is_permanent, &err), &err);
}

static int get(struct index_store *s, struct task *task, const char *hash, struct manifest_status *out)
{
	struct err err = { 0 };
	int got = manifest_get(s, task, str_of(hash), true, out, &err);

	ok(got, &err);
	return got;
}

/* Make the holder of all jobs another process. */
static void orphan_jobs(const struct store_case *c)
{
	store_case_sql(c, DB, "UPDATE index_job SET pid = 2147483646, started = 1");
}

static void a_manifest_is_shown_in_the_state_it_is_in(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct manifest_status m;
	struct err err = { 0 };

	assert_int_equal(get(s, &task, "m", &m), 0);
	assert_int_equal(begin(s, "m"), 1);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR(""));
	assert_false(m.is_finished);
	ok(index_job_state(s, STR("m"), STR("ScanLayers"), &err), &err);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR("ScanLayers"));
	end(s, "m", "failed to fetch layers: no", true);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR("IndexError"));
	assert_str(m.problem, STR("failed to fetch layers: no"));
	assert_str(m.made_by, STR(""));
	assert_true(m.is_permanent && !m.is_finished);
	assert_int_equal(begin(s, "m"), 1);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR(""));
	assert_str(m.problem, STR(""));
	put(s, "m", two_layers, "token");
	end(s, "m", "", false);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR("IndexFinished"));
	assert_str(m.problem, STR(""));
	assert_str(m.made_by, STR("token"));
	assert_true(m.is_finished && !m.is_permanent);
	assert_int_equal(m.report.packages.n, 1);
	assert_int_equal(m.report.layers.n, 2);
	assert_str(m.report.manifest_hash, STR("m"));
	index_store_close(s);
}

static void a_finished_report_stands_while_and_after_another_attempt(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct manifest_status m, before;

	put(s, "m", two_layers, "old");
	assert_int_equal(get(s, &task, "m", &before), 1);
	assert_int_equal(begin(s, "m"), 1);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR("IndexFinished"));
	assert_int_equal(m.report.packages.n, 1);
	end(s, "m", "broken", false);
	assert_int_equal(get(s, &task, "m", &m), 1);
	assert_str(m.state, STR("IndexFinished"));
	assert_str(m.problem, STR("broken"));
	assert_str(m.made_by, STR("old"));
	assert_int_equal(m.report.packages.n, 1);
	assert_int_equal(m.revision, before.revision);
	index_store_close(s);
}

static void a_replaced_report_has_a_new_revision_and_no_problem(void **state)
{
	static const char *const other[] = { "sha256:other", NULL };
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct manifest_status m;
	uint64_t last = 0;
	struct err err = { 0 };
	str_list gone;

	put(s, "m", two_layers, "s");
	end(s, "m", "broken", true);
	for (int i = 0; i < 4; i++) {
		put(s, "m", i == 2 ? other : two_layers, "s");
		assert_int_equal(get(s, &task, "m", &m), 1);
		assert_true(m.revision > last);
		assert_str(m.problem, STR(""));
		assert_false(m.is_permanent);
		assert_int_equal(m.report.layers.n, i == 2 ? 1 : 2);
		last = m.revision;
		ok(manifests_delete(s, &task, &m.report.manifest_hash, i % 2, &gone, &err), &err);
	}
	index_store_close(s);
}

static void a_status_alone_has_no_report(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct manifest_status m;
	struct err err = { 0 };

	put(s, "m", two_layers, "s");
	assert_int_equal(manifest_get(s, &task, STR("m"), false, &m, &err), 1);
	assert_true(m.is_finished);
	assert_int_equal(m.report.packages.n, 0);
	assert_str(m.report.manifest_hash, STR("m"));
	index_store_close(s);
}

/* ---- jobs ---- */

static void a_job_has_one_holder(void **state)
{
	struct index_store *s = open_store(*state);
	struct err err = { 0 };
	uint64_t running = 9;

	assert_int_equal(begin(s, "m"), 1);
	assert_int_equal(begin(s, "m"), 0);
	assert_int_equal(begin(s, "n"), 1);
	ok(index_jobs_running(s, &running, &err), &err);
	assert_int_equal(running, 2);
	ok(index_job_renew(s, STR("m"), 90, &err), &err);
	end(s, "m", "", false);
	assert_int_equal(begin(s, "m"), 1);
	assert_int_equal(index_job_renew(s, STR("unknown"), 90, &err), E_CONFLICT);
	assert_int_equal(index_job_state(s, STR("unknown"), STR("Coalesce"), &err), E_CONFLICT);
	index_store_close(s);
}

static void a_job_whose_holder_is_gone_is_listed_and_may_be_taken(void **state)
{
	const struct store_case *c = *state;
	struct index_store *s = open_store(c);
	autotask struct task task = { 0 };
	index_jobs jobs = { 0 };
	uint64_t running = 9;
	struct err err = { 0 };

	begin(s, "m");
	begin(s, "n");
	ok(index_job_state(s, STR("m"), STR("ScanLayers"), &err), &err);
	ok(index_jobs_abandoned(s, &task, &jobs, &err), &err);
	assert_int_equal(jobs.n, 0);
	orphan_jobs(c);
	ok(index_jobs_abandoned(s, &task, &jobs, &err), &err);
	assert_int_equal(jobs.n, 2);
	assert_str(jobs.p[0].manifest_hash, STR("m"));
	assert_str(jobs.p[0].state, STR("ScanLayers"));
	assert_str(jobs.p[0].request, STR("{\"layers\":[]}"));
	assert_true(jobs.p[0].began_at > 0);
	ok(index_jobs_running(s, &running, &err), &err);
	assert_int_equal(running, 0);
	assert_int_equal(begin(s, "m"), 1);
	end(s, "n", "the process that indexed it ended", false);
	ok(index_jobs_abandoned(s, &task, &jobs, &err), &err);
	assert_int_equal(jobs.n, 0);
	index_store_close(s);
}

static void a_job_of_another_process_cannot_be_touched(void **state)
{
	const struct store_case *c = *state;
	struct index_store *s = open_store(c);
	autotask struct task task = { 0 };
	str_list gone = { 0 };
	struct err err = { 0 };

	begin(s, "m");
	store_case_sql(c, DB, "UPDATE index_job SET host = 'elsewhere'");
	assert_int_equal(begin(s, "m"), 0);
	assert_int_equal(index_job_renew(s, STR("m"), 5, &err), E_CONFLICT);
	assert_int_equal(index_job_end(s, STR("m"), STR("x"), false, &err), E_CONFLICT);
	ok(manifests_delete(s, &task, &STR("m"), 1, &gone, &err), &err);
	assert_int_equal(gone.n, 0);
	store_case_sql(c, DB, "UPDATE index_job SET expires = 1");
	assert_int_equal(begin(s, "m"), 1);
	index_store_close(s);
}

/* ---- deleting ---- */

static void put_layer(struct index_store *s, const char *digest)
{
	const struct layer_scan scan = { &id_dpkg, STR("findings"), STR("") };
	struct err err = { 0 };

	ok(index_put_layer(s, str_of(digest), 10, &scan, 1, &err), &err);
}

static void a_deleted_manifest_takes_the_layers_that_only_it_named(void **state)
{
	static const char *const base_only[] = { "sha256:base", NULL };
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	const struct str asked[] = { STR("x"), STR("m"), STR("m"), STR("failed") };
	struct index_totals totals = { 0 };
	struct manifest_status m;
	str_list gone = { 0 };
	struct err err = { 0 };

	put_layer(s, "sha256:base");
	put_layer(s, "sha256:top");
	put_layer(s, "sha256:cache");
	put(s, "m", two_layers, "s");
	put(s, "n", base_only, "s");
	end(s, "failed", "no", false);
	ok(manifests_delete(s, &task, asked, 4, &gone, &err), &err);
	assert_int_equal(gone.n, 2);
	assert_str(gone.p[0], STR("m"));
	assert_str(gone.p[1], STR("failed"));
	assert_int_equal(get(s, &task, "m", &m), 0);
	assert_int_equal(get(s, &task, "n", &m), 1);
	assert_int_equal(m.report.packages.n, 1);
	ok(index_status(s, &totals, &err), &err);
	assert_int_equal(totals.layers, 2);
	assert_int_equal(totals.manifests, 1);
	index_store_close(s);
}

static void a_manifest_being_indexed_is_not_deleted(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct manifest_status m;
	str_list gone = { 0 };
	struct err err = { 0 };

	put(s, "m", two_layers, "s");
	begin(s, "m");
	ok(manifests_delete(s, &task, &STR("m"), 1, &gone, &err), &err);
	assert_int_equal(gone.n, 0);
	assert_int_equal(get(s, &task, "m", &m), 1);
	index_store_close(s);
}

static void stale_manifests_are_those_of_another_state(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	str_list list = { 0 };
	uint64_t count = 0;
	struct err err = { 0 };

	put(s, "b", two_layers, "old");
	put(s, "a", two_layers, "old");
	put(s, "c", two_layers, "older");
	put(s, "d", two_layers, "new");
	end(s, "failed", "no", false);
	store_case_sql(*state, DB, "UPDATE manifest SET indexed_at = 5 WHERE hash = 'c'");
	store_case_sql(*state, DB, "UPDATE manifest SET indexed_at = 6 WHERE hash IN ('a', 'b')");
	ok(manifests_stale(s, &task, STR("new"), 2, &list, &count, &err), &err);
	assert_int_equal(count, 3);
	assert_int_equal(list.n, 2);
	assert_str(list.p[0], STR("c"));
	assert_str(list.p[1], STR("a"));
	index_store_close(s);
}

#define t(f) cmocka_unit_test_setup_teardown(f, store_case_setup, store_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(a_manifest_is_shown_in_the_state_it_is_in),
		t(a_finished_report_stands_while_and_after_another_attempt),
		t(a_replaced_report_has_a_new_revision_and_no_problem),
		t(a_status_alone_has_no_report),
		t(a_job_has_one_holder),
		t(a_job_whose_holder_is_gone_is_listed_and_may_be_taken),
		t(a_job_of_another_process_cannot_be_touched),
		t(a_deleted_manifest_takes_the_layers_that_only_it_named),
		t(a_manifest_being_indexed_is_not_deleted),
		t(stale_manifests_are_those_of_another_state),
	};

	return store_case_run(tests);
}
