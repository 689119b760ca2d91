/* SPDX-License-Identifier: Apache-2.0 */
/* Advisories as rows on their way out, whole and borrowed: differences of operations, everything of an
 * updater, everything of a name. Source of the meaning of a difference: service interface, sections 1.10 and
 * 4.8. What one would get wrong: an advisory that vanished and came back has two rows with stretches of their
 * own, so the difference of two operations is one of contents (key, name, fix, hash), not of rows; and only
 * keys that changed between the two are looked at (advisory_change), never all rows. */
#include "store/advisory_store.h"
#include "store/operation.h"

#include <assert.h>

#define COLUMNS                                                                                              \
	"SELECT a.hash, a.package_kind, a.normalized, a.status, t.issued,"                                   \
	" u.name, n.label, k.package, a.name, a.fixed_in, a.version_range, a.severity, a.status_text,"       \
	" s.module, s.arch, s.arch_operation, s.repository_name, s.repository_key, s.repository_uri,"        \
	" n.did, n.name, n.version, n.version_code_name, n.version_id, n.arch, n.cpe, n.pretty_name, "       \
	"n.release, t.description, t.links"
enum { NUMBERS = 5, STRINGS = 25 };
#define BESIDE                                                                                               \
	" JOIN updater u ON u.id = a.updater_id LEFT JOIN scope s ON s.id = a.scope_id"                      \
	" LEFT JOIN vulnerability v ON v.updater_id = a.updater_id AND v.name = a.name"                      \
	" LEFT JOIN text t ON t.id = v.text_id"
#define AROUND " JOIN advisory_key k ON k.id = a.key_id JOIN namespace n ON n.id = k.namespace_id" BESIDE

/* In the order of COLUMNS. */
static void strings_of(struct advisory *a, struct str *out[STRINGS])
{
	struct distribution *d = &a->distribution;
	struct str *const strings[STRINGS] = {
		&a->updater,	    &a->key.namespace,	&a->key.package,
		&a->name,	    &a->fixed_in,	&a->range,
		&a->severity,	    &a->status_text,	&a->module,
		&a->arch,	    &a->arch_operation, &a->repository_name,
		&a->repository_key, &a->repository_uri, &d->did,
		&d->name,	    &d->version,	&d->version_code_name,
		&d->version_id,	    &d->arch,		&d->cpe,
		&d->pretty_name,    &d->release,	&a->description,
		&a->links,
	};

	memcpy(out, strings, sizeof(strings));
}

/* The row of a query; strings are borrowed from it. */
static int read_row(const struct query *q, struct advisory *a, struct err *err)
{
	struct str *strings[STRINGS];
	int64_t kind = query_int(q, 1), normalized = query_int(q, 2), status = query_int(q, 3);

	if (kind < 0 || kind > PACKAGE_LAYER || normalized < 0 || normalized >= SEVERITY_COUNT ||
	    status < 0 || status >= STATUS_COUNT)
		return db_damaged(q->db, "a number out of its range", err);
	strings_of(a, strings);
	for (int i = 0; i < STRINGS; i++)
		*strings[i] = query_text(q, NUMBERS + i);
	a->id = (uint64_t)query_int(q, 0);
	a->package_kind = (enum package_kind)kind;
	a->normalized_severity = (enum severity)normalized;
	a->status = (enum advisory_status)status;
	a->issued = query_int(q, 4);
	return 0;
}

typedef int (*row_sink)(struct diff_sink *sink, const struct advisory *a, struct err *err);

/* Hand over all rows of a query. */
static int give_rows(struct query *q, struct task *task, struct diff_sink *sink, row_sink give,
		     struct err *err)
{
	int got;

	while ((got = query_step(q, err)) > 0) {
		struct advisory a = { 0 };

		TRY(task_check(task, err));
		TRY(read_row(q, &a, err));
		TRY(give(sink, &a, err));
	}
	return got;
}

/* ---- differences ---- */

static int updater_id_of(struct db *db, struct str name, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id FROM updater WHERE name = ?1", &q, err));
	query_bind_text(&q, name);
	got = query_step(&q, err);
	*out = got > 0 ? query_int(&q, 0) : 0;
	return got < 0 ? got : 0;
}

/* A difference being told, in one direction. */
struct difference {
	struct db *db;
	struct task *task;
	struct diff_sink *sink;
};

/* Everything that is valid at an operation. */
static int give_all(const struct difference *d, const struct update_operation *at, row_sink give,
		    struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t updater_id;

	TRY(updater_id_of(d->db, at->updater, &updater_id, err));
	TRY(db_query(d->db,
		     COLUMNS
		     " FROM advisory a" AROUND
		     " WHERE a.updater_id = ?1 AND a.began <= ?2 AND (a.ended IS NULL OR a.ended > ?2)"
		     " ORDER BY a.name, a.hash",
		     &q, err));
	query_stream(&q);
	query_bind_int(&q, updater_id);
	query_bind_int(&q, at->id);
	return give_rows(&q, d->task, d->sink, give, err);
}

/* What is valid at one operation and not at another one of the same updater. */
static int give_changed(const struct difference *d, const struct update_operation *at,
			const struct update_operation *not_at, row_sink give, struct err *err)
{
	bool forward = at->id > not_at->id;
	autoquery struct query q = { 0 };
	int64_t updater_id;

	TRY(updater_id_of(d->db, at->updater, &updater_id, err));
	TRY(db_query(d->db,
		     COLUMNS
		     " FROM (SELECT DISTINCT key_id FROM advisory_change WHERE updater_id = ?1"
		     " AND operation > ?2 AND operation <= ?3) c"
		     " JOIN advisory a ON a.key_id = c.key_id" AROUND
		     " WHERE a.updater_id = ?1 AND a.began <= ?4 AND (a.ended IS NULL OR a.ended > ?4)"
		     " AND NOT EXISTS (SELECT 1 FROM advisory b WHERE b.key_id = a.key_id"
		     " AND b.name = a.name AND b.fixed_in = a.fixed_in AND b.hash = a.hash"
		     " AND b.began <= ?5 AND (b.ended IS NULL OR b.ended > ?5))"
		     " ORDER BY a.name, a.hash",
		     &q, err));
	query_stream(&q);
	query_bind_int(&q, updater_id);
	query_bind_int(&q, forward ? not_at->id : at->id);
	query_bind_int(&q, forward ? at->id : not_at->id);
	query_bind_int(&q, at->id);
	query_bind_int(&q, not_at->id);
	return give_rows(&q, d->task, d->sink, give, err);
}

int operations_diff(struct advisory_store *s, struct task *task, const struct update_operation *prev,
		    const struct update_operation *cur, struct diff_sink *sink, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct difference d = { db, task, sink };

	TRY(db_begin(db, DB_READ, err));
	if (!prev || !str_eq(prev->updater, cur->updater)) {
		TRY(give_all(&d, cur, sink->added, err));
		if (prev)
			TRY(give_all(&d, prev, sink->removed, err));
	} else {
		TRY(give_changed(&d, cur, prev, sink->added, err));
		TRY(give_changed(&d, prev, cur, sink->removed, err));
	}
	return db_commit(db, err);
}

/* ---- everything ---- */

struct part_of_updater {
	int64_t updater_id, namespace_id;
};
typedef VEC(struct part_of_updater) updater_parts;

static int list_parts(struct db *db, struct task *task, struct str updater, updater_parts *out,
		      struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT un.updater_id, un.namespace_id FROM updater_namespace un"
		     " JOIN updater u ON u.id = un.updater_id JOIN namespace n ON n.id = un.namespace_id"
		     " WHERE ?1 = '' OR u.name = ?1 ORDER BY u.name, n.label",
		     &q, err));
	query_bind_text(&q, updater);
	while ((got = query_step(&q, err)) > 0)
		VEC_PUSH(&task->arena, out, ((struct part_of_updater){ query_int(&q, 0), query_int(&q, 1) }));
	return got;
}

static int give_part(const struct difference *d, const struct part_of_updater *part, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(d->db,
		     COLUMNS " FROM namespace n JOIN advisory_key k ON k.namespace_id = n.id"
			     " JOIN advisory a ON a.key_id = k.id" BESIDE
			     " WHERE n.id = ?1 AND a.updater_id = ?2 AND a.ended IS NULL"
			     " ORDER BY k.package, a.name, a.fixed_in, a.hash",
		     &q, err));
	query_stream(&q);
	query_bind_int(&q, part->namespace_id);
	query_bind_int(&q, part->updater_id);
	return give_rows(&q, d->task, d->sink, d->sink->added, err);
}

int advisories_each(struct advisory_store *s, struct task *task, struct str updater, struct diff_sink *sink,
		    struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct difference d = { db, task, sink };
	updater_parts parts = { 0 };

	assert(!s->as_of);
	TRY(db_begin(db, DB_READ, err));
	TRY(list_parts(db, task, updater, &parts, err));
	VEC_EACH (struct part_of_updater, part, &parts)
		TRY(give_part(&d, part, err));
	return db_commit(db, err);
}

/* ---- by name ---- */

static const struct advisory *copy_advisory(struct arena *arena, const struct advisory *a)
{
	struct advisory *copy = ARENA_NEW(arena, struct advisory);
	struct str *strings[STRINGS];

	*copy = *a;
	strings_of(copy, strings);
	for (int i = 0; i < STRINGS; i++)
		*strings[i] = str_copy(arena, *strings[i]);
	return copy;
}

static int read_named(struct db *db, struct task *task, struct str name, size_t max, advisory_list *out,
		      struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     COLUMNS " FROM advisory a" AROUND " WHERE a.name = ?1 AND a.ended IS NULL"
			     " ORDER BY n.label, k.package, u.name, a.hash LIMIT ?2",
		     &q, err));
	query_bind_text(&q, name);
	query_bind_int(&q, max > INT32_MAX ? INT32_MAX : (int64_t)max);
	while ((got = query_step(&q, err)) > 0) {
		struct advisory a = { 0 };

		TRY(task_check(task, err));
		TRY(read_row(&q, &a, err));
		VEC_PUSH(&task->arena, out, copy_advisory(&task->arena, &a));
	}
	return got;
}

int advisories_named(struct advisory_store *s, struct task *task, struct str name, size_t max,
		     advisory_list *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	advisory_list list = { 0 };

	assert(!s->as_of);
	TRY(db_begin(db, DB_READ, err));
	TRY(read_named(db, task, name, max, &list, err));
	TRY(db_commit(db, err));
	*out = list;
	return 0;
}
