/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of an update: one transaction that inserts new advisories, ends the vanished, stores
 * changed texts and closes the operation. Rows are written in the order of their keys, inserts and ends
 * together, so that each page of the table is changed once while it is in memory; texts in the order of their
 * ids. What one would get wrong: what was loaded at update_begin is used here without looking again, which is
 * right only while updater.revision is the same. */
#include "store/advisories.h"
#include "store/operation.h"
#include "store/update_commit.h"

#include <stdlib.h>

#define KEY_BITS                                                                                             \
	26 /* of a place: key id, then offset in the spool + 1, or 0 for "end the unseen rows of this key"   \
	    */
#define OFFSET_BITS (64 - KEY_BITS)
#define OFFSET_MASK ((UINT64_C(1) << OFFSET_BITS) - 1)

static void commit_endp(struct commit *c)
{
	query_end(&c->find_key);
	query_end(&c->add_key);
	query_end(&c->add_row);
	query_end(&c->add_change);
	query_end(&c->live_rows);
	query_end(&c->end_row);
	arena_reset(&c->scratch);
}
#define autocommit __attribute__((cleanup(commit_endp)))

/* ---- rows ---- */

static int compare_places(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Where what is to be written goes: the new rows of the spool, and the keys with rows to end. */
static int find_places(struct commit *c, uint64_t *places, size_t *n, struct err *err)
{
	struct spool *spool = &c->u->new_rows;
	uint64_t at = 0, end = spool_end(spool);
	uint32_t key;

	while (at < end) {
		struct update_row row;
		struct str bytes;
		uint64_t offset = at;

		TRY(spool_read(spool, &at, &bytes, err));
		update_row_decode(bytes, &row);
		TRY(update_key(c, &row.key, &key, err));
		places[(*n)++] = (uint64_t)key << OFFSET_BITS | (offset + 1);
	}
	for (size_t i = 0; known_rows_next_unseen(&c->u->rows, &i, &key);)
		places[(*n)++] = (uint64_t)key << OFFSET_BITS;
	qsort(places, *n, sizeof(*places), compare_places);
	return 0;
}

static int insert_row(struct commit *c, uint32_t key, uint64_t offset, struct err *err)
{
	struct query *q = &c->add_row;
	struct update_row row;
	struct str bytes;
	int64_t scope;

	TRY(spool_read(&c->u->new_rows, &offset, &bytes, err));
	update_row_decode(bytes, &row);
	TRY(update_scope(c, row.scope, &scope, err));
	query_again(q);
	query_bind_int(q, key);
	query_bind_text(q, row.name);
	query_bind_text(q, row.fixed_in);
	query_bind_int(q, (int64_t)row.id);
	query_bind_int(q, c->operation);
	query_bind_int(q, c->u->updater_id);
	query_bind_int(q, row.package_kind);
	query_bind_int(q, row.status);
	query_bind_int(q, row.normalized);
	query_bind_optional(q, row.severity);
	query_bind_optional(q, row.status_text);
	if (scope)
		query_bind_int(q, scope);
	else
		query_bind_null(q);
	query_bind_optional(q, row.range);
	return query_step(q, err);
}

/* Enough of a row to name it. */
struct row_name {
	struct str name, fixed_in;
	int64_t hash, began;
};
typedef VEC(struct row_name) row_names;

static int find_unseen(struct commit *c, uint32_t key, row_names *out, struct err *err)
{
	struct query *q = &c->live_rows;
	int got;

	query_again(q);
	query_bind_int(q, key);
	query_bind_int(q, c->u->updater_id);
	while ((got = query_step(q, err)) > 0) {
		if (known_rows_is_seen(&c->u->rows, (uint64_t)query_int(q, 2)))
			continue;
		VEC_PUSH(&c->scratch, out,
			 ((struct row_name){ str_copy(&c->scratch, query_text(q, 0)),
					     str_copy(&c->scratch, query_text(q, 1)), query_int(q, 2),
					     query_int(q, 3) }));
		c->ended_bytes += (uint64_t)query_int(q, 4);
	}
	return got;
}

static int end_rows(struct commit *c, uint32_t key, struct err *err)
{
	struct arena_mark mark = arena_mark(&c->scratch);
	struct query *q = &c->end_row;
	row_names rows = { 0 };

	TRY(find_unseen(c, key, &rows, err));
	query_again(&c->live_rows);
	VEC_EACH (struct row_name, row, &rows) {
		query_again(q);
		query_bind_int(q, key);
		query_bind_text(q, row->name);
		query_bind_text(q, row->fixed_in);
		query_bind_int(q, row->hash);
		query_bind_int(q, row->began);
		query_bind_int(q, c->operation);
		TRY(query_step(q, err));
	}
	c->ended += rows.n;
	arena_release(&c->scratch, mark);
	return 0;
}

/* Remember which keys an operation touches, so that a difference need not look at all; the first one of an
 * updater touches everything and is compared with nothing. */
static int add_change(struct commit *c, uint32_t key, struct err *err)
{
	struct query *q = &c->add_change;

	query_again(q);
	query_bind_int(q, c->u->updater_id);
	query_bind_int(q, c->operation);
	query_bind_int(q, key);
	return query_step(q, err);
}

static int write_places(struct commit *c, const uint64_t *places, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t key = (uint32_t)(places[i] >> OFFSET_BITS);
		uint64_t offset = places[i] & OFFSET_MASK;

		if (!c->is_first && (i == 0 || places[i - 1] >> OFFSET_BITS != key))
			TRY(add_change(c, key, err));
		if (offset)
			TRY(insert_row(c, key, offset - 1, err));
		else if (i == 0 || places[i - 1] != places[i])
			TRY(end_rows(c, key, err));
	}
	return 0;
}

static int prepare_rows(struct commit *c, struct err *err)
{
	TRY(db_query(c->db, "SELECT id FROM advisory_key WHERE namespace_id = ?1 AND package = ?2",
		     &c->find_key, err));
	TRY(db_query(c->db, "INSERT INTO advisory_key(namespace_id, package) VALUES(?1, ?2) RETURNING id",
		     &c->add_key, err));
	TRY(db_query(
		c->db,
		"INSERT INTO advisory(key_id, name, fixed_in, hash, began, updater_id, package_kind, status,"
		" normalized, severity, status_text, scope_id, version_range)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
		&c->add_row, err));
	TRY(db_query(c->db,
		     "SELECT name, fixed_in, hash, began,"
		     " length(name) + length(fixed_in) + coalesce(length(severity), 0) + "
		     "coalesce(length(status_text), 0)"
		     " FROM advisory WHERE key_id = ?1 AND updater_id = ?2 AND ended IS NULL",
		     &c->live_rows, err));
	TRY(db_query(c->db, "INSERT INTO advisory_change(updater_id, operation, key_id) VALUES(?1, ?2, ?3)",
		     &c->add_change, err));
	return db_query(c->db,
			"UPDATE advisory SET ended = ?6"
			" WHERE key_id = ?1 AND name = ?2 AND fixed_in = ?3 AND hash = ?4 AND began = ?5",
			&c->end_row, err);
}

static int write_rows(struct commit *c, struct err *err)
{
	struct arena_mark mark = arena_mark(&c->scratch);
	size_t room = size_add(c->u->row_count, c->u->rows.unseen), n = 0;
	uint64_t *places = ARENA_ARRAY(&c->scratch, uint64_t, room);

	if (spool_end(&c->u->new_rows) >= OFFSET_MASK)
		return err_set(err, E_LIMIT, "update of " STR_FMT ": too many new advisories",
			       STR_ARG(c->u->updater));
	c->scopes.arena = &c->scratch;
	c->recent = ARENA_ARRAY(&c->scratch, struct recent_key, RECENT_KEYS);
	TRY(prepare_rows(c, err));
	TRY(find_places(c, places, &n, err));
	TRY(write_places(c, places, n, err));
	c->scopes = (struct map){ 0 };
	arena_release(&c->scratch, mark);
	return 0;
}

/* ---- the operation and its updater ---- */

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

/* Find the updater's row, making it at the first update, and that nobody changed it since update_begin. */
static int claim_updater(struct commit *c, struct err *err)
{
	autoquery struct query find = { 0 }, add = { 0 };
	int64_t revision = 0;
	int got;

	TRY(db_query(c->db, "INSERT INTO updater(name) VALUES(?1) ON CONFLICT(name) DO NOTHING", &add, err));
	query_bind_text(&add, c->u->updater);
	TRY(query_step(&add, err));
	TRY(db_query(c->db, "SELECT id, revision FROM updater WHERE name = ?1", &find, err));
	query_bind_text(&find, c->u->updater);
	got = query_step(&find, err);
	if (got > 0) {
		c->u->updater_id = query_int(&find, 0);
		revision = query_int(&find, 1);
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
	TRY(write_rows(c, err));
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
	if (is_changed(u, lost_texts))
		TRY(write_changes(&c, lost_texts, fingerprint, now, err));
	TRY(write_status(&c, fingerprint, now, err));
	TRY(db_commit(db, err));
	*out = (struct update_summary){
		.valid = u->valid,
		.added = u->row_count,
		.ended = c.ended,
		.texts_changed = u->text_count + lost_texts,
		.bytes_added = u->row_bytes + c.ended_bytes,
	};
	return 0;
}
