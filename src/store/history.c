/* SPDX-License-Identifier: Apache-2.0 */
/* What was valid at a moment: of each updater what its newest operation up to then had left. A merged or
 * deleted operation takes its date with it, so the stretches of time whose operations are gone are listed
 * (table `forgotten`) and a moment in one of them is refused. What one would get wrong: two updaters have
 * different newest operations at a moment, so a moment is not one operation but one of each; and an updater
 * without any had nothing then, which is an answer and not a gap. */
#include "store/history.h"

#include "base/time.h"
#include "store/advisories.h"
#include "store/advisory_store.h"

#include <stdlib.h>

/* ---- what can be asked ---- */

/* The end of a forgotten stretch that the moment lies in; 0: in none. */
static int forgotten_until(struct db *db, int64_t moment, int64_t *until, struct err *err)
{
	return db_number(db, "SELECT coalesce(max(until), 0) FROM forgotten WHERE since <= ?1 AND until > ?1",
			 &moment, 1, until, err);
}

/* 1 and the earliest moment not before `from` that can be asked; 0: there is none. */
static int find_earliest(struct db *db, int64_t from, int64_t *earliest, struct err *err)
{
	int64_t first, moment = from, until;

	TRY(db_number(db, "SELECT coalesce(min(date), 0) FROM update_operation WHERE kind = 'vulnerability'",
		      NULL, 0, &first, err));
	if (!first)
		return 0;
	if (moment < first)
		moment = first;
	do {
		TRY(forgotten_until(db, moment, &until, err));
		moment = until ? until : moment;
	} while (until);
	*earliest = moment;
	return 1;
}

int moment_check(struct db *db, int64_t as_of, struct err *err)
{
	char asked[32], can[32];
	int64_t earliest;
	int found = find_earliest(db, as_of, &earliest, err);

	TRY(found);
	if (!found)
		return err_set(err, E_CONFIG, "as of %s: no advisories are stored: run `clair update`",
			       time_rfc3339(as_of, asked));
	if (earliest > as_of)
		return err_set(
			err, E_CONFIG,
			"as of %s: the advisories of then are not known; the earliest date that can be "
			"asked for is %s",
			time_rfc3339(as_of, asked), time_rfc3339(earliest, can));
	return 0;
}

int advisories_history(struct advisory_store *s, int64_t from, int64_t *earliest, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int found;

	TRY(db_begin(db, DB_READ, err));
	found = find_earliest(db, from, earliest, err);
	TRY(found);
	TRY(db_commit(db, err));
	return found;
}

static int check(struct advisory_store *s, int64_t as_of, struct err *err)
{
	autodb struct db *db = db_lock(s->db);

	TRY(db_begin(db, DB_READ, err));
	TRY(moment_check(db, as_of, err));
	return db_commit(db, err);
}

int advisories_as_of(struct advisory_store *s, int64_t as_of, struct advisory_store **out, struct err *err)
{
	struct advisory_store *view;

	TRY(check(s, as_of, err));
	view = malloc(sizeof(*view));
	if (!view)
		abort();
	*view = (struct advisory_store){ .db = s->db, .as_of = as_of };
	*out = view;
	return 0;
}

/* ---- a moment ---- */

int moment_load(struct db *db, struct task *task, int64_t as_of, struct moment *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(moment_check(db, as_of, err));
	TRY(db_query(db, "SELECT updater_id, id FROM " NEWEST_AT_1 " newest", &q, err));
	query_bind_int(&q, as_of);
	while ((got = query_step(&q, err)) > 0) {
		int64_t updater_id = query_int(&q, 0);

		if (updater_id < 0 || updater_id > UPDATER_ID_MAX)
			return db_damaged(db, "id of an updater", err);
		while (out->operations.n <= (size_t)updater_id)
			VEC_PUSH(&task->arena, &out->operations, 0);
		out->operations.p[updater_id] = query_int(&q, 1);
	}
	return got;
}

bool moment_has(const struct moment *m, int64_t updater_id, int64_t began, int64_t ended)
{
	int64_t at = updater_id >= 0 && (size_t)updater_id < m->operations.n ? m->operations.p[updater_id]
									     : 0;

	return began <= at && (!ended || ended > at);
}

/* ---- forgetting ---- */

int history_forget(struct db *db, int64_t updater_id, int64_t since, int64_t until, struct err *err)
{
	const int64_t params[] = { updater_id, since, until };

	if (since >= until)
		return 0;
	TRY(db_run_int(db, "DELETE FROM forgotten WHERE updater_id = ?1 AND since >= ?2 AND until <= ?3",
		       params, 3, err));
	return db_run_int(db, "INSERT INTO forgotten(updater_id, since, until) VALUES(?1, ?2, ?3)", params, 3,
			  err);
}
