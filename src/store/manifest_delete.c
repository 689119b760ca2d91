/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting manifests, each in a transaction of its own, with the layers that only it named. Source: service
 * interface, sections 1.4, 1.5, 10.7. What one would get wrong: a layer that no manifest ever named is a
 * cache of the command line and not ours to delete; records and sets are shared and go with index_clean. */
#include "store/index_store.h"
#include "store/job.h"
#include "store/manifests.h"

typedef VEC(int64_t) id_list;

static int find_manifest(struct db *db, struct str hash, int64_t *id, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id FROM manifest WHERE hash = ?1", &q, err));
	query_bind_text(&q, hash);
	got = query_step(&q, err);
	if (got > 0)
		*id = query_int(&q, 0);
	return got;
}

static int list_layers(struct db *db, struct arena *a, int64_t manifest_id, id_list *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT DISTINCT layer_id FROM manifest_layer WHERE manifest_id = ?1", &q, err));
	query_bind_int(&q, manifest_id);
	while ((got = query_step(&q, err)) > 0)
		VEC_PUSH(a, out, query_int(&q, 0));
	return got;
}

static int drop_layer(struct db *db, int64_t id, struct err *err)
{
	TRY(db_run_int(db,
		       "DELETE FROM layer_scan WHERE layer_id = ?1"
		       " AND NOT EXISTS (SELECT 1 FROM manifest_layer m WHERE m.layer_id = ?1)",
		       &id, 1, err));
	return db_run_int(db,
			  "DELETE FROM layer WHERE id = ?1"
			  " AND NOT EXISTS (SELECT 1 FROM manifest_layer m WHERE m.layer_id = ?1)",
			  &id, 1, err);
}

static int drop_manifest(struct db *db, int64_t id, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	id_list layers = { 0 };

	TRY(list_layers(db, &scratch, id, &layers, err));
	TRY(db_run_int(db, "DELETE FROM manifest_layer WHERE manifest_id = ?1", &id, 1, err));
	TRY(db_run_int(db, "DELETE FROM manifest_set WHERE manifest_id = ?1", &id, 1, err));
	TRY(db_run_int(db, "DELETE FROM manifest WHERE id = ?1", &id, 1, err));
	VEC_EACH (int64_t, layer, &layers)
		TRY(drop_layer(db, *layer, err));
	return 0;
}

/* 1: deleted; 0: not there, or being indexed. */
static int delete_one(struct index_store *s, struct str hash, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autodb struct db *db = db_lock(s->db);
	struct job_row job;
	int has_job, has_row;
	int64_t id = 0;

	TRY(db_begin(db, DB_WRITE, err));
	has_job = job_read_(db, &scratch, hash, &job, err);
	if (has_job < 0 || (has_job && job.is_running))
		return has_job < 0 ? has_job : 0;
	has_row = find_manifest(db, hash, &id, err);
	if (has_row < 0)
		return has_row;
	if (has_row)
		TRY(drop_manifest(db, id, err));
	if (has_job)
		TRY(job_forget_(db, hash, err));
	TRY(db_commit(db, err));
	return has_row || has_job;
}

int manifests_delete(struct index_store *s, struct task *task, const struct str *hashes, size_t n,
		     str_list *out, struct err *err)
{
	str_list deleted = { 0 };

	for (size_t i = 0; i < n; i++) {
		int gone = delete_one(s, hashes[i], err);

		if (gone < 0)
			return gone;
		if (gone)
			VEC_PUSH(&task->arena, &deleted, str_copy(&task->arena, hashes[i]));
		TRY(task_check(task, err));
	}
	*out = deleted;
	return 0;
}
