/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of indexing, at most one for each manifest on all nodes: a row says who holds it, as a lease does.
 * Source of the states: service interface, section 3.3. What one would get wrong: a job that failed leaves
 * its problem on the manifest's row beside a finished report, never instead of it; and only whoever holds a
 * job, or finds its holder gone, may end it. */
#include "store/job.h"

#include "base/time.h"
#include "store/index_store.h"
#include "store/manifests.h"
#include "store/process.h"

/* Times are those of the database, which all nodes share. */
#define HOLDER "host, pid, started, CASE WHEN expires > unixepoch() THEN 1 ELSE 0 END"

static void read_holder(const struct query *q, int first, const struct process *self, struct job_row *out)
{
	const struct process holder = { query_text(q, first), query_int(q, first + 1),
					query_int(q, first + 2) };

	out->is_own = str_eq(holder.host, self->host) && holder.pid == self->pid &&
		      holder.started == self->started;
	out->is_running = query_int(q, first + 3) != 0 && process_may_run(self, &holder);
}

int job_read_(struct db *db, struct arena *a, struct str manifest_hash, struct job_row *out, struct err *err)
{
	struct process self = process_self(a);
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT state, request, began_at, " HOLDER " FROM index_job WHERE manifest_hash = ?1",
		     &q, err));
	query_bind_text(&q, manifest_hash);
	got = query_step(&q, err);
	if (got <= 0)
		return got;
	out->state = str_copy(a, query_text(&q, 0));
	out->request = str_copy(a, query_text(&q, 1));
	out->began_at = query_int(&q, 2);
	read_holder(&q, 3, &self, out);
	return 1;
}

int job_forget_(struct db *db, struct str manifest_hash, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db, "DELETE FROM index_job WHERE manifest_hash = ?1", &q, err));
	query_bind_text(&q, manifest_hash);
	return query_step(&q, err);
}

static int write_job(struct db *db, struct str manifest_hash, const struct process *self, unsigned seconds,
		     struct str request, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(
		db,
		"INSERT INTO index_job(manifest_hash, state, request, began_at, host, pid, started, expires)"
		" VALUES(?1, '', ?2, ?3, ?4, ?5, ?6, unixepoch() + ?7)"
		" ON CONFLICT(manifest_hash) DO UPDATE SET state = excluded.state,"
		" request = excluded.request, began_at = excluded.began_at, host = excluded.host,"
		" pid = excluded.pid, started = excluded.started, expires = excluded.expires",
		&q, err));
	query_bind_text(&q, manifest_hash);
	query_bind_text(&q, request);
	query_bind_int(&q, time_now());
	query_bind_text(&q, self->host);
	query_bind_int(&q, self->pid);
	query_bind_int(&q, self->started);
	query_bind_int(&q, seconds);
	return query_step(&q, err);
}

int index_job_begin(struct index_store *s, struct str manifest_hash, unsigned seconds, struct str request,
		    struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct process self = process_self(&scratch);
	autodb struct db *db = db_lock(s->db);
	struct job_row job;
	int found;

	TRY(db_begin(db, DB_WRITE, err));
	found = job_read_(db, &scratch, manifest_hash, &job, err);
	if (found < 0)
		return found;
	if (found && job.is_running)
		return 0;
	TRY(write_job(db, manifest_hash, &self, seconds, request, err));
	TRY(db_commit(db, err));
	return 1;
}

static int is_lost(struct str manifest_hash, struct err *err)
{
	return err_set(err, E_CONFLICT, "manifest " STR_FMT ": another process indexes it now",
		       STR_ARG(manifest_hash));
}

/* Bind whose job it is: ?2 the manifest, ?3 to ?5 this process. */
static void bind_own(struct query *q, struct str manifest_hash, const struct process *self)
{
	query_bind_text(q, manifest_hash);
	query_bind_text(q, self->host);
	query_bind_int(q, self->pid);
	query_bind_int(q, self->started);
}

#define OWN " WHERE manifest_hash = ?2 AND host = ?3 AND pid = ?4 AND started = ?5 RETURNING 1"

int index_job_renew(struct index_store *s, struct str manifest_hash, unsigned seconds, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct process self = process_self(&scratch);
	autodb struct db *db = db_lock(s->db);
	autoquery struct query q = { 0 };
	int got;

	TRY(db_begin(db, DB_WRITE, err));
	TRY(db_query(db, "UPDATE index_job SET expires = unixepoch() + ?1" OWN, &q, err));
	query_bind_int(&q, seconds);
	bind_own(&q, manifest_hash, &self);
	got = query_step(&q, err);
	if (got <= 0)
		return got < 0 ? got : is_lost(manifest_hash, err);
	query_end(&q);
	return db_commit(db, err);
}

int index_job_state(struct index_store *s, struct str manifest_hash, struct str state, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct process self = process_self(&scratch);
	autodb struct db *db = db_lock(s->db);
	autoquery struct query q = { 0 };
	int got;

	TRY(db_begin(db, DB_WRITE, err));
	TRY(db_query(db, "UPDATE index_job SET state = ?1" OWN, &q, err));
	query_bind_text(&q, state);
	bind_own(&q, manifest_hash, &self);
	got = query_step(&q, err);
	if (got <= 0)
		return got < 0 ? got : is_lost(manifest_hash, err);
	query_end(&q);
	return db_commit(db, err);
}

int manifest_revision_(struct db *db, int64_t *out, struct err *err)
{
	return db_number(db, "UPDATE counter SET value = value + 1 WHERE name = 'revision' RETURNING value",
			 NULL, 0, out, err);
}

/* Beside a report that stands, or on a row of its own. */
static int write_problem(struct db *db, struct str manifest_hash, struct str problem, bool is_permanent,
			 struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t revision;

	TRY(manifest_revision_(db, &revision, err));
	TRY(db_query(db,
		     "INSERT INTO manifest(hash, state, indexed_at, last_used, is_incomplete, shape, problem,"
		     " is_permanent, revision) VALUES(?1, '', ?2, ?3, 0, ?4, ?5, ?6, ?7)"
		     " ON CONFLICT(hash) DO UPDATE SET problem = excluded.problem,"
		     " is_permanent = excluded.is_permanent",
		     &q, err));
	query_bind_text(&q, manifest_hash);
	query_bind_int(&q, time_now());
	query_bind_int(&q, time_now());
	query_bind_blob(&q, STR(""));
	query_bind_text(&q, problem);
	query_bind_int(&q, is_permanent);
	query_bind_int(&q, revision);
	return query_step(&q, err);
}

int index_job_end(struct index_store *s, struct str manifest_hash, struct str problem, bool is_permanent,
		  struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autodb struct db *db = db_lock(s->db);
	struct job_row job;
	int found;

	TRY(db_begin(db, DB_WRITE, err));
	found = job_read_(db, &scratch, manifest_hash, &job, err);
	if (found < 0)
		return found;
	if (found && job.is_running && !job.is_own)
		return is_lost(manifest_hash, err);
	TRY(job_forget_(db, manifest_hash, err));
	if (problem.n)
		TRY(write_problem(db, manifest_hash, problem, is_permanent, err));
	return db_commit(db, err);
}

/* ---- all jobs ---- */

static int list_jobs(struct db *db, struct task *task, bool running, index_jobs *out, struct err *err)
{
	struct process self = process_self(&task->arena);
	autoquery struct query q = { 0 };
	struct job_row job;
	int got;

	TRY(db_query(db,
		     "SELECT manifest_hash, state, request, began_at, " HOLDER " FROM index_job"
		     " ORDER BY began_at, manifest_hash",
		     &q, err));
	while ((got = query_step(&q, err)) > 0) {
		read_holder(&q, 4, &self, &job);
		if (job.is_running == running)
			VEC_PUSH(&task->arena, out,
				 ((struct index_job){ str_copy(&task->arena, query_text(&q, 0)),
						      str_copy(&task->arena, query_text(&q, 1)),
						      str_copy(&task->arena, query_text(&q, 2)),
						      query_int(&q, 3) }));
		TRY(task_check(task, err));
	}
	return got;
}

int index_jobs_abandoned(struct index_store *s, struct task *task, index_jobs *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	index_jobs list = { 0 };

	TRY(db_begin(db, DB_READ, err));
	TRY(list_jobs(db, task, false, &list, err));
	TRY(db_commit(db, err));
	*out = list;
	return 0;
}

int index_jobs_running(struct index_store *s, uint64_t *count, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autotask struct task task = { 0 };
	index_jobs list = { 0 };

	TRY(db_begin(db, DB_READ, err));
	TRY(list_jobs(db, &task, true, &list, err));
	TRY(db_commit(db, err));
	*count = list.n;
	return 0;
}
