/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an index report back: put together as store/report_shape.h says.
 * What one would get wrong: stored bytes are checked like any input, as a file may be damaged without SQLite
 * noticing; positions of the report are recomputed from ids and digests. */
#include "store/index.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "store/blob.h"
#include "store/index_store.h"
#include "store/report_get.h"
#include "store/report_got.h"
#include "store/report_shape.h"

/* Positions are kept in maps of pointers, from 1. */
static void *position_value(size_t position)
{
	return (void *)(uintptr_t)(position + 1);
}

/* ---- the manifest: state and layers ---- */

static int read_notes(struct get *g, struct str packed, struct err *err)
{
	struct str bytes;
	struct cursor c;
	uint64_t n;

	if (packed.n == 0)
		return 0;
	if (blob_unpack(g->arena, packed, LIMIT_SHAPE_BYTES, &bytes, err) < 0)
		return got_damaged_(g, err);
	c = cursor_of(bytes);
	n = get_varint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++)
		VEC_PUSH(g->arena, &g->report.notes, get_string(&c, bytes.n));
	return c.bad ? got_damaged_(g, err) : 0;
}

/* 1, or 0 when there is none of this state. */
static int read_manifest(struct get *g, struct str hash, const struct str *state, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(g->db,
		     "SELECT id, last_used, is_incomplete, notes, shape, state FROM manifest WHERE hash = ?1"
		     " AND state <> ''",
		     &q, err));
	query_bind_text(&q, hash);
	got = query_step(&q, err);
	if (got <= 0)
		return got;
	if (state && !str_eq(query_text(&q, 5), *state))
		return 0;
	g->manifest_id = query_int(&q, 0);
	g->last_used = query_int(&q, 1);
	g->report.manifest_hash = str_copy(g->arena, hash);
	g->report.is_incomplete = query_int(&q, 2) != 0;
	TRY(read_notes(g, query_blob(&q, 3), err));
	if (blob_unpack(g->arena, query_blob(&q, 4), LIMIT_SHAPE_BYTES, &g->shape, err) < 0)
		return got_damaged_(g, err);
	return 1;
}

static struct str layer_key(struct arena *a, struct str digest, uint64_t occurrence)
{
	return str_format(a, STR_FMT " %llu", STR_ARG(digest), (unsigned long long)occurrence);
}

static void add_layer(struct get *g, struct map *counts, struct str digest)
{
	void **count = map_put(counts, digest);
	size_t occurrence = (uintptr_t)*count;

	*count = (void *)(uintptr_t)(occurrence + 1);
	*map_put(&g->layers, layer_key(g->arena, digest, occurrence)) = position_value(g->report.layers.n);
	VEC_PUSH(g->arena, &g->report.layers, digest);
}

/* 1 when the manifest's layers are these; NULL: whatever they are. */
static int compare_layers(struct get *g, const struct str *layers, size_t n, struct err *err)
{
	autoquery struct query q = { 0 };
	struct map counts = { .arena = g->arena };
	int got;

	TRY(db_query(g->db,
		     "SELECT l.digest FROM manifest_layer m JOIN layer l ON l.id = m.layer_id"
		     " WHERE m.manifest_id = ?1 ORDER BY m.position",
		     &q, err));
	query_bind_int(&q, g->manifest_id);
	while ((got = query_step(&q, err)) > 0) {
		struct str digest = got_column_(g, &q, 0);

		if (layers && (g->report.layers.n >= n || !str_eq(digest, layers[g->report.layers.n])))
			return 0;
		add_layer(g, &counts, digest);
	}
	return got < 0 ? got : !layers || g->report.layers.n == n;
}

/* ---- distributions and repositories ---- */

static int read_distribution(struct get *g, int64_t id, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(
		g->db,
		"SELECT did, name, version, version_code_name, version_id, arch, cpe, pretty_name, release"
		" FROM distribution WHERE id = ?1",
		&q, err));
	query_bind_int(&q, id);
	TRY(query_step(&q, err));
	*got_put_(&g->distributions, id) = position_value(g->report.distributions.n);
	VEC_PUSH(g->arena, &g->report.distributions,
		 ((struct distribution){ got_column_(g, &q, 0), got_column_(g, &q, 1), got_column_(g, &q, 2),
					 got_column_(g, &q, 3), got_column_(g, &q, 4), got_column_(g, &q, 5),
					 got_column_(g, &q, 6), got_column_(g, &q, 7),
					 got_column_(g, &q, 8) }));
	return 0;
}

static int read_repository(struct get *g, int64_t id, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(g->db, "SELECT name, key, uri, cpe FROM repository WHERE id = ?1", &q, err));
	query_bind_int(&q, id);
	TRY(query_step(&q, err));
	*got_put_(&g->repositories, id) = position_value(g->report.repositories.n);
	VEC_PUSH(g->arena, &g->report.repositories,
		 ((struct repository){ got_column_(g, &q, 0), got_column_(g, &q, 1), got_column_(g, &q, 2),
				       got_column_(g, &q, 3) }));
	return 0;
}

static int read_ids(struct get *g, struct cursor *c, int (*read)(struct get *, int64_t, struct err *),
		    struct err *err)
{
	uint64_t n = get_varint(c);

	for (uint64_t i = 0; i < n && !c->bad; i++) {
		TRY(read(g, (int64_t)get_varint(c), err));
		TRY(task_check(g->task, err));
	}
	return c->bad ? got_damaged_(g, err) : 0;
}

static int read_lists(struct get *g, struct cursor *c, struct err *err)
{
	uint64_t distribution;

	TRY(read_ids(g, c, read_distribution, err));
	TRY(read_ids(g, c, read_repository, err));
	distribution = get_varint(c);
	if (c->bad || distribution > g->report.distributions.n)
		return got_damaged_(g, err);
	g->report.distribution = (int32_t)distribution - 1;
	return 0;
}

/* ---- sets ---- */

static int read_set_layers(struct get *g, struct str bytes, uint32_t **out, uint64_t *n, struct err *err)
{
	struct cursor c = cursor_of(bytes);
	uint32_t *positions;

	*n = get_varint(&c);
	if (*n > bytes.n)
		return got_damaged_(g, err);
	positions = ARENA_ARRAY(g->arena, uint32_t, *n);
	for (uint64_t i = 0; i < *n; i++) {
		struct str digest = get_string(&c, bytes.n);
		uint64_t occurrence = get_varint(&c);

		if (c.bad ||
		    !got_position_(&g->layers, layer_key(g->arena, digest, occurrence), &positions[i]))
			return got_damaged_(g, err);
	}
	*out = positions;
	return 0;
}

static int read_set(struct get *g, struct str layers, struct str records, struct got_set *set,
		    struct err *err)
{
	struct cursor c = cursor_of(records);
	uint64_t n = get_varint(&c), layer_count;
	struct wanted_records wanted = { .g = g };
	uint32_t *positions = NULL;
	int64_t id = 0;

	TRY(read_set_layers(g, layers, &positions, &layer_count, err));
	if (n > records.n)
		return got_damaged_(g, err);
	set->n = (size_t)n;
	set->entries = ARENA_ARRAY(g->arena, struct got_entry, n);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t layer;

		id = (int64_t)((uint64_t)id + (uint64_t)zagzig(get_varint(&c)));
		layer = get_varint(&c);
		if (c.bad || layer >= layer_count)
			return got_damaged_(g, err);
		set->entries[i].layer = positions[layer];
		set->entries[i].record = got_want_(&wanted, id);
	}
	return got_records_(&wanted, err);
}

static int read_sets(struct get *g, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(g->db,
		     "SELECT s.package_db, s.layers, s.records FROM manifest_set m JOIN package_set s ON "
		     "s.id = m.set_id"
		     " WHERE m.manifest_id = ?1 ORDER BY m.position",
		     &q, err));
	query_bind_int(&q, g->manifest_id);
	while ((got = query_step(&q, err)) > 0) {
		struct got_set set = { .package_db = got_column_(g, &q, 0) };

		TRY(read_set(g, query_blob(&q, 1), query_blob(&q, 2), &set, err));
		VEC_PUSH(g->arena, &g->sets, set);
	}
	return got;
}

/* ---- packages ---- */

static int take_environment(struct get *g, struct cursor *c, struct indexed_package *package, struct err *err)
{
	uint64_t position = get_varint(c);
	struct environment *e;
	struct got_entry *entry;
	struct got_set *set;

	if (c->bad || position >= g->sets.n)
		return got_damaged_(g, err);
	set = &g->sets.p[position];
	if (set->next == set->n)
		return got_damaged_(g, err);
	entry = &set->entries[set->next++];
	if (package->environments.n == 0)
		package->package = entry->record->package;
	e = VEC_ADD(g->arena, &package->environments);
	*e = *entry->record->context;
	e->package_db = set->package_db;
	e->layer = entry->layer;
	return 0;
}

static int read_packages(struct get *g, struct cursor *c, struct err *err)
{
	uint64_t n = get_varint(c);

	for (uint64_t i = 0; i < n; i++) {
		struct indexed_package package = { 0 };
		uint64_t environments = get_varint(c);

		for (uint64_t j = 0; j < environments; j++)
			TRY(take_environment(g, c, &package, err));
		if (c->bad || environments == 0)
			return got_damaged_(g, err);
		VEC_PUSH(g->arena, &g->report.packages, package);
	}
	return c->bad ? got_damaged_(g, err) : 0;
}

/* 1 and g->report, or 0. */
static int read_report(struct get *g, const struct report_wanted *w, struct err *err)
{
	struct cursor c;
	int got = read_manifest(g, w->manifest_hash, w->state, err);

	if (got > 0)
		got = compare_layers(g, w->layers, w->layer_count, err);
	if (got <= 0)
		return got;
	c = cursor_of(g->shape);
	TRY(read_lists(g, &c, err));
	TRY(read_sets(g, err));
	TRY(read_packages(g, &c, err));
	return 1;
}

int report_get_(struct db *db, struct task *task, const struct report_wanted *wanted,
		struct report_found *out, struct err *err)
{
	struct get g = { .db = db, .task = task, .arena = &task->arena };
	int got;

	g.layers.arena = g.distributions.arena = g.repositories.arena = g.arena;
	g.contexts.arena = g.records.arena = g.arena;
	got = read_report(&g, wanted, err);
	if (got > 0)
		*out = (struct report_found){ g.report, g.manifest_id, g.last_used };
	return got;
}

void report_touch_(struct db *db, int64_t manifest_id, int64_t last_used)
{
	index_touch_(db, "UPDATE manifest SET last_used = ?1 WHERE id = ?2", manifest_id, last_used);
}

int index_get_report(struct index_store *s, struct task *task, struct str manifest_hash, struct str state,
		     const struct str *layers, size_t layer_count, struct index_report *out, struct err *err)
{
	static const struct str none;
	const struct report_wanted wanted = { manifest_hash, &state, layers ? layers : &none, layer_count };
	autodb struct db *db = db_lock(s->db);
	struct report_found found;
	int got;

	TRY(db_begin(db, DB_READ, err));
	got = report_get_(db, task, &wanted, &found, err);
	if (got < 0)
		return got;
	TRY(db_commit(db, err));
	if (got == 0)
		return 0;
	report_touch_(db, found.manifest_id, found.last_used);
	*out = found.report;
	return 1;
}
