/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests as the service shows and deletes them. Source: service interface, sections 1.5, 3.3, 3.4, 10.7.
 * What one would get wrong: a manifest has up to three sources of its state, and the order among them is the
 * promise: a finished report stands whatever happens to later attempts; without one, an attempt that runs
 * hides the problem of the attempt before. A layer that no manifest ever named is a cache of the command
 * line and not ours to delete. */
#include "store/manifests.h"

#include "store/index_store.h"
#include "store/job.h"
#include "store/report_get.h"

/* ---- one ---- */

/* Has a job that runs, or none. */
static const struct job_row *running(const struct job_row *job)
{
	return job && job->is_running ? job : NULL;
}

static int read_row(struct db *db, struct arena *a, struct str hash, struct manifest_status *out,
		    struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(
		db,
		"SELECT state, problem, is_permanent, is_incomplete, revision FROM manifest WHERE hash = ?1",
		&q, err));
	query_bind_text(&q, hash);
	got = query_step(&q, err);
	if (got <= 0)
		return got;
	out->made_by = str_copy(a, query_text(&q, 0));
	out->is_finished = out->made_by.n > 0;
	out->state = out->is_finished ? STR("IndexFinished") : STR("IndexError");
	out->problem = str_copy(a, query_text(&q, 1));
	out->is_permanent = query_int(&q, 2) != 0;
	out->is_incomplete = query_int(&q, 3) != 0;
	out->revision = (uint64_t)query_int(&q, 4);
	return 1;
}

static int read_status(struct db *db, struct arena *a, struct str hash, struct manifest_status *out,
		       struct err *err)
{
	struct job_row job;
	int has_row = read_row(db, a, hash, out, err);
	int has_job = has_row < 0 ? has_row : job_read_(db, a, hash, &job, err);

	if (has_job < 0)
		return has_job;
	if (has_job && !out->is_finished && (!has_row || running(&job))) {
		out->state = job.state;
		out->problem = STR("");
		out->is_permanent = false;
	}
	return has_row || has_job;
}

/* Returns whether there is something to touch, in *found. */
static int read_report(struct db *db, struct task *task, struct str hash, struct manifest_status *out,
		       struct report_found *found, struct err *err)
{
	const struct report_wanted wanted = { .manifest_hash = hash };
	int got = report_get_(db, task, &wanted, found, err);

	if (got > 0)
		out->report = found->report;
	return got < 0 ? got : 0;
}

int manifest_get(struct index_store *s, struct task *task, struct str hash, bool with_report,
		 struct manifest_status *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct manifest_status status = { .report.manifest_hash = str_copy(&task->arena, hash),
					  .report.distribution = -1 };
	struct report_found report = { .manifest_id = 0 };
	int found;

	TRY(db_begin(db, DB_READ, err));
	found = read_status(db, &task->arena, hash, &status, err);
	if (found <= 0)
		return found;
	if (with_report && status.is_finished)
		TRY(read_report(db, task, hash, &status, &report, err));
	TRY(db_commit(db, err));
	if (report.manifest_id)
		report_touch_(db, report.manifest_id, report.last_used);
	*out = status;
	return 1;
}

/* ---- made by another state ---- */

static int read_stale(struct db *db, struct task *task, struct str state, size_t max, str_list *out,
		      uint64_t *count, struct err *err)
{
	autoquery struct query total = { 0 }, q = { 0 };
	int got;

	TRY(db_query(db, "SELECT count(*) FROM manifest WHERE state <> '' AND state <> ?1", &total, err));
	query_bind_text(&total, state);
	TRY(query_step(&total, err));
	*count = (uint64_t)query_int(&total, 0);
	query_end(&total);
	TRY(db_query(db,
		     "SELECT hash FROM manifest WHERE state <> '' AND state <> ?1"
		     " ORDER BY indexed_at, hash LIMIT ?2",
		     &q, err));
	query_bind_text(&q, state);
	query_bind_int(&q, max > INT32_MAX ? INT32_MAX : (int64_t)max);
	while ((got = query_step(&q, err)) > 0) {
		VEC_PUSH(&task->arena, out, str_copy(&task->arena, query_text(&q, 0)));
		TRY(task_check(task, err));
	}
	return got;
}

int manifests_stale(struct index_store *s, struct task *task, struct str state, size_t max, str_list *out,
		    uint64_t *count, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	str_list list = { 0 };
	uint64_t total = 0;

	TRY(db_begin(db, DB_READ, err));
	TRY(read_stale(db, task, state, max, &list, &total, err));
	TRY(db_commit(db, err));
	*out = list;
	*count = total;
	return 0;
}
