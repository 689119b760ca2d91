/* SPDX-License-Identifier: Apache-2.0 */
/* Storing an index report: taken apart as store/report_shape.h says, in one transaction.
 * What one would get wrong: the order of a set is the order of the report, and it is part of the set's hash;
 * two images share a set only because reports are ordered by package. */
#include "store/index.h"

#include "base/time.h"
#include "store/blob.h"
#include "store/index_store.h"
#include "store/job.h"
#include "store/report_put.h"

static void put_endp(struct put *p)
{
	hasher_free(p->hasher);
	arena_reset(&p->arena);
}
#define autoput __attribute__((cleanup(put_endp)))

static struct put_set *set_of(struct put *p, struct str package_db)
{
	struct put_set *set = map_get(&p->set_of, package_db);

	if (set)
		return set;
	set = ARENA_NEW(&p->arena, struct put_set);
	set->package_db = package_db;
	set->position = (uint32_t)p->sets.n;
	VEC_PUSH(&p->arena, &p->sets, set);
	*map_put(&p->set_of, package_db) = set;
	return set;
}

/* Sets have few layers, and neighbours mostly the same one. */
static uint32_t layer_in(struct put *p, struct put_set *set, uint32_t layer)
{
	for (size_t i = set->layers.n; i-- > 0;)
		if (set->layers.p[i] == layer)
			return (uint32_t)i;
	VEC_PUSH(&p->arena, &set->layers, layer);
	return (uint32_t)set->layers.n - 1;
}

static int put_environment(struct put *p, const struct package *package, const struct environment *e,
			   struct err *err)
{
	struct put_set *set = set_of(p, e->package_db);
	const struct part *record;

	TRY(part_record(p, package, e, &record, err));
	VEC_PUSH(&p->arena, &set->entries, ((struct set_entry){ record, layer_in(p, set, e->layer) }));
	put_varint(&p->shape, set->position);
	return 0;
}

static int put_packages(struct put *p, struct err *err)
{
	put_varint(&p->shape, p->report->packages.n);
	VEC_EACH (struct indexed_package, package, &p->report->packages) {
		put_varint(&p->shape, package->environments.n);
		VEC_EACH (struct environment, e, &package->environments)
			TRY(put_environment(p, &package->package, e, err));
	}
	return 0;
}

static void encode_layers(const struct put *p, const struct put_set *set, struct buffer *out)
{
	put_varint(out, set->layers.n);
	VEC_EACH (uint32_t, layer, &set->layers) {
		put_string(out, p->report->layers.p[*layer]);
		put_varint(out, p->occurrences[*layer]);
	}
}

static void encode_entries(const struct put_set *set, struct buffer *out)
{
	int64_t last = 0;

	put_varint(out, set->entries.n);
	VEC_EACH (struct set_entry, entry, &set->entries) {
		put_varint(out, zigzag(entry->record->id - last));
		put_varint(out, entry->layer);
		last = entry->record->id;
	}
}

struct posting {
	const struct put_set *set;
	int64_t set_id;
};

static int bind_posting(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct posting *posting = ctx;

	(void)err;
	query_bind_int(q, posting->set->entries.p[i].record->id);
	query_bind_int(q, posting->set_id);
	return 0;
}

static int add_postings(struct put *p, const struct put_set *set, int64_t set_id, struct err *err)
{
	struct posting posting = { set, set_id };

	return db_batch(p->db,
			"INSERT INTO set_record(record_id, set_id) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
			&(struct batch){ set->entries.n, &posting, bind_posting, NULL }, err);
}

static int add_set(struct put *p, const struct put_set *set, struct str layers, struct part *part,
		   struct err *err)
{
	struct buffer entries = { .arena = &p->arena };
	autoquery struct query q = { 0 };

	encode_entries(set, &entries);
	TRY(db_query(p->db,
		     "INSERT INTO package_set(hash, package_db, layers, records) VALUES(?1, ?2, ?3, ?4) "
		     "RETURNING id",
		     &q, err));
	query_bind_blob(&q, part_hash(part));
	query_bind_text(&q, set->package_db);
	query_bind_blob(&q, layers);
	query_bind_blob(&q, buffer_str(&entries));
	TRY(query_id(&q, &part->id, err));
	return add_postings(p, set, part->id, err);
}

static int put_set(struct put *p, const struct put_set *set, struct part *part, struct err *err)
{
	struct buffer layers = { .arena = &p->arena };
	int found;

	encode_layers(p, set, &layers);
	put_string(&p->content, set->package_db);
	put_bytes(&p->content, buffer_str(&layers));
	VEC_EACH (struct set_entry, entry, &set->entries) {
		put_bytes(&p->content, part_hash(entry->record));
		put_varint(&p->content, entry->layer);
	}
	part_hash_content(p, part);
	found = part_find(p->db, "SELECT id FROM package_set WHERE hash = ?1", part, err);
	return found ? found : add_set(p, set, buffer_str(&layers), part, err);
}

/* ---- the manifest: a new row each time, so that nothing of an older report or problem stays ---- */

static int forget_manifest(struct db *db, struct str hash, struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t id;
	int got;

	TRY(db_query(db, "SELECT id FROM manifest WHERE hash = ?1", &q, err));
	query_bind_text(&q, hash);
	got = query_step(&q, err);
	if (got <= 0)
		return got;
	id = query_int(&q, 0);
	query_end(&q);
	TRY(db_run_int(db, "DELETE FROM manifest_layer WHERE manifest_id = ?1", &id, 1, err));
	TRY(db_run_int(db, "DELETE FROM manifest_set WHERE manifest_id = ?1", &id, 1, err));
	return db_run_int(db, "DELETE FROM manifest WHERE id = ?1", &id, 1, err);
}

static struct str encode_notes(struct put *p)
{
	struct buffer notes = { .arena = &p->arena };

	if (p->report->notes.n == 0)
		return (struct str){ NULL, 0 };
	put_varint(&notes, p->report->notes.n);
	VEC_EACH (struct str, note, &p->report->notes)
		put_string(&notes, *note);
	return blob_pack(&p->arena, buffer_str(&notes));
}

static int add_manifest(struct put *p, struct str state, int64_t *id, struct err *err)
{
	autoquery struct query q = { 0 };
	struct str notes = encode_notes(p);
	int64_t revision;

	TRY(manifest_revision_(p->db, &revision, err));
	TRY(db_query(p->db,
		     "INSERT INTO manifest(hash, state, indexed_at, last_used, is_incomplete, shape, notes,"
		     " revision) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
		     &q, err));
	query_bind_text(&q, p->report->manifest_hash);
	query_bind_text(&q, state);
	query_bind_int(&q, time_now());
	query_bind_int(&q, time_now());
	query_bind_int(&q, p->report->is_incomplete);
	query_bind_blob(&q, blob_pack(&p->arena, buffer_str(&p->shape)));
	if (notes.n)
		query_bind_blob(&q, notes);
	else
		query_bind_null(&q);
	query_bind_int(&q, revision);
	TRY(query_step(&q, err));
	*id = query_int(&q, 0);
	return query_step(&q, err);
}

static int put_manifest_layer(struct put *p, int64_t manifest_id, size_t position, struct err *err)
{
	autoquery struct query layer = { 0 }, link = { 0 };

	TRY(db_query(p->db,
		     "INSERT INTO layer(digest, size, last_used, stored) VALUES(?1, 0, ?2, 0) ON CONFLICT DO "
		     "NOTHING",
		     &layer, err));
	query_bind_text(&layer, p->report->layers.p[position]);
	query_bind_int(&layer, time_now());
	TRY(query_step(&layer, err));
	TRY(db_query(p->db,
		     "INSERT INTO manifest_layer(manifest_id, position, layer_id)"
		     " SELECT ?1, ?2, id FROM layer WHERE digest = ?3",
		     &link, err));
	query_bind_int(&link, manifest_id);
	query_bind_int(&link, (int64_t)position);
	query_bind_text(&link, p->report->layers.p[position]);
	return query_step(&link, err);
}

static int put_manifest(struct put *p, struct str state, struct err *err)
{
	int64_t id;

	TRY(forget_manifest(p->db, p->report->manifest_hash, err));
	TRY(add_manifest(p, state, &id, err));
	for (size_t i = 0; i < p->report->layers.n; i++)
		TRY(put_manifest_layer(p, id, i, err));
	for (size_t i = 0; i < p->sets.n; i++) {
		struct part part;
		int64_t params[] = { id, (int64_t)i, 0 };

		TRY(put_set(p, p->sets.p[i], &part, err));
		params[2] = part.id;
		TRY(db_run_int(p->db,
			       "INSERT INTO manifest_set(manifest_id, position, set_id) VALUES(?1, ?2, ?3)",
			       params, 3, err));
	}
	return 0;
}

static void count_occurrences(struct put *p)
{
	struct map last = { .arena = &p->arena };
	size_t n = p->report->layers.n;

	p->occurrences = ARENA_ARRAY(&p->arena, uint32_t, n);
	for (size_t i = 0; i < n; i++) {
		void **seen = map_put(&last, p->report->layers.p[i]);

		p->occurrences[i] = *seen ? *(uint32_t *)*seen + 1 : 0;
		*seen = &p->occurrences[i];
	}
}

int index_put_report(struct index_store *s, const struct index_report *report, struct str state,
		     struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autoput struct put p = { .db = db, .report = report, .hasher = hasher_new(HASH_SHA256) };

	p.content.arena = p.shape.arena = &p.arena;
	p.contexts.arena = p.records.arena = p.set_of.arena = &p.arena;
	count_occurrences(&p);
	TRY(db_begin(db, DB_WRITE, err));
	TRY(part_put_lists(&p, err));
	TRY(put_packages(&p, err));
	TRY(part_write_records(&p, err));
	TRY(put_manifest(&p, state, err));
	return db_commit(db, err);
}
