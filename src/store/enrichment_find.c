/* SPDX-License-Identifier: Apache-2.0 */
/* Reading enrichments: the texts of names, and everything of an enricher for export. What one would get
 * wrong: stored texts are compressed where that makes them smaller and plain otherwise. */
#include "base/limits.h"
#include "store/blob.h"
#include "store/enrichment.h"
#include "store/operation.h"

/* In the arena. */
static int unpack(struct arena *a, struct query *q, int column, struct str *out, struct err *err)
{
	struct str stored = query_blob(q, column);

	if (!blob_is_packed(stored)) {
		*out = str_copy(a, stored);
		return 0;
	}
	if (blob_unpack(a, stored, LIMIT_FEED_TEXT_BYTES, out, err) < 0)
		return db_damaged(q->db, "an enrichment", err);
	return 0;
}

static int find_name(struct query *q, struct task *task, struct str updater, struct str name, str_list *out,
		     struct err *err)
{
	struct str text;
	int got;

	query_again(q);
	query_bind_text(q, updater);
	query_bind_text(q, name);
	while ((got = query_step(q, err)) > 0) {
		TRY(unpack(&task->arena, q, 0, &text, err));
		VEC_PUSH(&task->arena, out, text);
	}
	return got < 0 ? got : task_check(task, err);
}

static int find_names(struct db *db, struct task *task, struct str updater, const struct str *names, size_t n,
		      str_list *out, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db,
		     "SELECT t.text FROM updater u JOIN enrichment e ON e.updater_id = u.id"
		     " JOIN enrichment_text t ON t.updater_id = e.updater_id AND t.text_id = e.text_id"
		     " WHERE u.name = ?1 AND e.tag = ?2 ORDER BY e.text_id",
		     &q, err));
	for (size_t i = 0; i < n; i++)
		TRY(find_name(&q, task, updater, names[i], &out[i], err));
	return 0;
}

int enrichments_find(struct advisory_store *s, struct task *task, struct str updater, const struct str *names,
		     size_t n, str_list *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	str_list *lists = ARENA_ARRAY(&task->arena, str_list, n);

	TRY(db_begin(db, DB_READ, err));
	TRY(find_names(db, task, updater, names, n, lists, err));
	TRY(db_commit(db, err));
	for (size_t i = 0; i < n; i++)
		out[i] = lists[i];
	return 0;
}

/* ---- everything ---- */

struct export
{
	struct db *db;
	struct task *task;
	struct str updater;
	int (*each)(void *ctx, const struct enrichment *e, struct err *err);
	void *ctx;
	struct arena arena; /* of the text */
	int64_t text_id;
	struct str text;
};

static void export_endp(struct export *x)
{
	arena_reset(&x->arena);
}
#define autoexport __attribute__((cleanup(export_endp)))

static int read_text(struct export *x, int64_t updater_id, int64_t text_id, struct err *err)
{
	autoquery struct query q = { 0 };

	if (text_id == x->text_id)
		return 0;
	TRY(db_query(x->db, "SELECT text FROM enrichment_text WHERE updater_id = ?1 AND text_id = ?2", &q,
		     err));
	query_bind_int(&q, updater_id);
	query_bind_int(&q, text_id);
	if (query_step(&q, err) <= 0)
		return db_damaged(x->db, "an enrichment without a text", err);
	arena_reset(&x->arena);
	x->text_id = text_id;
	return unpack(&x->arena, &q, 0, &x->text, err);
}

static int give_all(struct export *x, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(x->db,
		     "SELECT e.updater_id, e.text_id, e.tag FROM enrichment e JOIN updater u ON u.id = "
		     "e.updater_id"
		     " WHERE u.name = ?1 ORDER BY e.text_id, e.tag",
		     &q, err));
	query_bind_text(&q, x->updater);
	while ((got = query_step(&q, err)) > 0) {
		const struct str tag = query_text(&q, 2);

		TRY(task_check(x->task, err));
		TRY(read_text(x, query_int(&q, 0), query_int(&q, 1), err));
		TRY(x->each(x->ctx, &(struct enrichment){ x->updater, &tag, 1, x->text }, err));
	}
	return got;
}

int enrichments_each(struct advisory_store *s, struct task *task, struct str updater,
		     int (*each)(void *ctx, const struct enrichment *e, struct err *err), void *ctx,
		     struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autoexport struct export x = { .db = db, .task = task, .updater = updater, .each = each, .ctx = ctx };

	TRY(db_begin(db, DB_READ, err));
	TRY(give_all(&x, err));
	return db_commit(db, err);
}

int enrichments_generation(struct advisory_store *s, uint64_t *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int64_t newest;

	TRY(db_begin(db, DB_READ, err));
	TRY(generation_read(db, OPERATION_ENRICHMENT, &newest, err));
	TRY(db_commit(db, err));
	*out = (uint64_t)newest;
	return 0;
}
