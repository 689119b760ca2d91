/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting an update operation. Source: service interface, section 1.9. Rows name operations only by "began
 * after" and "ended up to", so that an operation between two others is merged into the next by taking it off
 * the list; what was valid at no operation that is left goes too. What one would get wrong: the newest
 * operation of an updater is different: without it the one before is what is valid now, so rows change, and
 * with them the generation, the counts, and what a running update remembers (updater.revision). */
#include "store/advisory_store.h"
#include "store/history.h"
#include "store/operation.h"

#include <assert.h>

struct deleted {
	int64_t id, updater_id, date, now;
	enum operation_kind kind;
	int64_t before, next; /* operations of the same updater and kind; 0: none */
};

static int neighbour(struct db *db, const char *sql, const struct deleted *d, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db, sql, &q, err));
	query_bind_int(&q, d->updater_id);
	query_bind_text(&q, str_of(operation_kind_name(d->kind)));
	query_bind_int(&q, d->id);
	TRY(query_step(&q, err));
	*out = query_int(&q, 0);
	return 0;
}

/* 1, or 0 when there is none. */
static int find_deleted(struct db *db, struct str ref, struct deleted *d, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id, updater_id, kind, date FROM update_operation WHERE ref = ?1", &q, err));
	query_bind_text(&q, ref);
	got = query_step(&q, err);
	if (got <= 0)
		return got;
	d->id = query_int(&q, 0);
	d->updater_id = query_int(&q, 1);
	d->date = query_int(&q, 3);
	d->kind = str_eq(query_text(&q, 2), STR("enrichment")) ? OPERATION_ENRICHMENT
							       : OPERATION_VULNERABILITY;
	TRY(neighbour(db,
		      "SELECT coalesce(max(id), 0) FROM update_operation WHERE updater_id = ?1 AND kind = ?2"
		      " AND id < ?3",
		      d, &d->before, err));
	TRY(neighbour(db,
		      "SELECT coalesce(min(id), 0) FROM update_operation WHERE updater_id = ?1 AND kind = ?2"
		      " AND id > ?3",
		      d, &d->next, err));
	return 1;
}

/* ---- the newest ---- */

static int undo_rows(struct db *db, const struct deleted *d, struct err *err)
{
	const int64_t params[] = { d->updater_id, d->before };

	if (d->before == 0) {
		TRY(db_run_int(db, "DELETE FROM advisory WHERE updater_id = ?1", params, 1, err));
	} else {
		TRY(db_run_int(db,
			       "DELETE FROM advisory WHERE updater_id = ?1 AND began > ?2 AND key_id IN"
			       " (SELECT key_id FROM advisory_change WHERE updater_id = ?1 AND operation > "
			       "?2)",
			       params, 2, err));
		TRY(db_run_int(db,
			       "UPDATE advisory SET ended = NULL WHERE updater_id = ?1 AND ended > ?2 AND "
			       "key_id IN"
			       " (SELECT key_id FROM advisory_change WHERE updater_id = ?1 AND operation > "
			       "?2)",
			       params, 2, err));
	}
	return db_run_int(db, "DELETE FROM advisory_change WHERE updater_id = ?1 AND operation > ?2", params,
			  2, err);
}

static int count_again(struct db *db, int64_t updater_id, struct err *err)
{
	TRY(db_run_int(db, "DELETE FROM updater_namespace WHERE updater_id = ?1", &updater_id, 1, err));
	TRY(db_run_int(db,
		       "INSERT INTO updater_namespace(updater_id, namespace_id, valid)"
		       " SELECT a.updater_id, k.namespace_id, count(*) FROM advisory a"
		       " JOIN advisory_key k ON k.id = a.key_id"
		       " WHERE a.updater_id = ?1 AND a.ended IS NULL GROUP BY a.updater_id, k.namespace_id",
		       &updater_id, 1, err));
	return db_run_int(db,
			  "UPDATE updater SET valid = (SELECT coalesce(sum(n.valid), 0) FROM "
			  "updater_namespace n WHERE n.updater_id = ?1) WHERE id = ?1",
			  &updater_id, 1, err);
}

static int undo(struct db *db, const struct deleted *d, struct err *err)
{
	const int64_t params[] = { d->updater_id, d->now };
	int64_t generation;

	TRY(undo_rows(db, d, err));
	TRY(count_again(db, d->updater_id, err));
	TRY(generation_raise(db, OPERATION_VULNERABILITY, &generation, err));
	return db_run_int(db, "UPDATE updater SET changed_at = ?2, revision = revision + 1 WHERE id = ?1",
			  params, 2, err);
}

/* The next run must fetch again. */
static int forget_fingerprint(struct db *db, const struct deleted *d, struct err *err)
{
	return db_run_int(db,
			  "UPDATE updater SET fingerprint = '', operation = (SELECT coalesce(max(id), 0) FROM"
			  " update_operation WHERE updater_id = ?1) WHERE id = ?1",
			  &d->updater_id, 1, err);
}

/* ---- an older one ---- */

/* Rows that were valid at the deleted operation only. */
static int merge_into_next(struct db *db, const struct deleted *d, struct err *err)
{
	const int64_t params[] = { d->updater_id, d->before, d->next };

	TRY(db_run_int(db,
		       "DELETE FROM advisory WHERE updater_id = ?1 AND began > ?2 AND ended <= ?3 AND key_id "
		       "IN"
		       " (SELECT key_id FROM advisory_change WHERE updater_id = ?1 AND operation > ?2"
		       " AND operation <= ?3)",
		       params, 3, err));
	if (d->before)
		return 0;
	return db_run_int(
		db,
		"DELETE FROM advisory_change WHERE updater_id = ?1 AND operation > ?2 AND operation <= ?3",
		params, 3, err);
}

/* What was valid between its date and the next one's is known no more. */
static int forget_time(struct db *db, const struct deleted *d, struct err *err)
{
	int64_t until = d->now;

	if (d->next)
		TRY(db_number(db, "SELECT date FROM update_operation WHERE id = ?1", &d->next, 1, &until,
			      err));
	return history_forget(db, d->updater_id, d->date, until, err);
}

static int delete_found(struct db *db, const struct deleted *d, struct err *err)
{
	bool has_history = d->kind == OPERATION_VULNERABILITY;

	TRY(db_run_int(db, "DELETE FROM update_operation WHERE id = ?1", &d->id, 1, err));
	if (has_history) {
		TRY(forget_time(db, d, err));
		TRY(d->next ? merge_into_next(db, d, err) : undo(db, d, err));
	}
	return d->next ? 0 : forget_fingerprint(db, d, err);
}

int operation_delete(struct advisory_store *s, struct str ref, int64_t now, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct deleted d = { .now = now };
	int found;

	assert(!s->as_of);
	TRY(db_begin(db, DB_WRITE, err));
	found = find_deleted(db, ref, &d, err);
	if (found <= 0)
		return found;
	TRY(delete_found(db, &d, err));
	TRY(db_commit(db, err));
	return 1;
}
