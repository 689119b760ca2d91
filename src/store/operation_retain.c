/* SPDX-License-Identifier: Apache-2.0 */
/* Forgetting old operations: all before the oldest kept one of an updater are merged into it, which takes no
 * more than dropping them from the list and the rows that ended up to it. Source: service interface, section
 * 4.6. What one would get wrong: many keys may have changed in what is forgotten, so the work is cut into
 * transactions of DROP_KEYS keys between which others can write; the changes that are still listed say where
 * to go on, also after a crash. */
#include "store/advisory_store.h"
#include "store/history.h"
#include "store/operation.h"

#include <assert.h>

enum { DROP_KEYS = 2000 };

struct oldest_kept {
	int64_t updater_id, operation, date;
	bool has_older, has_history; /* operations that go; not an enricher's */
};

struct retention {
	unsigned keep; /* 0: all */
	int64_t before;
	VEC(struct oldest_kept) updaters; /* an updater once for each kind */
};

/* Newest first, each either kept or the start of what is merged. What was valid at `before` was left by the
 * newest operation up to then, however old that is. */
static void consider(struct retention *r, struct arena *a, const struct query *q, unsigned *kept, bool is_new)
{
	const struct oldest_kept o = { .updater_id = query_int(q, 0),
				       .operation = query_int(q, 1),
				       .date = query_int(q, 2),
				       .has_history = str_eq(query_text(q, 3), STR("vulnerability")) };
	struct oldest_kept *oldest = is_new ? NULL : &r->updaters.p[r->updaters.n - 1];

	if (is_new) {
		*kept = 1;
		VEC_PUSH(a, &r->updaters, o);
	} else if (!oldest->has_older && (r->keep == 0 || *kept < r->keep) && oldest->date > r->before) {
		(*kept)++;
		*oldest = o;
	} else {
		oldest->has_older = true;
	}
}

static int choose(struct db *db, struct arena *a, struct retention *r, struct err *err)
{
	autoquery struct query q = { 0 };
	struct str kind = { NULL, 0 };
	int64_t updater_id = 0;
	unsigned kept = 0;
	int got;

	TRY(db_query(db,
		     "SELECT updater_id, id, date, kind FROM update_operation"
		     " ORDER BY updater_id, kind, id DESC",
		     &q, err));
	while ((got = query_step(&q, err)) > 0) {
		bool is_new = query_int(&q, 0) != updater_id || !str_eq(query_text(&q, 3), kind);

		consider(r, a, &q, &kept, is_new);
		if (is_new)
			kind = str_copy(a, query_text(&q, 3));
		updater_id = query_int(&q, 0);
	}
	return got;
}

static int drop_operations(struct db *db, const struct retention *r, struct err *err)
{
	VEC_EACH (const struct oldest_kept, u, &r->updaters) {
		const int64_t params[] = { u->updater_id, u->operation };

		if (!u->has_older)
			continue;
		if (u->has_history)
			TRY(history_forget(db, u->updater_id, 0, u->date, err));
		TRY(db_run_int(db,
			       "DELETE FROM update_operation WHERE updater_id = ?1 AND id < ?2"
			       " AND kind = (SELECT o.kind FROM update_operation o WHERE o.id = ?2)",
			       params, 2, err));
	}
	return 0;
}

/* ---- rows ---- */

struct change {
	int64_t operation, key_id;
};
typedef VEC(struct change) changes;

static int list_changes(struct db *db, struct arena *a, const struct oldest_kept *u, changes *out,
			struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT operation, key_id FROM advisory_change WHERE updater_id = ?1 AND operation <= ?2"
		     " ORDER BY operation, key_id LIMIT ?3",
		     &q, err));
	query_bind_int(&q, u->updater_id);
	query_bind_int(&q, u->operation);
	query_bind_int(&q, DROP_KEYS);
	while ((got = query_step(&q, err)) > 0)
		VEC_PUSH(a, out, ((struct change){ query_int(&q, 0), query_int(&q, 1) }));
	return got;
}

struct dropping {
	const struct oldest_kept *u;
	const changes *list; /* a key may be there for several operations */
	uint64_t dropped;
};

static int bind_change(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct dropping *d = ctx;

	(void)err;
	query_bind_int(q, d->list->p[i].key_id);
	query_bind_int(q, d->u->updater_id);
	query_bind_int(q, d->u->operation);
	return 0;
}

static int count_dropped(void *ctx, size_t i, struct query *q, struct err *err)
{
	(void)i, (void)q, (void)err;
	((struct dropping *)ctx)->dropped++;
	return 0;
}

static int drop_rows(struct db *db, const struct oldest_kept *u, const changes *list, uint64_t *dropped,
		     struct err *err)
{
	const struct change *last = &list->p[list->n - 1];
	const int64_t upto[] = { u->updater_id, last->operation, last->key_id };
	struct dropping d = { u, list, 0 };

	TRY(db_batch(
		db, "DELETE FROM advisory WHERE key_id = ?1 AND updater_id = ?2 AND ended <= ?3 RETURNING 1",
		&(struct batch){ .n = list->n, .ctx = &d, .bind = bind_change, .row = count_dropped }, err));
	*dropped += d.dropped;
	return db_run_int(db,
			  "DELETE FROM advisory_change WHERE updater_id = ?1"
			  " AND (operation < ?2 OR (operation = ?2 AND key_id <= ?3))",
			  upto, 3, err);
}

/* One transaction; 1: there may be more. */
static int drop_batch(struct advisory_store *s, const struct oldest_kept *u, uint64_t *dropped,
		      struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autodb struct db *db = db_lock(s->db);
	changes list = { 0 };

	TRY(db_begin(db, DB_WRITE, err));
	TRY(list_changes(db, &scratch, u, &list, err));
	if (list.n)
		TRY(drop_rows(db, u, &list, dropped, err));
	TRY(db_commit(db, err));
	return list.n == DROP_KEYS;
}

/* What nothing refers to once rows are gone. */
static int drop_orphans(struct advisory_store *s, struct err *err)
{
	autodb struct db *db = db_lock(s->db);

	TRY(db_begin(db, DB_WRITE, err));
	TRY(db_run(db,
		   "DELETE FROM advisory_key WHERE NOT EXISTS"
		   " (SELECT 1 FROM advisory WHERE advisory.key_id = advisory_key.id)",
		   err));
	TRY(db_run(db,
		   "DELETE FROM scope WHERE id IN (SELECT id FROM scope"
		   " EXCEPT SELECT scope_id FROM advisory WHERE scope_id IS NOT NULL)",
		   err));
	TRY(db_run(db,
		   "DELETE FROM vulnerability WHERE (updater_id, name) IN (SELECT updater_id, name FROM "
		   "vulnerability"
		   " EXCEPT SELECT updater_id, name FROM advisory)",
		   err));
	TRY(db_run(
		db,
		"DELETE FROM text WHERE id IN (SELECT id FROM text EXCEPT SELECT text_id FROM vulnerability)",
		err));
	TRY(db_run(db, "UPDATE updater SET revision = revision + 1", err));
	return db_commit(db, err);
}

static int choose_and_drop(struct advisory_store *s, struct arena *a, struct retention *r, struct err *err)
{
	autodb struct db *db = db_lock(s->db);

	TRY(db_begin(db, DB_WRITE, err));
	TRY(choose(db, a, r, err));
	TRY(drop_operations(db, r, err));
	return db_commit(db, err);
}

int advisories_retain(struct advisory_store *s, unsigned keep, int64_t before, uint64_t *dropped,
		      struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct retention r = { .keep = keep, .before = before };
	uint64_t gone = 0;

	assert(!s->as_of);
	TRY(choose_and_drop(s, &scratch, &r, err));
	VEC_EACH (struct oldest_kept, u, &r.updaters) {
		int more;

		do {
			more = drop_batch(s, u, &gone, err);
			TRY(more);
		} while (more);
	}
	if (gone)
		TRY(drop_orphans(s, err));
	*dropped = gone;
	return 0;
}

int advisories_collect(struct advisory_store *s, int64_t before, uint64_t *dropped, struct err *err)
{
	return advisories_retain(s, 0, before, dropped, err);
}
