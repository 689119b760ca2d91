/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an index report back: put together as store/report_shape.h says.
 * What one would get wrong: stored bytes are checked like any input, as a file may be damaged without SQLite
 * noticing; positions of the report are recomputed from ids and digests. */
#include "store/index.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/map.h"
#include "store/blob.h"
#include "store/index_store.h"
#include "store/report_get.h"
#include "store/report_shape.h"

/* A record read back, and where its context is in the report. */
struct got_record {
	struct package package;
	const struct environment *context; /* distribution and repositories only */
};

struct got_entry {
	const struct got_record *record;
	uint32_t layer; /* position in the report */
};

struct got_set {
	struct str package_db;
	struct got_entry *entries;
	size_t n, next; /* next: first that no environment has taken */
};

struct get {
	struct db *db;
	struct task *task;
	struct arena *arena;
	struct index_report report;
	int64_t manifest_id, last_used;
	struct str shape;
	struct map layers; /* (digest, occurrence) to position + 1 */
	struct map distributions, repositories; /* id to position + 1 */
	struct map contexts, records; /* id to struct environment, struct got_record */
	VEC(struct got_set) sets;
};

static int damaged(const struct get *g, struct err *err)
{
	return db_damaged(g->db, "an index report", err);
}

static struct str id_key(const int64_t *id)
{
	return (struct str){ (const char *)id, sizeof(*id) };
}

static void **id_put(struct map *m, int64_t id)
{
	return map_put(m, str_copy(m->arena, id_key(&id)));
}

/* Positions are kept in maps of pointers, from 1. */
static void *position_value(size_t position)
{
	return (void *)(uintptr_t)(position + 1);
}

static bool position_of(const struct map *m, struct str key, uint32_t *out)
{
	uintptr_t v = (uintptr_t)map_get(m, key);

	if (v)
		*out = (uint32_t)(v - 1);
	return v != 0;
}

static struct str column(struct get *g, const struct query *q, int i)
{
	return str_copy(g->arena, query_text(q, i));
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
		return damaged(g, err);
	c = cursor_of(bytes);
	n = get_varint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++)
		VEC_PUSH(g->arena, &g->report.notes, get_string(&c, bytes.n));
	return c.bad ? damaged(g, err) : 0;
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
		return damaged(g, err);
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
		struct str digest = column(g, &q, 0);

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
	*id_put(&g->distributions, id) = position_value(g->report.distributions.n);
	VEC_PUSH(g->arena, &g->report.distributions,
		 ((struct distribution){ column(g, &q, 0), column(g, &q, 1), column(g, &q, 2),
					 column(g, &q, 3), column(g, &q, 4), column(g, &q, 5),
					 column(g, &q, 6), column(g, &q, 7), column(g, &q, 8) }));
	return 0;
}

static int read_repository(struct get *g, int64_t id, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(g->db, "SELECT name, key, uri, cpe FROM repository WHERE id = ?1", &q, err));
	query_bind_int(&q, id);
	TRY(query_step(&q, err));
	*id_put(&g->repositories, id) = position_value(g->report.repositories.n);
	VEC_PUSH(g->arena, &g->report.repositories,
		 ((struct repository){ column(g, &q, 0), column(g, &q, 1), column(g, &q, 2),
				       column(g, &q, 3) }));
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
	return c->bad ? damaged(g, err) : 0;
}

static int read_lists(struct get *g, struct cursor *c, struct err *err)
{
	uint64_t distribution;

	TRY(read_ids(g, c, read_distribution, err));
	TRY(read_ids(g, c, read_repository, err));
	distribution = get_varint(c);
	if (c->bad || distribution > g->report.distributions.n)
		return damaged(g, err);
	g->report.distribution = (int32_t)distribution - 1;
	return 0;
}

/* ---- contexts and records ---- */

static int read_context_repositories(struct get *g, struct str ids, struct environment *e, struct err *err)
{
	struct cursor c = cursor_of(ids);
	uint64_t n = get_varint(&c);
	uint32_t *positions;

	if (n > ids.n)
		return damaged(g, err);
	positions = ARENA_ARRAY(g->arena, uint32_t, n);
	for (uint64_t i = 0; i < n; i++) {
		int64_t id = (int64_t)get_varint(&c);

		if (c.bad || !position_of(&g->repositories, id_key(&id), &positions[i]))
			return damaged(g, err);
	}
	e->repositories = n ? positions : NULL;
	e->repository_count = (size_t)n;
	return 0;
}

static int read_context(struct get *g, int64_t id, struct environment *e, struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t distribution;
	uint32_t position;

	TRY(db_query(g->db, "SELECT distribution_id, repositories FROM context WHERE id = ?1", &q, err));
	query_bind_int(&q, id);
	if (query_step(&q, err) <= 0)
		return damaged(g, err);
	e->distribution = -1;
	distribution = query_int(&q, 0);
	if (!query_is_null(&q, 0)) {
		if (!position_of(&g->distributions, id_key(&distribution), &position))
			return damaged(g, err);
		e->distribution = (int32_t)position;
	}
	return read_context_repositories(g, query_blob(&q, 1), e, err);
}

static int context_of(struct get *g, int64_t id, const struct environment **out, struct err *err)
{
	struct environment *e = map_get(&g->contexts, id_key(&id));

	if (!e) {
		e = ARENA_NEW(g->arena, struct environment);
		TRY(read_context(g, id, e, err));
		*id_put(&g->contexts, id) = e;
	}
	*out = e;
	return 0;
}

static int scanner_position(struct str name)
{
	for (int i = 0; scanner_ids[i].name; i++)
		if (str_eq(name, str_of(scanner_ids[i].name)))
			return i;
	return -1;
}

/* Records yet to be read. */
struct wanted_records {
	struct get *g;
	VEC(int64_t) ids;
	VEC(struct got_record *) records;
};

static const struct got_record *want_record(struct wanted_records *w, int64_t id)
{
	struct get *g = w->g;
	struct got_record *r = map_get(&g->records, id_key(&id));

	if (!r) {
		r = ARENA_NEW(g->arena, struct got_record);
		*id_put(&g->records, id) = r;
		VEC_PUSH(g->arena, &w->ids, id);
		VEC_PUSH(g->arena, &w->records, r);
	}
	return r;
}

static int bind_record(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct wanted_records *w = ctx;

	query_bind_int(q, w->ids.p[i]);
	return task_check(w->g->task, err);
}

static int take_record(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct wanted_records *w = ctx;
	struct get *g = w->g;
	struct got_record *r = w->records.p[i];
	int64_t kind = query_int(q, 1);

	if (kind < 0 || kind > PACKAGE_LAYER)
		return damaged(g, err);
	r->package = (struct package){
		.name = column(g, q, 2),
		.version = column(g, q, 3),
		.arch = column(g, q, 4),
		.module = column(g, q, 5),
		.kind = (enum package_kind)kind,
		.source_name = column(g, q, 6),
		.source_version = column(g, q, 7),
		.normalized_version = column(g, q, 8),
		.repository_hint = column(g, q, 9),
		.filepath = column(g, q, 10),
		.scanner = scanner_position(query_text(q, 11)),
	};
	return context_of(g, query_int(q, 0), &r->context, err);
}

static int read_records(struct wanted_records *w, struct err *err)
{
	TRY(db_batch(w->g->db,
		     "SELECT context_id, kind, name, version, arch, module, source_name, source_version,"
		     " normalized_version, repository_hint, filepath, scanner FROM record WHERE id = ?1",
		     &(struct batch){ w->ids.n, w, bind_record, take_record }, err));
	for (size_t i = 0; i < w->records.n; i++)
		if (!w->records.p[i]->context)
			return damaged(w->g, err);
	return 0;
}

/* ---- sets ---- */

static int read_set_layers(struct get *g, struct str bytes, uint32_t **out, uint64_t *n, struct err *err)
{
	struct cursor c = cursor_of(bytes);
	uint32_t *positions;

	*n = get_varint(&c);
	if (*n > bytes.n)
		return damaged(g, err);
	positions = ARENA_ARRAY(g->arena, uint32_t, *n);
	for (uint64_t i = 0; i < *n; i++) {
		struct str digest = get_string(&c, bytes.n);
		uint64_t occurrence = get_varint(&c);

		if (c.bad || !position_of(&g->layers, layer_key(g->arena, digest, occurrence), &positions[i]))
			return damaged(g, err);
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
		return damaged(g, err);
	set->n = (size_t)n;
	set->entries = ARENA_ARRAY(g->arena, struct got_entry, n);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t layer;

		id = (int64_t)((uint64_t)id + (uint64_t)zagzig(get_varint(&c)));
		layer = get_varint(&c);
		if (c.bad || layer >= layer_count)
			return damaged(g, err);
		set->entries[i].layer = positions[layer];
		set->entries[i].record = want_record(&wanted, id);
	}
	return read_records(&wanted, err);
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
		struct got_set set = { .package_db = column(g, &q, 0) };

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
		return damaged(g, err);
	set = &g->sets.p[position];
	if (set->next == set->n)
		return damaged(g, err);
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
			return damaged(g, err);
		VEC_PUSH(g->arena, &g->report.packages, package);
	}
	return c->bad ? damaged(g, err) : 0;
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
