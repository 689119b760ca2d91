/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a report being read, and the contexts they are in. What one would get wrong: a record may be in
 * several sets of one report; it is read once, in the batch of the first. */
#include "store/report_got.h"

#include "base/cursor.h"
#include "model/scanner_id.h"

bool got_position_(const struct map *m, struct str key, uint32_t *out)
{
	uintptr_t v = (uintptr_t)map_get(m, key);

	if (v)
		*out = (uint32_t)(v - 1);
	return v != 0;
}

static int read_context_repositories(struct get *g, struct str ids, struct environment *e, struct err *err)
{
	struct cursor c = cursor_of(ids);
	uint64_t n = get_varint(&c);
	uint32_t *positions;

	if (n > ids.n)
		return got_damaged_(g, err);
	positions = ARENA_ARRAY(g->arena, uint32_t, n);
	for (uint64_t i = 0; i < n; i++) {
		int64_t id = (int64_t)get_varint(&c);

		if (c.bad || !got_position_(&g->repositories, got_key_(&id), &positions[i]))
			return got_damaged_(g, err);
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
		return got_damaged_(g, err);
	e->distribution = -1;
	distribution = query_int(&q, 0);
	if (!query_is_null(&q, 0)) {
		if (!got_position_(&g->distributions, got_key_(&distribution), &position))
			return got_damaged_(g, err);
		e->distribution = (int32_t)position;
	}
	return read_context_repositories(g, query_blob(&q, 1), e, err);
}

static int context_of(struct get *g, int64_t id, const struct environment **out, struct err *err)
{
	struct environment *e = map_get(&g->contexts, got_key_(&id));

	if (!e) {
		e = ARENA_NEW(g->arena, struct environment);
		TRY(read_context(g, id, e, err));
		*got_put_(&g->contexts, id) = e;
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

const struct got_record *got_want_(struct wanted_records *w, int64_t id)
{
	struct get *g = w->g;
	struct got_record *r = map_get(&g->records, got_key_(&id));

	if (!r) {
		r = ARENA_NEW(g->arena, struct got_record);
		*got_put_(&g->records, id) = r;
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
		return got_damaged_(g, err);
	r->package = (struct package){
		.name = got_column_(g, q, 2),
		.version = got_column_(g, q, 3),
		.arch = got_column_(g, q, 4),
		.module = got_column_(g, q, 5),
		.kind = (enum package_kind)kind,
		.source_name = got_column_(g, q, 6),
		.source_version = got_column_(g, q, 7),
		.normalized_version = got_column_(g, q, 8),
		.repository_hint = got_column_(g, q, 9),
		.filepath = got_column_(g, q, 10),
		.scanner = scanner_position(query_text(q, 11)),
	};
	return context_of(g, query_int(q, 0), &r->context, err);
}

int got_records_(struct wanted_records *w, struct err *err)
{
	TRY(db_batch(w->g->db,
		     "SELECT context_id, kind, name, version, arch, module, source_name, source_version,"
		     " normalized_version, repository_hint, filepath, scanner FROM record WHERE id = ?1",
		     &(struct batch){ w->ids.n, w, bind_record, take_record }, err));
	for (size_t i = 0; i < w->records.n; i++)
		if (!w->records.p[i]->context)
			return got_damaged_(w->g, err);
	return 0;
}
