/* SPDX-License-Identifier: Apache-2.0 */
/* Stored packages by name, with what they were found in. Source: service interface, section 10.5. What one
 * would get wrong: a record is found by its own name and by its source's; one that matches by both, or by two
 * of the names asked for, is still given once. Contexts are few and shared by many records, so each is read
 * once per call. */
#include "base/cursor.h"
#include "base/map.h"
#include "model/scanner_id.h"
#include "store/index_store.h"
#include "store/manifests.h"

struct context {
	const struct distribution *distribution; /* NULL: none */
	const struct repository **repositories;
	size_t repository_count;
};

struct record_finder {
	struct db *db;
	struct task *task;
	struct arena *arena;
	struct map names; /* asked for */
	str_list wanted; /* the same, each once */
	struct map contexts, distributions, repositories; /* by id */
	int (*each)(void *ctx, const struct stored_record *r, struct err *err);
	void *ctx;
};

static struct str id_key(const int64_t *id)
{
	return (struct str){ (const char *)id, sizeof(*id) };
}

static void **id_put(struct map *m, int64_t id)
{
	return map_put(m, str_copy(m->arena, id_key(&id)));
}

static int damaged(const struct record_finder *f, struct err *err)
{
	return db_damaged(f->db, "a package record", err);
}

static struct str column(struct record_finder *f, const struct query *q, int i)
{
	return str_copy(f->arena, query_text(q, i));
}

/* ---- contexts ---- */

static int distribution_of(struct record_finder *f, int64_t id, const struct distribution **out,
			   struct err *err)
{
	struct distribution *d = map_get(&f->distributions, id_key(&id));
	autoquery struct query q = { 0 };

	*out = d;
	if (d)
		return 0;
	TRY(db_query(
		f->db,
		"SELECT did, name, version, version_code_name, version_id, arch, cpe, pretty_name, release"
		" FROM distribution WHERE id = ?1",
		&q, err));
	query_bind_int(&q, id);
	if (query_step(&q, err) <= 0)
		return damaged(f, err);
	d = ARENA_NEW(f->arena, struct distribution);
	*d = (struct distribution){ column(f, &q, 0), column(f, &q, 1), column(f, &q, 2),
				    column(f, &q, 3), column(f, &q, 4), column(f, &q, 5),
				    column(f, &q, 6), column(f, &q, 7), column(f, &q, 8) };
	*id_put(&f->distributions, id) = d;
	*out = d;
	return 0;
}

static int repository_of(struct record_finder *f, int64_t id, const struct repository **out, struct err *err)
{
	struct repository *r = map_get(&f->repositories, id_key(&id));
	autoquery struct query q = { 0 };

	*out = r;
	if (r)
		return 0;
	TRY(db_query(f->db, "SELECT name, key, uri, cpe FROM repository WHERE id = ?1", &q, err));
	query_bind_int(&q, id);
	if (query_step(&q, err) <= 0)
		return damaged(f, err);
	r = ARENA_NEW(f->arena, struct repository);
	*r = (struct repository){ column(f, &q, 0), column(f, &q, 1), column(f, &q, 2), column(f, &q, 3) };
	*id_put(&f->repositories, id) = r;
	*out = r;
	return 0;
}

static int read_repositories(struct record_finder *f, struct str ids, struct context *out, struct err *err)
{
	struct cursor c = cursor_of(ids);
	uint64_t n = get_varint(&c);

	if (n > ids.n)
		return damaged(f, err);
	out->repositories = ARENA_ARRAY(f->arena, const struct repository *, n);
	for (uint64_t i = 0; i < n; i++) {
		int64_t id = (int64_t)get_varint(&c);

		if (c.bad)
			return damaged(f, err);
		TRY(repository_of(f, id, &out->repositories[i], err));
	}
	out->repository_count = (size_t)n;
	return 0;
}

static int read_context(struct record_finder *f, int64_t id, struct context *out, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(f->db, "SELECT distribution_id, repositories FROM context WHERE id = ?1", &q, err));
	query_bind_int(&q, id);
	if (query_step(&q, err) <= 0)
		return damaged(f, err);
	if (!query_is_null(&q, 0))
		TRY(distribution_of(f, query_int(&q, 0), &out->distribution, err));
	return read_repositories(f, query_blob(&q, 1), out, err);
}

static int context_of(struct record_finder *f, int64_t id, const struct context **out, struct err *err)
{
	struct context *c = map_get(&f->contexts, id_key(&id));

	if (!c) {
		c = ARENA_NEW(f->arena, struct context);
		TRY(read_context(f, id, c, err));
		*id_put(&f->contexts, id) = c;
	}
	*out = c;
	return 0;
}

/* ---- records ---- */

#define RECORDS                                                                                              \
	"SELECT id, context_id, kind, name, version, arch, module, source_name, source_version,"             \
	" normalized_version, repository_hint, filepath, scanner FROM record"

static int scanner_position(struct str name)
{
	for (int i = 0; scanner_ids[i].name; i++)
		if (str_eq(name, str_of(scanner_ids[i].name)))
			return i;
	return -1;
}

/* Strings borrow from the row. */
static int read_record(struct record_finder *f, const struct query *q, struct stored_record *out,
		       struct err *err)
{
	const struct context *context = NULL;
	int64_t kind = query_int(q, 2);

	if (kind < 0 || kind > PACKAGE_LAYER)
		return damaged(f, err);
	TRY(context_of(f, query_int(q, 1), &context, err));
	*out = (struct stored_record){
		.id = query_int(q, 0),
		.package = { .name = query_text(q, 3),
			     .version = query_text(q, 4),
			     .arch = query_text(q, 5),
			     .module = query_text(q, 6),
			     .kind = (enum package_kind)kind,
			     .source_name = query_text(q, 7),
			     .source_version = query_text(q, 8),
			     .normalized_version = query_text(q, 9),
			     .repository_hint = query_text(q, 10),
			     .filepath = query_text(q, 11),
			     .scanner = scanner_position(query_text(q, 12)) },
		.distribution = context->distribution,
		.repositories = context->repositories,
		.repository_count = context->repository_count,
	};
	return 0;
}

static int bind_name(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct record_finder *f = ctx;

	query_bind_text(q, f->wanted.p[i]);
	return task_check(f->task, err);
}

static int give(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct record_finder *f = ctx;
	struct stored_record record;

	(void)i;
	TRY(task_check(f->task, err));
	TRY(read_record(f, q, &record, err));
	return f->each(f->ctx, &record, err);
}

/* Those whose own name is asked for too were given by that name. */
static int give_by_source(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct record_finder *f = ctx;

	return map_get(&f->names, query_text(q, 3)) ? 0 : give(ctx, i, q, err);
}

static int give_all(struct record_finder *f, struct err *err)
{
	struct batch b = { .n = f->wanted.n, .ctx = f, .bind = bind_name, .row = give };

	TRY(db_batch(f->db, RECORDS " WHERE name = ?1 ORDER BY id", &b, err));
	b.row = give_by_source;
	return db_batch(f->db, RECORDS " WHERE source_name = ?1 ORDER BY id", &b, err);
}

/* Each name once. */
static void want(struct record_finder *f, struct str name)
{
	void **seen = map_put(&f->names, name);

	if (name.n && !*seen)
		VEC_PUSH(f->arena, &f->wanted, name);
	*seen = f;
}

int records_named(struct index_store *s, struct task *task, const struct str *names, size_t n,
		  int (*each)(void *ctx, const struct stored_record *r, struct err *err), void *ctx,
		  struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autodb struct db *db = db_lock(s->db);
	struct record_finder f = { .db = db, .task = task, .arena = &scratch, .each = each, .ctx = ctx };

	f.names.arena = f.contexts.arena = f.distributions.arena = f.repositories.arena = &scratch;
	for (size_t i = 0; i < n; i++)
		want(&f, names[i]);
	TRY(db_begin(db, DB_READ, err));
	TRY(give_all(&f, err));
	return db_commit(db, err);
}
