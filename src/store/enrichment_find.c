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

struct finder {
	struct task *task;
	struct str updater;
	const struct str *names;
	str_list *out;
};

static int bind_name(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct finder *f = ctx;

	query_bind_text(q, f->updater);
	query_bind_text(q, f->names[i]);
	return task_check(f->task, err);
}

static int take_text(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct finder *f = ctx;
	struct str text;

	TRY(unpack(&f->task->arena, q, 0, &text, err));
	VEC_PUSH(&f->task->arena, &f->out[i], text);
	return 0;
}

static int find_names(struct db *db, struct finder *f, size_t n, struct err *err)
{
	return db_batch(db,
			"SELECT t.text FROM updater u JOIN enrichment e ON e.updater_id = u.id"
			" JOIN enrichment_text t ON t.updater_id = e.updater_id AND t.text_id = e.text_id"
			" WHERE u.name = ?1 AND e.tag = ?2 ORDER BY e.text_id",
			&(struct batch){ .n = n, .ctx = f, .bind = bind_name, .row = take_text }, err);
}

int enrichments_find(struct advisory_store *s, struct task *task, struct str updater, const struct str *names,
		     size_t n, str_list *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	str_list *lists = ARENA_ARRAY(&task->arena, str_list, n);
	struct finder f = { task, updater, names, lists };

	TRY(db_begin(db, DB_READ, err));
	TRY(find_names(db, &f, n, err));
	TRY(db_commit(db, err));
	for (size_t i = 0; i < n; i++)
		out[i] = lists[i];
	return 0;
}

/* ---- everything ---- */

/* Two lists in the order of texts, read side by side: which tags there are, and the texts. */
struct exporter {
	struct db *db;
	struct task *task;
	struct str updater;
	int (*each)(void *ctx, const struct enrichment *e, struct err *err);
	void *ctx;
	struct query rows, texts;
	struct arena arena; /* of the text */
	int64_t text_id;
	struct str text;
};

static void exporter_endp(struct exporter *x)
{
	query_end(&x->rows);
	query_end(&x->texts);
	arena_reset(&x->arena);
}
#define autoexporter __attribute__((cleanup(exporter_endp)))

static int go_to_text(struct exporter *x, int64_t text_id, struct err *err)
{
	if (text_id == x->text_id)
		return 0;
	do {
		int got = query_step(&x->texts, err);

		if (got <= 0)
			return got < 0 ? got : db_damaged(x->db, "an enrichment without a text", err);
		x->text_id = query_int(&x->texts, 0);
	} while (x->text_id != text_id);
	arena_reset(&x->arena);
	return unpack(&x->arena, &x->texts, 1, &x->text, err);
}

static int ask(struct exporter *x, struct err *err)
{
	TRY(db_query(x->db,
		     "SELECT e.text_id, e.tag FROM enrichment e JOIN updater u ON u.id = e.updater_id"
		     " WHERE u.name = ?1 ORDER BY e.text_id, e.tag",
		     &x->rows, err));
	query_stream(&x->rows);
	query_bind_text(&x->rows, x->updater);
	TRY(db_query(x->db,
		     "SELECT t.text_id, t.text FROM enrichment_text t JOIN updater u ON u.id = t.updater_id"
		     " WHERE u.name = ?1 ORDER BY t.text_id",
		     &x->texts, err));
	query_stream(&x->texts);
	query_bind_text(&x->texts, x->updater);
	return 0;
}

static int give_all(struct exporter *x, struct err *err)
{
	int got;

	TRY(ask(x, err));
	while ((got = query_step(&x->rows, err)) > 0) {
		const struct str tag = query_text(&x->rows, 1);

		TRY(task_check(x->task, err));
		TRY(go_to_text(x, query_int(&x->rows, 0), err));
		TRY(x->each(x->ctx, &(struct enrichment){ x->updater, &tag, 1, x->text }, err));
	}
	query_end(&x->rows);
	query_end(&x->texts);
	return got;
}

int enrichments_each(struct advisory_store *s, struct task *task, struct str updater,
		     int (*each)(void *ctx, const struct enrichment *e, struct err *err), void *ctx,
		     struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autoexporter struct exporter x = {
		.db = db, .task = task, .updater = updater, .each = each, .ctx = ctx
	};

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
