/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of an update: new advisories are inserted, vanished ones ended. They are written in the order of
 * their keys, by chunks that are small enough for the pages of one to be in memory together, so that each
 * page of the table is changed once. What one would get wrong: what was loaded at update_begin is used
 * without looking again, but of a key with vanished rows it is not known which they are: the key is read. */
#include "store/update_commit.h"

#include <stdlib.h>

/* A place: key id, then offset in the spool + 1, or 0 for "end the unseen rows of this key". */
#define OFFSET_BITS (64 - KEY_BITS)
#define OFFSET_MASK ((UINT64_C(1) << OFFSET_BITS) - 1)
enum { CHUNK_PLACES = 512, WINDOW_ROWS = 1000 };

static int compare_places(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint32_t key_of(uint64_t place)
{
	return (uint32_t)(place >> OFFSET_BITS);
}

/* ---- where what is to be written goes ---- */

struct places {
	uint64_t *p;
	size_t n;
	struct key_window keys;
	struct {
		const struct window_key *key;
		uint64_t offset;
	} waiting[WINDOW_ROWS]; /* rows whose keys are not looked up yet */
	size_t waiting_count;
};

static void add_place(struct places *places, uint32_t key, uint64_t offset)
{
	places->p[places->n++] = (uint64_t)key << OFFSET_BITS | (offset + 1);
}

static int end_window(struct commit *c, struct places *places, struct err *err)
{
	TRY(update_keys_find(c, &places->keys, err));
	for (size_t i = 0; i < places->waiting_count; i++)
		add_place(places, places->waiting[i].key->id, places->waiting[i].offset);
	places->waiting_count = 0;
	update_keys_clear(&places->keys);
	return 0;
}

static int place_row(struct commit *c, struct places *places, const struct advisory_key *key, uint64_t offset,
		     struct err *err)
{
	uint32_t id;

	if (update_key_recent(c, key, &id)) {
		add_place(places, id, offset);
		return 0;
	}
	if (places->waiting_count == WINDOW_ROWS)
		TRY(end_window(c, places, err));
	places->waiting[places->waiting_count].key = update_keys_add(c, &places->keys, key);
	places->waiting[places->waiting_count++].offset = offset;
	return 0;
}

/* The new rows of the spool, and the keys with rows to end. */
static int find_places(struct commit *c, struct places *places, struct err *err)
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
		if (c->u->is_delta && known_rows_key(&c->u->rows, row.id))
			c->u->row_bytes -= bytes.n - sizeof(row.id);
		else
			TRY(place_row(c, places, &row.key, offset, err));
	}
	TRY(end_window(c, places, err));
	for (size_t i = 0; known_rows_next_unseen(&c->u->rows, &i, &key);)
		places->p[places->n++] = (uint64_t)key << OFFSET_BITS;
	qsort(places->p, places->n, sizeof(*places->p), compare_places);
	return 0;
}

/* ---- a chunk ---- */

/* Enough of a row to name it. */
struct row_name {
	struct str name, fixed_in;
	int64_t hash, began;
	uint32_t key;
};

struct chunk {
	struct commit *c;
	uint32_t changed[CHUNK_PLACES], ended[CHUNK_PLACES]; /* keys that change; with rows to end */
	uint64_t added[CHUNK_PLACES]; /* places of new rows */
	size_t changed_count, ended_count, added_count;
	struct arena arena; /* of the next: of one chunk */
	VEC(struct row_name) unseen;
};

static void fill_chunk(struct chunk *k, const struct places *places, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		uint64_t place = places->p[i];

		if (i == 0 || key_of(places->p[i - 1]) != key_of(place))
			k->changed[k->changed_count++] = key_of(place);
		if (place & OFFSET_MASK)
			k->added[k->added_count++] = place;
		else if (i == 0 || places->p[i - 1] != place)
			k->ended[k->ended_count++] = key_of(place);
	}
}

static int bind_change(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct chunk *k = ctx;

	(void)err;
	query_bind_int(q, k->c->u->updater_id);
	query_bind_int(q, k->c->operation);
	query_bind_int(q, k->changed[i]);
	return 0;
}

/* Remember which keys an operation touches, so that a difference need not look at all; the first one of an
 * updater touches everything and is compared with nothing. */
static int write_changed_keys(struct chunk *k, struct err *err)
{
	if (k->c->is_first)
		return 0;
	return db_batch(k->c->db,
			"INSERT INTO advisory_change(updater_id, operation, key_id) VALUES(?1, ?2, ?3)",
			&(struct batch){ k->changed_count, k, bind_change, NULL }, err);
}

static int bind_row(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct chunk *k = ctx;
	uint64_t offset = (k->added[i] & OFFSET_MASK) - 1;
	struct update_row row;
	struct str bytes;
	int64_t scope;

	TRY(spool_read(&k->c->u->new_rows, &offset, &bytes, err));
	update_row_decode(bytes, &row);
	TRY(update_scope(k->c, row.scope, &scope, err));
	query_bind_int(q, key_of(k->added[i]));
	query_bind_text(q, row.name);
	query_bind_text(q, row.fixed_in);
	query_bind_int(q, (int64_t)row.id);
	query_bind_int(q, k->c->operation);
	query_bind_int(q, k->c->u->updater_id);
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
	return 0;
}

static int insert_rows(struct chunk *k, struct err *err)
{
	return db_batch(
		k->c->db,
		"INSERT INTO advisory(key_id, name, fixed_in, hash, began, updater_id, package_kind, status,"
		" normalized, severity, status_text, scope_id, version_range)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
		&(struct batch){ k->added_count, k, bind_row, NULL }, err);
}

static int bind_ended_key(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct chunk *k = ctx;

	(void)err;
	query_bind_int(q, k->ended[i]);
	query_bind_int(q, k->c->u->updater_id);
	return 0;
}

static int take_live_row(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct chunk *k = ctx;
	struct arena *a = &k->arena;

	(void)err;
	if (!known_rows_is_unseen(&k->c->u->rows, (uint64_t)query_int(q, 2)))
		return 0;
	VEC_PUSH(a, &k->unseen,
		 ((struct row_name){ str_copy(a, query_text(q, 0)), str_copy(a, query_text(q, 1)),
				     query_int(q, 2), query_int(q, 3), k->ended[i] }));
	k->c->ended_bytes += (uint64_t)query_int(q, 4);
	return 0;
}

static int bind_end(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct chunk *k = ctx;
	const struct row_name *row = &k->unseen.p[i];

	(void)err;
	query_bind_int(q, row->key);
	query_bind_text(q, row->name);
	query_bind_text(q, row->fixed_in);
	query_bind_int(q, row->hash);
	query_bind_int(q, row->began);
	query_bind_int(q, k->c->operation);
	return 0;
}

static int end_rows(struct chunk *k, struct err *err)
{
	TRY(db_batch(k->c->db,
		     "SELECT name, fixed_in, hash, began,"
		     " length(name) + length(fixed_in) + coalesce(length(severity), 0) + "
		     "coalesce(length(status_text), 0)"
		     " FROM advisory WHERE key_id = ?1 AND updater_id = ?2 AND ended IS NULL",
		     &(struct batch){ k->ended_count, k, bind_ended_key, take_live_row }, err));
	k->c->ended += k->unseen.n;
	return db_batch(k->c->db,
			"UPDATE advisory SET ended = ?6"
			" WHERE key_id = ?1 AND name = ?2 AND fixed_in = ?3 AND hash = ?4 AND began = ?5",
			&(struct batch){ k->unseen.n, k, bind_end, NULL }, err);
}

static int write_chunk(struct chunk *k, struct err *err)
{
	TRY(write_changed_keys(k, err));
	TRY(insert_rows(k, err));
	return end_rows(k, err);
}

static int write_chunks(struct commit *c, const struct places *places, struct err *err)
{
	for (size_t from = 0; from < places->n; from += CHUNK_PLACES) {
		size_t to = places->n - from < CHUNK_PLACES ? places->n : from + CHUNK_PLACES;
		struct chunk k = { .c = c };
		int rc;

		fill_chunk(&k, places, from, to);
		rc = write_chunk(&k, err);
		arena_reset(&k.arena);
		TRY(rc);
	}
	return 0;
}

int update_rows_write(struct commit *c, struct err *err)
{
	struct arena_mark mark = arena_mark(&c->scratch);
	struct places *places = ARENA_NEW(&c->scratch, struct places);

	if (spool_end(&c->u->new_rows) >= OFFSET_MASK)
		return err_set(err, E_LIMIT, "update of " STR_FMT ": too many new advisories",
			       STR_ARG(c->u->updater));
	c->scopes.arena = &c->scratch;
	c->recent = ARENA_ARRAY(&c->scratch, struct recent_key, RECENT_KEYS);
	places->p = ARENA_ARRAY(&c->scratch, uint64_t, size_add(c->u->row_count, c->u->rows.unseen));
	TRY(find_places(c, places, err));
	TRY(write_chunks(c, places, err));
	c->scopes = (struct map){ 0 };
	arena_release(&c->scratch, mark);
	return 0;
}
