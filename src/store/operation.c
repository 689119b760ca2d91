/* SPDX-License-Identifier: Apache-2.0 */
/* Update operations and generations: the list of commits, and the ids they are given. Source: service
 * interface, sections 1.9 and 4.4; references are UUIDs, RFC 9562 version 4. What one would get wrong: an id
 * is never given again, not even after the newest operation was deleted, because caches are keyed by it; so
 * ids come from the table of generations and not from the newest row. */
#include "store/operation.h"

#include "base/arena.h"
#include "store/advisory_store.h"

#include <stdlib.h>
#include <sys/random.h>

const char *operation_kind_name(enum operation_kind kind)
{
	return kind == OPERATION_ENRICHMENT ? "enrichment" : "vulnerability";
}

static void bind_kind(struct query *q, enum operation_kind kind)
{
	query_bind_text(q, str_of(operation_kind_name(kind)));
}

int generation_read(struct db *db, enum operation_kind kind, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id FROM generation WHERE kind = ?1", &q, err));
	bind_kind(&q, kind);
	got = query_step(&q, err);
	if (got < 0)
		return got;
	*out = got ? query_int(&q, 0) : 0;
	return 0;
}

int generation_raise(struct db *db, enum operation_kind kind, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t newest;

	TRY(db_number(db, "SELECT max(id) FROM generation", NULL, 0, &newest, err));
	TRY(db_query(db, "UPDATE generation SET id = ?1 WHERE kind = ?2", &q, err));
	query_bind_int(&q, newest + 1);
	bind_kind(&q, kind);
	TRY(query_step(&q, err));
	*out = newest + 1;
	return 0;
}

static struct str new_ref(struct arena *a)
{
	unsigned char r[16];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		abort();
	r[6] = (r[6] & 0x0f) | 0x40;
	r[8] = (r[8] & 0x3f) | 0x80;
	return str_format(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0],
			  r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13],
			  r[14], r[15]);
}

int operation_add(struct db *db, const struct new_operation *o, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autoquery struct query q = { 0 };

	TRY(db_query(
		db,
		"INSERT INTO update_operation(id, ref, updater_id, fingerprint, date, kind, added, ended)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		&q, err));
	query_bind_int(&q, o->id);
	query_bind_text(&q, new_ref(&scratch));
	query_bind_int(&q, o->updater_id);
	query_bind_text(&q, o->fingerprint);
	query_bind_int(&q, o->date);
	bind_kind(&q, o->kind);
	query_bind_int(&q, (int64_t)o->added);
	query_bind_int(&q, (int64_t)o->ended);
	return query_step(&q, err);
}

/* ---- the list ---- */

#define OPERATIONS                                                                                           \
	"SELECT o.id, o.ref, u.name, o.fingerprint, o.date, o.kind"                                          \
	" FROM update_operation o JOIN updater u ON u.id = o.updater_id"

static struct update_operation operation_of(struct arena *a, const struct query *q)
{
	bool is_enrichment = str_eq(query_text(q, 5), STR("enrichment"));

	return (struct update_operation){
		.id = query_int(q, 0),
		.ref = str_copy(a, query_text(q, 1)),
		.updater = str_copy(a, query_text(q, 2)),
		.fingerprint = str_copy(a, query_text(q, 3)),
		.date = query_int(q, 4),
		.kind = is_enrichment ? OPERATION_ENRICHMENT : OPERATION_VULNERABILITY,
	};
}

static int read_list(struct db *db, struct task *task, enum operation_kind kind, bool latest,
		     update_operations *out, struct err *err)
{
	static const char all[] = OPERATIONS " WHERE o.kind = ?1 ORDER BY u.name, o.id DESC";
	static const char newest[] = OPERATIONS
		" WHERE o.kind = ?1 AND o.id = (SELECT max(l.id) FROM update_operation l"
		" WHERE l.updater_id = o.updater_id AND l.kind = o.kind) ORDER BY u.name";
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, latest ? newest : all, &q, err));
	bind_kind(&q, kind);
	while ((got = query_step(&q, err)) > 0) {
		VEC_PUSH(&task->arena, out, operation_of(&task->arena, &q));
		TRY(task_check(task, err));
	}
	return got;
}

int operations_list(struct advisory_store *s, struct task *task, enum operation_kind kind, bool latest,
		    update_operations *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	update_operations list = { 0 };

	TRY(db_begin(db, DB_READ, err));
	TRY(read_list(db, task, kind, latest, &list, err));
	TRY(db_commit(db, err));
	*out = list;
	return 0;
}

static int read_newest(struct db *db, struct task *task, enum operation_kind kind, struct str *ref,
		       struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT ref FROM update_operation WHERE kind = ?1 ORDER BY id DESC LIMIT 1", &q,
		     err));
	bind_kind(&q, kind);
	got = query_step(&q, err);
	if (got < 0)
		return got;
	*ref = got ? str_copy(&task->arena, query_text(&q, 0)) : STR("");
	return 0;
}

int operations_newest(struct advisory_store *s, struct task *task, enum operation_kind kind, struct str *ref,
		      struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct str newest = STR("");

	TRY(db_begin(db, DB_READ, err));
	TRY(read_newest(db, task, kind, &newest, err));
	TRY(db_commit(db, err));
	*ref = newest;
	return 0;
}

static int read_one(struct db *db, struct task *task, struct str ref, struct update_operation *out,
		    struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, OPERATIONS " WHERE o.ref = ?1", &q, err));
	query_bind_text(&q, ref);
	got = query_step(&q, err);
	if (got > 0)
		*out = operation_of(&task->arena, &q);
	return got;
}

int operation_find(struct advisory_store *s, struct task *task, struct str ref, struct update_operation *out,
		   struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int found;

	TRY(db_begin(db, DB_READ, err));
	found = read_one(db, task, ref, out, err);
	if (found < 0)
		return found;
	TRY(db_commit(db, err));
	return found;
}

static int read_fingerprint(struct db *db, struct str updater, enum operation_kind kind,
			    struct str fingerprint, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db,
		     "SELECT 1 FROM update_operation o JOIN updater u ON u.id = o.updater_id"
		     " WHERE u.name = ?1 AND o.kind = ?2 AND o.fingerprint = ?3 LIMIT 1",
		     &q, err));
	query_bind_text(&q, updater);
	bind_kind(&q, kind);
	query_bind_text(&q, fingerprint);
	return query_step(&q, err);
}

int operation_has_fingerprint(struct advisory_store *s, struct str updater, enum operation_kind kind,
			      struct str fingerprint, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int found;

	TRY(db_begin(db, DB_READ, err));
	found = read_fingerprint(db, updater, kind, fingerprint, err);
	if (found < 0)
		return found;
	TRY(db_commit(db, err));
	return found;
}

int advisories_any(struct advisory_store *s, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int64_t found;

	TRY(db_begin(db, DB_READ, err));
	TRY(db_number(db, "SELECT 1 FROM updater WHERE valid > 0 LIMIT 1", NULL, 0, &found, err));
	TRY(db_commit(db, err));
	return found != 0;
}
