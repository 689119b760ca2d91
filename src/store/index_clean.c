/* SPDX-License-Identifier: Apache-2.0 */
/* Totals of the store of indexes, and forgetting what was not used for long.
 * What one would get wrong: findings of layers are a cache and may go at any time; what a kept manifest holds
 * may not, so records, sets and the rows of layers go only when no manifest leads to them. */
#include "store/index.h"

#include "base/vec.h"
#include "store/index_store.h"

static int count(struct db *db, const char *sql, uint64_t *out, struct err *err)
{
	int64_t n;

	TRY(db_number(db, sql, NULL, 0, &n, err));
	*out = (uint64_t)n;
	return 0;
}

int index_status(struct index_store *s, struct index_totals *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct index_totals t = { 0 };

	TRY(db_begin(db, DB_READ, err));
	TRY(count(db, "SELECT count(*) FROM layer WHERE stored > 0", &t.layers, err));
	TRY(count(db, "SELECT count(*) FROM manifest", &t.manifests, err));
	TRY(count(db, "SELECT count(*) FROM record", &t.records, err));
	TRY(count(db, "SELECT count(*) FROM package_set", &t.package_sets, err));
	TRY(count(db, "SELECT sum(stored) FROM layer", &t.layer_bytes, err));
	TRY(db_commit(db, err));
	TRY(db_file_bytes(db, &t.file_bytes, err));
	*out = t;
	return 0;
}

static int forget_layer(struct db *db, int64_t id, struct err *err)
{
	TRY(db_run_int(db, "DELETE FROM layer_scan WHERE layer_id = ?1", &id, 1, err));
	return db_run_int(db, "UPDATE layer SET stored = 0 WHERE id = ?1", &id, 1, err);
}

struct layer_use {
	int64_t id, last_used;
	uint64_t stored;
};
typedef VEC(struct layer_use) layer_uses;

/* Layers with findings, least recently used first. */
static int list_layers(struct db *db, struct arena *a, layer_uses *out, uint64_t *stored, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id, last_used, stored FROM layer WHERE stored > 0 ORDER BY last_used, id",
		     &q, err));
	while ((got = query_step(&q, err)) > 0) {
		struct layer_use use = { query_int(&q, 0), query_int(&q, 1), (uint64_t)query_int(&q, 2) };

		VEC_PUSH(a, out, use);
		*stored += use.stored;
	}
	return got;
}

/* Oldest first, while they are too old or too much. */
static int forget_layers(struct db *db, int64_t before, uint64_t max_bytes, uint64_t *dropped,
			 struct err *err)
{
	autoarena struct arena scratch = { 0 };
	layer_uses layers = { 0 };
	uint64_t stored = 0;

	TRY(list_layers(db, &scratch, &layers, &stored, err));
	VEC_EACH (struct layer_use, layer, &layers) {
		if (layer->last_used >= before && (max_bytes == 0 || stored <= max_bytes))
			break;
		TRY(forget_layer(db, layer->id, err));
		stored -= layer->stored;
		(*dropped)++;
	}
	return 0;
}

static int forget_manifests(struct db *db, int64_t before, struct err *err)
{
	TRY(db_run_int(db,
		       "DELETE FROM manifest_layer WHERE manifest_id IN (SELECT id FROM manifest WHERE "
		       "last_used < ?1)",
		       &before, 1, err));
	TRY(db_run_int(db,
		       "DELETE FROM manifest_set WHERE manifest_id IN (SELECT id FROM manifest WHERE "
		       "last_used < ?1)",
		       &before, 1, err));
	return db_run_int(db, "DELETE FROM manifest WHERE last_used < ?1", &before, 1, err);
}

/* Distributions and repositories stay: they are few, and manifests name them in their shape. Each question is
 * a difference of two lists, which every database sorts or hashes, where "NOT IN" may be a loop in a loop. */
static int forget_orphans(struct db *db, struct err *err)
{
	TRY(db_run(db,
		   "DELETE FROM package_set WHERE id IN"
		   " (SELECT id FROM package_set EXCEPT SELECT set_id FROM manifest_set)",
		   err));
	TRY(db_run(db,
		   "DELETE FROM set_record WHERE set_id IN"
		   " (SELECT set_id FROM set_record EXCEPT SELECT id FROM package_set)",
		   err));
	TRY(db_run(db,
		   "DELETE FROM record WHERE id IN"
		   " (SELECT id FROM record EXCEPT SELECT record_id FROM set_record)",
		   err));
	TRY(db_run(db,
		   "DELETE FROM context WHERE id IN"
		   " (SELECT id FROM context EXCEPT SELECT context_id FROM record)",
		   err));
	TRY(db_run(db,
		   "DELETE FROM scanner WHERE id IN"
		   " (SELECT id FROM scanner EXCEPT SELECT scanner_id FROM layer_scan)",
		   err));
	return db_run(db,
		      "DELETE FROM layer WHERE stored = 0 AND id IN"
		      " (SELECT id FROM layer EXCEPT SELECT layer_id FROM manifest_layer)",
		      err);
}

int index_clean(struct index_store *s, int64_t before, uint64_t max_bytes, bool vacuum, uint64_t *dropped,
		struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	uint64_t gone = 0;

	TRY(db_begin(db, DB_WRITE, err));
	TRY(forget_layers(db, before, max_bytes, &gone, err));
	TRY(forget_manifests(db, before, err));
	TRY(db_run_int(db, "DELETE FROM layer_failure WHERE failed_at < ?1", &before, 1, err));
	TRY(db_run_int(db, "DELETE FROM index_job WHERE expires < ?1", &before, 1, err));
	TRY(forget_orphans(db, err));
	TRY(db_commit(db, err));
	if (vacuum)
		TRY(db_vacuum(db, err));
	*dropped = gone;
	return 0;
}
