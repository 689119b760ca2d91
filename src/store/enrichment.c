/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting an update of enrichments: what is stored is loaded as hashes and only what is new is kept, in a
 * spool. Source: service interface, section 4.5. What one would get wrong: an enrichment is not a row. What
 * is asked is "the texts of this tag", so a row is a tag with the content hash of a text, and each text is
 * stored once however many tags have it: the scores of 250,000 vulnerabilities are some thousand texts. */
#include "store/enrichment.h"

#include "base/limits.h"

#include <stdlib.h>

/* The first 63 bits of SHA-256, never 0. */
static uint64_t hash_of(struct enrichment_update *u, struct str bytes)
{
	unsigned char digest[64];
	struct cursor c = { digest, digest + 8, false };
	uint64_t hash;

	hasher_add(u->hasher, bytes.p, bytes.n);
	hasher_end(u->hasher, digest);
	hash = get_be64(&c) >> 1;
	return hash ? hash : 1;
}

static struct str content_of(struct enrichment_update *u, uint64_t text_id, struct str rest)
{
	u->content.n = 0;
	put_le64(&u->content, text_id);
	put_bytes(&u->content, rest);
	return buffer_str(&u->content);
}

uint64_t enrichment_row_hash(struct enrichment_update *u, struct str tag, uint64_t text_id)
{
	return hash_of(u, content_of(u, text_id, tag));
}

void enrichment_record(struct str record, uint64_t *text_id, struct str *rest)
{
	struct cursor c = cursor_of(record);

	*text_id = get_le64(&c);
	*rest = get_bytes(&c, cursor_left(&c));
}

/* ---- what is stored ---- */

static int load_updater(struct enrichment_update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id, revision, enrichments FROM updater WHERE name = ?1", &q, err));
	query_bind_text(&q, u->updater);
	got = query_step(&q, err);
	if (got > 0) {
		u->updater_id = query_int(&q, 0);
		u->revision = query_int(&q, 1);
		known_rows_reserve(&u->rows, (size_t)query_int(&q, 2));
	}
	return got < 0 ? got : 0;
}

static int load_rows(struct enrichment_update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT tag, text_id FROM enrichment WHERE updater_id = ?1", &q, err));
	query_stream(&q);
	query_bind_int(&q, u->updater_id);
	while ((got = query_step(&q, err)) > 0)
		known_rows_add(&u->rows,
			       enrichment_row_hash(u, query_text(&q, 0), (uint64_t)query_int(&q, 1)), 0);
	return got;
}

static int load_texts(struct enrichment_update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT text_id FROM enrichment_text WHERE updater_id = ?1", &q, err));
	query_stream(&q);
	query_bind_int(&q, u->updater_id);
	while ((got = query_step(&q, err)) > 0)
		known_rows_add(&u->texts, (uint64_t)query_int(&q, 0), 0);
	return got;
}

static int load(struct enrichment_update *u, struct err *err)
{
	autodb struct db *db = db_lock(u->store->db);

	TRY(db_begin(db, DB_READ, err));
	TRY(load_updater(u, db, err));
	if (u->updater_id) {
		TRY(load_rows(u, db, err));
		TRY(load_texts(u, db, err));
	}
	return db_commit(db, err);
}

int enrichments_begin(struct advisory_store *s, struct str updater, struct enrichment_update **out,
		      struct err *err)
{
	autoenrichments struct enrichment_update *u = calloc(1, sizeof(*u));

	if (!u)
		abort();
	u->store = s;
	u->new_rows.fd = u->new_texts.fd = -1;
	u->content.arena = &u->arena;
	u->updater = str_copy(&u->arena, updater);
	u->hasher = hasher_new(HASH_SHA256);
	TRY(load(u, err));
	*out = u;
	u = NULL;
	return 0;
}

/* ---- what is put ---- */

static int put_text(struct enrichment_update *u, uint64_t id, struct str text, struct err *err)
{
	uint64_t offset;

	if (known_rows_see(&u->texts, id) != ROW_NEW)
		return 0;
	u->text_count++;
	u->text_bytes += text.n;
	return spool_add(&u->new_texts, content_of(u, id, text), &offset, err);
}

static int put_tag(struct enrichment_update *u, struct str tag, uint64_t text_id, struct err *err)
{
	enum known_row known = known_rows_see(&u->rows, enrichment_row_hash(u, tag, text_id));
	uint64_t offset;

	u->valid += known != ROW_REPEATED;
	if (known != ROW_NEW)
		return 0;
	u->row_count++;
	return spool_add(&u->new_rows, content_of(u, text_id, tag), &offset, err);
}

int enrichments_put(struct enrichment_update *u, const struct enrichment *e, struct err *err)
{
	uint64_t id;

	if (e->data.n > LIMIT_FEED_TEXT_BYTES)
		return err_set(err, E_LIMIT, "enrichment: %zu bytes, limit %llu", e->data.n,
			       (unsigned long long)LIMIT_FEED_TEXT_BYTES);
	id = hash_of(u, e->data);
	for (size_t i = 0; i < e->tag_count; i++) {
		if (e->tags[i].n > LIMIT_FIELD_BYTES)
			return err_set(err, E_LIMIT, "enrichment: tag of %zu bytes, limit %llu", e->tags[i].n,
				       (unsigned long long)LIMIT_FIELD_BYTES);
		if (e->tags[i].n == 0)
			continue;
		TRY(put_text(u, id, e->data, err));
		TRY(put_tag(u, e->tags[i], id, err));
	}
	return 0;
}

static void keep_row(struct enrichment_update *u, struct str tag, uint64_t text_id)
{
	u->valid += known_rows_see(&u->rows, enrichment_row_hash(u, tag, text_id)) == ROW_STORED;
	known_rows_see(&u->texts, text_id);
}

static int keep_rows(struct enrichment_update *u, struct db *db, bool (*keep)(void *ctx, struct str tag),
		     void *ctx, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT tag, text_id FROM enrichment WHERE updater_id = ?1", &q, err));
	query_stream(&q);
	query_bind_int(&q, u->updater_id);
	while ((got = query_step(&q, err)) > 0)
		if (keep(ctx, query_text(&q, 0)))
			keep_row(u, query_text(&q, 0), (uint64_t)query_int(&q, 1));
	return got;
}

int enrichments_keep(struct enrichment_update *u, bool (*keep)(void *ctx, struct str tag), void *ctx,
		     struct err *err)
{
	autodb struct db *db = db_lock(u->store->db);

	if (!u->updater_id)
		return 0;
	TRY(db_begin(db, DB_READ, err));
	TRY(keep_rows(u, db, keep, ctx, err));
	return db_commit(db, err);
}

void enrichments_close(struct enrichment_update *u)
{
	if (!u)
		return;
	hasher_free(u->hasher);
	spool_close(&u->new_rows);
	spool_close(&u->new_texts);
	arena_reset(&u->rows.arena);
	arena_reset(&u->texts.arena);
	arena_reset(&u->arena);
	free(u);
}

void enrichments_closep(struct enrichment_update **u)
{
	enrichments_close(*u);
}
