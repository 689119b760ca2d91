/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates of many keys: one batch with a run per key, rows in the order of the table, which is the order
 * of the answer. What many rows share (updater names, namespaces; scopes and texts: find_beside.c) is read
 * once per call. What one would get wrong: an advisory and its strings are one allocation, and what all
 * advisories of a key share is copied from a pattern, as a report asks for thousands. */
#include "store/find.h"

#include "base/map.h"
#include "base/vec.h"
#include "store/advisories.h"
#include "store/advisory_store.h"
#include "store/history.h"

/* One row of namespace. */
struct found_namespace {
	int64_t id; /* 0: there is none */
	struct distribution distribution;
};

/* A key whose namespace is there. */
struct wanted_key {
	const struct advisory_key *key;
	const struct found_namespace *namespace;
	advisory_list *out;
};

struct finder {
	struct db *db;
	struct task *task;
	struct map namespaces; /* by label */
	VEC(struct str) updaters; /* by id; p NULL: not read yet */
	VEC(struct wanted_key) keys;
	VEC(struct scoped) scoped;
	VEC(struct advisory *) all; /* with texts */
	bool with_text;
	const struct moment *then; /* NULL: now */
	size_t run; /* whose pattern it is */
	struct advisory pattern;
};

static struct str keep(struct finder *f, const struct query *q, int column)
{
	return str_copy(&f->task->arena, query_text(q, column));
}

static int read_namespace(struct finder *f, struct str label, struct found_namespace *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(f->db,
		     "SELECT id, did, name, version, version_code_name, version_id, arch, cpe, pretty_name, "
		     "release"
		     " FROM namespace WHERE label = ?1",
		     &q, err));
	query_bind_text(&q, label);
	got = query_step(&q, err);
	if (got > 0) {
		out->id = query_int(&q, 0);
		out->distribution = (struct distribution){ keep(f, &q, 1), keep(f, &q, 2), keep(f, &q, 3),
							   keep(f, &q, 4), keep(f, &q, 5), keep(f, &q, 6),
							   keep(f, &q, 7), keep(f, &q, 8), keep(f, &q, 9) };
	}
	return got < 0 ? got : 0;
}

static int namespace_of(struct finder *f, struct str label, const struct found_namespace **out,
			struct err *err)
{
	struct found_namespace *ns = map_get(&f->namespaces, label);

	if (!ns) {
		ns = ARENA_NEW(&f->task->arena, struct found_namespace);
		TRY(read_namespace(f, label, ns, err));
		*map_put(&f->namespaces, label) = ns;
	}
	*out = ns;
	return 0;
}

/* The keys that can have an answer. */
static int choose_keys(struct finder *f, const struct advisory_key *keys, size_t n, advisory_list *lists,
		       struct err *err)
{
	const struct found_namespace *ns = NULL;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !str_eq(keys[i].namespace, keys[i - 1].namespace))
			TRY(namespace_of(f, keys[i].namespace, &ns, err));
		if (ns->id)
			VEC_PUSH(&f->task->arena, &f->keys, ((struct wanted_key){ &keys[i], ns, &lists[i] }));
	}
	return 0;
}

static int read_updater(struct finder *f, int64_t id, struct err *err)
{
	autoquery struct query q = { 0 };

	if (id < 0 || id > UPDATER_ID_MAX)
		return db_damaged(f->db, "id of an updater", err);
	while (f->updaters.n <= (size_t)id)
		VEC_PUSH(&f->task->arena, &f->updaters, ((struct str){ NULL, 0 }));
	TRY(db_query(f->db, "SELECT name FROM updater WHERE id = ?1", &q, err));
	query_bind_int(&q, id);
	TRY(query_step(&q, err));
	f->updaters.p[id] = keep(f, &q, 0);
	return 0;
}

static int updater_of(struct finder *f, int64_t id, struct str *out, struct err *err)
{
	if (id < 0 || (uint64_t)id >= f->updaters.n || !f->updaters.p[id].p)
		TRY(read_updater(f, id, err));
	*out = f->updaters.p[id];
	return 0;
}

static struct str move(char **to, struct str s)
{
	struct str moved = { *to, s.n };

	if (s.n)
		memcpy(*to, s.p, s.n);
	*to += s.n;
	return moved;
}

static int bind_key(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct finder *f = ctx;

	query_bind_int(q, f->keys.p[i].namespace->id);
	query_bind_text(q, f->keys.p[i].key->package);
	return task_check(f->task, err);
}

static struct advisory *new_advisory(struct finder *f, const struct query *q)
{
	struct str name = query_text(q, 0), fixed_in = query_text(q, 1), severity = query_text(q, 7);
	struct str status_text = query_text(q, 8), range = query_text(q, 10);
	size_t strings = name.n + fixed_in.n + severity.n + status_text.n + range.n;
	struct advisory *a = arena_alloc_raw(&f->task->arena, size_add(sizeof(*a), strings));
	char *to = (char *)(a + 1);

	*a = f->pattern;
	a->id = (uint64_t)query_int(q, 2);
	a->package_kind = (enum package_kind)query_int(q, 4);
	a->status = (enum advisory_status)query_int(q, 5);
	a->normalized_severity = (enum severity)query_int(q, 6);
	a->name = move(&to, name);
	a->fixed_in = move(&to, fixed_in);
	a->severity = move(&to, severity);
	a->status_text = move(&to, status_text);
	a->range = move(&to, range);
	return a;
}

static int check(struct finder *f, const struct advisory *a, struct err *err)
{
	if ((unsigned)a->package_kind > PACKAGE_LAYER || (unsigned)a->normalized_severity >= SEVERITY_COUNT ||
	    (unsigned)a->status >= STATUS_COUNT)
		return db_damaged(f->db, "a number out of its range", err);
	return 0;
}

static void begin_run(struct finder *f, size_t i)
{
	f->run = i;
	f->pattern.key = *f->keys.p[i].key;
	f->pattern.distribution = f->keys.p[i].namespace->distribution;
}

static int take_row(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct finder *f = ctx;
	int64_t scope_id = query_int(q, 9);
	struct advisory *a;

	if (f->then && !moment_has(f->then, query_int(q, 3), query_int(q, 11), query_int(q, 12)))
		return task_check(f->task, err);
	if (f->run != i)
		begin_run(f, i);
	a = new_advisory(f, q);
	TRY(check(f, a, err));
	TRY(updater_of(f, query_int(q, 3), &a->updater, err));
	if (scope_id)
		VEC_PUSH(&f->task->arena, &f->scoped, ((struct scoped){ a, scope_id }));
	if (f->with_text)
		VEC_PUSH(&f->task->arena, &f->all, a);
	VEC_PUSH(&f->task->arena, f->keys.p[i].out, a);
	return 0;
}

#define ROW                                                                                                  \
	"SELECT a.name, a.fixed_in, a.hash, a.updater_id, a.package_kind, a.status, a.normalized,"           \
	" a.severity, a.status_text, a.scope_id, a.version_range"
#define OF_KEY                                                                                               \
	" FROM advisory a WHERE a.key_id = (SELECT k.id FROM advisory_key k"                                 \
	" WHERE k.namespace_id = ?1 AND k.package = ?2)"
#define IN_ORDER " ORDER BY a.name, a.fixed_in, a.hash"

static int find_all(struct finder *f, const struct advisory_key *keys, size_t n, advisory_list *lists,
		    struct err *err)
{
	static const char now[] = ROW OF_KEY " AND a.ended IS NULL" IN_ORDER;
	static const char all[] = ROW ", a.began, coalesce(a.ended, 0)" OF_KEY IN_ORDER;

	TRY(choose_keys(f, keys, n, lists, err));
	TRY(db_batch(f->db, f->then ? all : now, &(struct batch){ f->keys.n, f, bind_key, take_row }, err));
	if (f->scoped.n)
		TRY(find_scopes(f->db, f->task, f->scoped.p, f->scoped.n, err));
	return f->with_text ? find_texts(f->db, f->task, f->all.p, f->all.n, err) : 0;
}

int advisories_find(struct advisory_store *s, struct task *task, const struct advisory_key *keys, size_t n,
		    bool with_text, advisory_list *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct finder f = { .db = db, .task = task, .with_text = with_text, .run = SIZE_MAX };
	advisory_list *lists = ARENA_ARRAY(&task->arena, advisory_list, n);
	struct moment then = { 0 };

	f.namespaces.arena = &task->arena;
	TRY(db_begin(db, DB_READ, err));
	if (s->as_of) {
		TRY(moment_load(db, task, s->as_of, &then, err));
		f.then = &then;
	}
	TRY(find_all(&f, keys, n, lists, err));
	TRY(db_commit(db, err));
	for (size_t i = 0; i < n; i++)
		out[i] = lists[i];
	return 0;
}

int advisories_texts(struct advisory_store *s, struct task *task, const struct advisory **list, size_t n,
		     struct err *err)
{
	struct advisory **copies = ARENA_ARRAY(&task->arena, struct advisory *, n);
	autodb struct db *db = db_lock(s->db);

	for (size_t i = 0; i < n; i++) {
		copies[i] = arena_alloc_raw(&task->arena, sizeof(**copies));
		*copies[i] = *list[i];
	}
	TRY(db_begin(db, DB_READ, err));
	TRY(find_texts(db, task, copies, n, err));
	TRY(db_commit(db, err));
	for (size_t i = 0; i < n; i++)
		list[i] = copies[i];
	return 0;
}
