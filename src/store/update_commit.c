/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of an update: one transaction that inserts new advisories, ends the vanished
 * (update_rows.c), stores changed texts (update_texts.c) and closes the operation. What one would get wrong:
 * what was loaded at update_begin is used here without looking again, which is right only while
 * updater.revision is the same. */
#include "store/advisories.h"
#include "store/operation.h"
#include "store/update_commit.h"

#define ANALYZE_ROWS 10000 /* changed at once: what the database knows of its tables is old */

static void commit_endp(struct commit *c)
{
	arena_reset(&c->scratch);
}
#define autocommit __attribute__((cleanup(commit_endp)))

static int write_operation(struct commit *c, struct str fingerprint, int64_t now, struct err *err)
{
	return operation_add(c->db,
			     &(struct new_operation){ .id = c->operation,
						      .updater_id = c->u->updater_id,
						      .kind = OPERATION_VULNERABILITY,
						      .fingerprint = fingerprint,
						      .date = now,
						      .added = c->u->row_count,
						      .ended = c->ended },
			     err);
}

static int write_changed(struct commit *c, int64_t now, struct err *err)
{
	const int64_t params[] = { c->u->updater_id, now, (int64_t)c->u->valid, c->operation };

	return db_run_int(
		c->db,
		"UPDATE updater SET changed_at = ?2, valid = ?3, operation = ?4, revision = revision + 1"
		" WHERE id = ?1",
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

/* 1 and what is stored of the updater, or 0. */
static int read_updater(struct commit *c, int64_t *revision, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(c->db, "SELECT id, revision FROM updater WHERE name = ?1", &q, err));
	query_bind_text(&q, c->u->updater);
	got = query_step(&q, err);
	if (got > 0) {
		c->u->updater_id = query_int(&q, 0);
		*revision = query_int(&q, 1);
	}
	return got;
}

static int add_updater(struct commit *c, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(c->db, "INSERT INTO updater(name) VALUES(?1) ON CONFLICT(name) DO NOTHING", &q, err));
	query_bind_text(&q, c->u->updater);
	return query_step(&q, err);
}

/* Find the updater's row, making it at the first update, and that nobody changed it since update_begin. */
static int claim_updater(struct commit *c, struct err *err)
{
	int64_t revision = 0;
	int got = read_updater(c, &revision, err);

	if (got == 0) {
		TRY(add_updater(c, err));
		got = read_updater(c, &revision, err);
	}
	if (got < 0)
		return got;
	if (revision != c->u->revision)
		return err_set(err, E_CONFLICT,
			       "updater " STR_FMT ": another process changed its advisories meanwhile: "
			       "update again",
			       STR_ARG(c->u->updater));
	return 0;
}

static bool is_changed(const struct update *u, uint64_t lost_texts)
{
	struct str label;
	void *value;

	if (u->row_count || u->rows.unseen || u->text_count || lost_texts)
		return true;
	for (size_t i = 0; map_next(&u->namespaces, &i, &label, &value);)
		if (((const struct update_namespace *)value)->is_changed)
			return true;
	return false;
}

static int write_changes(struct commit *c, uint64_t lost_texts, struct str fingerprint, int64_t now,
			 struct err *err)
{
	int64_t operations;

	TRY(db_number(
		c->db,
		"SELECT count(*) FROM update_operation WHERE updater_id = ?1 AND kind = 'vulnerability'",
		&c->u->updater_id, 1, &operations, err));
	c->is_first = operations == 0;
	TRY(generation_raise(c->db, OPERATION_VULNERABILITY, &c->operation, err));
	TRY(update_namespaces_write(c, err));
	TRY(update_rows_write(c, err));
	TRY(update_texts_write(c, err));
	if (lost_texts)
		TRY(update_texts_drop_lost(c, err));
	TRY(update_valid_write(c, err));
	TRY(write_operation(c, fingerprint, now, err));
	return write_changed(c, now, err);
}

int update_commit(struct update *u, struct str fingerprint, int64_t now, struct update_summary *out,
		  struct err *err)
{
	autodb struct db *db = db_lock(u->store->db);
	autocommit struct commit c = { .u = u, .db = db };
	uint64_t lost_texts = update_texts_lost(u);

	TRY(db_begin(db, DB_WRITE, err));
	TRY(claim_updater(&c, err));
	if (u->is_delta)
		TRY(update_delta_load(&c, err));
	if (is_changed(u, lost_texts))
		TRY(write_changes(&c, lost_texts, fingerprint, now, err));
	TRY(write_status(&c, fingerprint, now, err));
	TRY(db_commit(db, err));
	if (u->row_count + c.ended > ANALYZE_ROWS)
		TRY(db_analyze(db, err));
	*out = (struct update_summary){
		.valid = u->valid,
		.added = u->row_count,
		.ended = c.ended,
		.texts_changed = u->text_count + lost_texts,
		.bytes_added = u->row_bytes + c.ended_bytes,
	};
	return 0;
}
