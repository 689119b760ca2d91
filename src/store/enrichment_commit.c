/* SPDX-License-Identifier: Apache-2.0 */
/* Writing an update of enrichments in one transaction: new texts, new rows, then what was not put goes. What
 * one would get wrong: there is no history, so vanished rows are deleted at once; they are found by walking
 * the table by pages, as only hashes are in memory. */
#include "store/blob.h"
#include "store/enrichment.h"
#include "store/operation.h"

#include <stdlib.h>

enum { PAGE_ROWS = 2000 };
#define SMALL_BYTES 256 /* compressing less than this gains nothing */

struct commit {
	struct enrichment_update *u;
	struct db *db;
	uint64_t ended;
};

/* ---- new ---- */

/* JSON never begins as a compressed frame does, so that both can be told apart when read. */
static struct str pack(struct arena *a, struct str text)
{
	bool must = blob_is_packed(text);
	struct str packed;

	if (text.n < SMALL_BYTES && !must)
		return text;
	packed = blob_pack(a, text);
	return packed.n < text.n || must ? packed : text;
}

/* A spool being read, record by record. */
struct reading {
	struct commit *c;
	struct spool *spool;
	uint64_t at;
};

/* The spooled texts in the order of the table, which that of their ids is: written in another one, a first
 * load would change each page of a large table many times. */
struct text_place {
	uint64_t id, offset;
};
struct text_places {
	struct commit *c;
	struct text_place *p;
	size_t n;
	struct arena arena; /* of the text in hand */
};

static int compare_places(const void *a, const void *b)
{
	const struct text_place *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int find_texts(struct text_places *t, struct err *err)
{
	struct spool *spool = &t->c->u->new_texts;
	uint64_t at = 0, end = spool_end(spool);
	struct str record, text;

	while (at < end) {
		struct text_place *place = &t->p[t->n++];

		place->offset = at;
		TRY(spool_read(spool, &at, &record, err));
		enrichment_record(record, &place->id, &text);
	}
	qsort(t->p, t->n, sizeof(*t->p), compare_places);
	return 0;
}

static int bind_text(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct text_places *t = ctx;
	uint64_t id, offset = t->p[i].offset;
	struct str record, text;

	arena_reset(&t->arena);
	TRY(spool_read(&t->c->u->new_texts, &offset, &record, err));
	enrichment_record(record, &id, &text);
	query_bind_int(q, t->c->u->updater_id);
	query_bind_int(q, (int64_t)id);
	query_bind_blob(q, pack(&t->arena, text));
	return 0;
}

static int add_texts(struct commit *c, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct text_places t = { .c = c, .p = ARENA_ARRAY(&scratch, struct text_place, c->u->text_count) };
	int rc;

	TRY(find_texts(&t, err));
	rc = db_batch(c->db,
		      "INSERT INTO enrichment_text(updater_id, text_id, text) VALUES(?1, ?2, ?3)"
		      " ON CONFLICT(updater_id, text_id) DO NOTHING",
		      &(struct batch){ .n = t.n, .ctx = &t, .bind = bind_text }, err);
	arena_reset(&t.arena);
	return rc;
}

static int bind_row(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct reading *r = ctx;
	struct str record, tag;
	uint64_t id;

	(void)i;
	TRY(spool_read(r->spool, &r->at, &record, err));
	enrichment_record(record, &id, &tag);
	query_bind_int(q, r->c->u->updater_id);
	query_bind_text(q, tag);
	query_bind_int(q, (int64_t)id);
	return 0;
}

static int add_rows(struct commit *c, struct err *err)
{
	struct reading r = { .c = c, .spool = &c->u->new_rows };

	return db_batch(c->db,
			"INSERT INTO enrichment(updater_id, tag, text_id) VALUES(?1, ?2, ?3)"
			" ON CONFLICT(updater_id, tag, text_id) DO NOTHING",
			&(struct batch){ .n = (size_t)c->u->row_count, .ctx = &r, .bind = bind_row }, err);
}

/* ---- vanished ---- */

struct row {
	struct str tag;
	int64_t text_id;
};
typedef VEC(struct row) rows;

static int read_page(struct commit *c, struct arena *a, const struct row *after, rows *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(c->db,
		     "SELECT tag, text_id FROM enrichment WHERE updater_id = ?1 AND (tag, text_id) > (?2, ?3)"
		     " ORDER BY tag, text_id LIMIT ?4",
		     &q, err));
	query_bind_int(&q, c->u->updater_id);
	query_bind_text(&q, after->tag);
	query_bind_int(&q, after->text_id);
	query_bind_int(&q, PAGE_ROWS);
	while ((got = query_step(&q, err)) > 0)
		VEC_PUSH(a, out, ((struct row){ str_copy(a, query_text(&q, 0)), query_int(&q, 1) }));
	return got;
}

struct dropping {
	struct commit *c;
	rows unseen;
};

static int bind_unseen(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct dropping *d = ctx;

	(void)err;
	query_bind_int(q, d->c->u->updater_id);
	query_bind_text(q, d->unseen.p[i].tag);
	query_bind_int(q, d->unseen.p[i].text_id);
	return 0;
}

static int drop_unseen(struct commit *c, struct arena *a, const rows *page, struct err *err)
{
	struct dropping d = { .c = c };

	VEC_EACH (const struct row, row, page)
		if (!known_rows_is_seen(&c->u->rows,
					enrichment_row_hash(c->u, row->tag, (uint64_t)row->text_id)))
			VEC_PUSH(a, &d.unseen, *row);
	c->ended += d.unseen.n;
	return db_batch(c->db, "DELETE FROM enrichment WHERE updater_id = ?1 AND tag = ?2 AND text_id = ?3",
			&(struct batch){ .n = d.unseen.n, .ctx = &d, .bind = bind_unseen }, err);
}

static int drop_rows(struct commit *c, struct err *err)
{
	autoarena struct arena scratch = { 0 }, kept = { 0 };
	struct buffer tag = { .arena = &kept };
	struct row last = { STR(""), 0 };
	rows page = { .n = PAGE_ROWS };

	while (page.n == PAGE_ROWS) {
		page = (rows){ 0 };
		arena_reset(&scratch);
		TRY(read_page(c, &scratch, &last, &page, err));
		TRY(drop_unseen(c, &scratch, &page, err));
		if (page.n == 0)
			break;
		tag.n = 0;
		put_bytes(&tag, page.p[page.n - 1].tag);
		last = (struct row){ buffer_str(&tag), page.p[page.n - 1].text_id };
	}
	return 0;
}

/* Some texts of the updater, in the order of their ids, and those of them that vanished. */
struct text_page {
	struct commit *c;
	int64_t last; /* id */
	size_t n, vanished_count;
	int64_t vanished[PAGE_ROWS];
};

static int read_texts(struct text_page *page, struct err *err)
{
	const struct enrichment_update *u = page->c->u;
	autoquery struct query q = { 0 };
	int got;

	page->n = page->vanished_count = 0;
	TRY(db_query(page->c->db,
		     "SELECT text_id FROM enrichment_text WHERE updater_id = ?1 AND text_id > ?2"
		     " ORDER BY text_id LIMIT ?3",
		     &q, err));
	query_bind_int(&q, u->updater_id);
	query_bind_int(&q, page->last);
	query_bind_int(&q, PAGE_ROWS);
	while ((got = query_step(&q, err)) > 0 && page->n < PAGE_ROWS) {
		page->last = query_int(&q, 0);
		page->n++;
		if (!known_rows_is_seen(&u->texts, (uint64_t)page->last))
			page->vanished[page->vanished_count++] = page->last;
	}
	return got < 0 ? got : 0;
}

static int bind_vanished(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct text_page *page = ctx;

	(void)err;
	query_bind_int(q, page->c->u->updater_id);
	query_bind_int(q, page->vanished[i]);
	return 0;
}

/* The texts of rows that stay were put or kept. */
static int drop_texts(struct commit *c, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct text_page *page = ARENA_NEW(&scratch, struct text_page);

	page->c = c;
	do {
		TRY(read_texts(page, err));
		TRY(db_batch(c->db, "DELETE FROM enrichment_text WHERE updater_id = ?1 AND text_id = ?2",
			     &(struct batch){ .n = page->vanished_count, .ctx = page, .bind = bind_vanished },
			     err));
	} while (page->n == PAGE_ROWS);
	return 0;
}

/* ---- the operation and its updater ---- */

static int claim_updater(struct commit *c, struct err *err)
{
	struct enrichment_update *u = c->u;
	autoquery struct query find = { 0 }, add = { 0 };
	int64_t revision;

	TRY(db_query(c->db, "INSERT INTO updater(name) VALUES(?1) ON CONFLICT(name) DO NOTHING", &add, err));
	query_bind_text(&add, u->updater);
	TRY(query_step(&add, err));
	TRY(db_query(c->db, "SELECT id, revision FROM updater WHERE name = ?1", &find, err));
	query_bind_text(&find, u->updater);
	TRY(query_step(&find, err));
	u->updater_id = query_int(&find, 0);
	revision = query_int(&find, 1);
	if (revision != u->revision)
		return err_set(err, E_CONFLICT,
			       "enricher " STR_FMT ": another process changed its data meanwhile: update "
			       "again",
			       STR_ARG(u->updater));
	return 0;
}

static int write_changes(struct commit *c, struct str fingerprint, int64_t now, struct err *err)
{
	struct new_operation o = { .updater_id = c->u->updater_id,
				   .kind = OPERATION_ENRICHMENT,
				   .fingerprint = fingerprint,
				   .date = now,
				   .added = c->u->row_count };
	int64_t params[] = { c->u->updater_id, now, (int64_t)c->u->valid, 0 };

	TRY(generation_raise(c->db, OPERATION_ENRICHMENT, &o.id, err));
	TRY(add_texts(c, err));
	TRY(add_rows(c, err));
	if (c->u->rows.unseen) {
		TRY(drop_rows(c, err));
		TRY(drop_texts(c, err));
	}
	TRY(operation_add(c->db, &o, err));
	params[3] = o.id;
	return db_run_int(
		c->db,
		"UPDATE updater SET changed_at = ?2, enrichments = ?3, operation = ?4, revision = revision + "
		"1 WHERE id = ?1",
		params, 4, err);
}

static int write_status(struct commit *c, struct str fingerprint, int64_t now, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(
		c->db,
		"UPDATE updater SET fingerprint = ?2, last_attempt = ?3, last_success = ?3, last_error = ''"
		" WHERE id = ?1",
		&q, err));
	query_bind_int(&q, c->u->updater_id);
	query_bind_text(&q, fingerprint);
	query_bind_int(&q, now);
	return query_step(&q, err);
}

int enrichments_commit(struct enrichment_update *u, struct str fingerprint, int64_t now,
		       struct update_summary *out, struct err *err)
{
	autodb struct db *db = db_lock(u->store->db);
	struct commit c = { .u = u, .db = db };

	TRY(db_begin(db, DB_WRITE, err));
	TRY(claim_updater(&c, err));
	if (u->row_count || u->rows.unseen)
		TRY(write_changes(&c, fingerprint, now, err));
	TRY(write_status(&c, fingerprint, now, err));
	TRY(db_commit(db, err));
	*out = (struct update_summary){
		.valid = u->valid, .added = u->row_count, .ended = c.ended, .bytes_added = u->text_bytes
	};
	return 0;
}
