/* SPDX-License-Identifier: Apache-2.0 */
/* The store of indexes: opening and the findings of layers. Reports are in report_put.c and report_get.c,
 * forgetting is in index_clean.c. What one would get wrong: a layer's row outlives its findings while a
 * manifest names it; "stored" says which it is. */
#include "store/index.h"

#include "base/limits.h"
#include "base/time.h"
#include "store/blob.h"
#include "store/index_store.h"
#include "store/schema.h"

#include <stdlib.h>

#define TOUCH_SECONDS 3600

int index_store_open_at(const struct store_place *place, struct index_store **out, struct err *err)
{
	struct db_pool *db = NULL;
	struct index_store *s;

	TRY(db_open(place, &schema_index, true, &db, err));
	s = malloc(sizeof(*s));
	if (!s)
		abort();
	s->db = db;
	*out = s;
	return 0;
}

int index_store_open(struct str dir, struct index_store **out, struct err *err)
{
	const struct store_place place = { .kind = STORE_SQLITE, .dir = dir };

	return index_store_open_at(&place, out, err);
}

void index_store_close(struct index_store *s)
{
	if (s)
		db_close(s->db);
	free(s);
}

void index_store_usage(struct index_store *s, struct store_usage *out)
{
	db_usage(s->db, out);
}

void index_store_closep(struct index_store **s)
{
	index_store_close(*s);
}

void index_touch_(struct db *db, const char *sql, int64_t id, int64_t last_used)
{
	const int64_t params[] = { time_now(), id };
	struct err ignored = { 0 };

	if (params[0] - last_used < TOUCH_SECONDS)
		return;
	db_set_patient(db, false);
	(void)db_run_int(db, sql, params, 2, &ignored);
	db_set_patient(db, true);
}

/* ---- reading ---- */

struct layer_row {
	int64_t id, last_used;
};

/* 1, or 0 when there is none. */
static int find_layer(struct db *db, struct str digest, struct layer_row *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id, last_used FROM layer WHERE digest = ?1 AND stored > 0", &q, err));
	query_bind_text(&q, digest);
	got = query_step(&q, err);
	if (got > 0)
		*out = (struct layer_row){ query_int(&q, 0), query_int(&q, 1) };
	return got;
}

/* Position of the scanner of this name and version, or -1. */
static int position_of(struct str name, struct str version)
{
	for (int i = 0; i < 64 && scanner_ids[i].name; i++)
		if (str_eq(name, str_of(scanner_ids[i].name)))
			return str_eq(version, str_of(scanner_ids[i].version)) ? i : -1;
	return -1;
}

static int unpack(struct query *q, int column, struct arena *a, struct str *out, struct err *err)
{
	if (blob_unpack(a, query_blob(q, column), LIMIT_FINDINGS_BYTES, out, err) < 0)
		return db_damaged(q->db, "findings of a layer", err);
	return 0;
}

struct wanted {
	uint64_t set;
	bool with_owned;
	struct layer_scan *out;
	uint64_t known;
};

static int take_scan(struct task *task, struct query *q, struct wanted *w, struct err *err)
{
	int i = position_of(query_text(q, 0), query_text(q, 1));
	struct layer_scan *scan;

	if (i < 0 || !(w->set >> i & 1))
		return 0;
	scan = &w->out[i];
	*scan = (struct layer_scan){ .scanner = &scanner_ids[i] };
	TRY(unpack(q, 2, &task->arena, &scan->findings, err));
	if (w->with_owned)
		TRY(unpack(q, 3, &task->arena, &scan->owned, err));
	w->known |= UINT64_C(1) << i;
	return task_check(task, err);
}

static int read_scans(struct db *db, struct task *task, int64_t layer_id, struct wanted *w, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT s.name, s.version, l.findings, l.owned FROM layer_scan l"
		     " JOIN scanner s ON s.id = l.scanner_id WHERE l.layer_id = ?1",
		     &q, err));
	query_bind_int(&q, layer_id);
	while ((got = query_step(&q, err)) > 0)
		TRY(take_scan(task, &q, w, err));
	return got;
}

int index_get_layer(struct index_store *s, struct task *task, struct str digest, uint64_t set,
		    bool with_owned, struct layer_scan *out, uint64_t *known, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct wanted w = { .set = set, .with_owned = with_owned, .out = out };
	struct layer_row layer;
	int found;

	TRY(db_begin(db, DB_READ, err));
	found = find_layer(db, digest, &layer, err);
	if (found < 0)
		return found;
	if (found)
		TRY(read_scans(db, task, layer.id, &w, err));
	TRY(db_commit(db, err));
	if (found)
		index_touch_(db, "UPDATE layer SET last_used = ?1 WHERE id = ?2", layer.id, layer.last_used);
	*known = w.known;
	return 0;
}

/* ---- writing ---- */

static int write_layer(struct db *db, struct str digest, uint64_t size_bytes, int64_t *id, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db,
		     "INSERT INTO layer(digest, size, last_used, stored) VALUES(?1, ?2, ?3, 0)"
		     " ON CONFLICT(digest) DO UPDATE SET size = ?2, last_used = ?3 RETURNING id",
		     &q, err));
	query_bind_text(&q, digest);
	query_bind_int(&q, (int64_t)size_bytes);
	query_bind_int(&q, time_now());
	TRY(query_step(&q, err));
	*id = query_int(&q, 0);
	return query_step(&q, err);
}

/* 1 and its id, or 0. */
static int find_scanner(struct db *db, const struct scanner_id *scanner, int64_t *id, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id FROM scanner WHERE name = ?1 AND version = ?2", &q, err));
	query_bind_text(&q, str_of(scanner->name));
	query_bind_text(&q, str_of(scanner->version));
	got = query_step(&q, err);
	if (got > 0)
		*id = query_int(&q, 0);
	return got;
}

/* Another node may be faster; then it is there. */
static int add_scanner(struct db *db, const struct scanner_id *scanner, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db, "INSERT INTO scanner(name, version, kind) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
		     &q, err));
	query_bind_text(&q, str_of(scanner->name));
	query_bind_text(&q, str_of(scanner->version));
	query_bind_text(&q, str_of(scanner_kind_name(scanner->kind)));
	return query_step(&q, err);
}

static int write_scanner(struct db *db, const struct scanner_id *scanner, int64_t *id, struct err *err)
{
	int found = find_scanner(db, scanner, id, err);

	if (found)
		return found < 0 ? found : 0;
	TRY(add_scanner(db, scanner, err));
	found = find_scanner(db, scanner, id, err);
	return found ? found : db_damaged(db, "a scanner that is not there", err);
}

static int forget_scan(struct db *db, int64_t layer_id, const struct scanner_id *scanner, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db,
		     "DELETE FROM layer_scan WHERE layer_id = ?1"
		     " AND scanner_id IN (SELECT id FROM scanner WHERE name = ?2)",
		     &q, err));
	query_bind_int(&q, layer_id);
	query_bind_text(&q, str_of(scanner->name));
	return query_step(&q, err);
}

static int write_scan(struct db *db, int64_t layer_id, const struct layer_scan *scan, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autoquery struct query q = { 0 };
	struct str owned = blob_pack(&scratch, scan->owned);
	int64_t scanner_id;

	TRY(forget_scan(db, layer_id, scan->scanner, err));
	TRY(write_scanner(db, scan->scanner, &scanner_id, err));
	TRY(db_query(db,
		     "INSERT INTO layer_scan(layer_id, scanner_id, findings, owned) VALUES(?1, ?2, ?3, ?4)",
		     &q, err));
	query_bind_int(&q, layer_id);
	query_bind_int(&q, scanner_id);
	query_bind_blob(&q, blob_pack(&scratch, scan->findings));
	if (owned.n)
		query_bind_blob(&q, owned);
	else
		query_bind_null(&q);
	return query_step(&q, err);
}

/* It was scanned after all. */
static int forget_failure(struct db *db, struct str digest, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db, "DELETE FROM layer_failure WHERE digest = ?1", &q, err));
	query_bind_text(&q, digest);
	return query_step(&q, err);
}

int index_put_layer(struct index_store *s, struct str digest, uint64_t size_bytes,
		    const struct layer_scan *scans, size_t n, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int64_t id;

	TRY(db_begin(db, DB_WRITE_TOGETHER, err));
	TRY(write_layer(db, digest, size_bytes, &id, err));
	TRY(forget_failure(db, digest, err));
	for (size_t i = 0; i < n; i++)
		TRY(write_scan(db, id, &scans[i], err));
	TRY(db_run_int(db,
		       "UPDATE layer SET stored = (SELECT coalesce(sum(1 + length(findings) + "
		       "coalesce(length(owned), 0)), 0)"
		       " FROM layer_scan WHERE layer_id = ?1) WHERE id = ?1",
		       &id, 1, err));
	return db_commit(db, err);
}
