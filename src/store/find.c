/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates of many keys: one statement run once per key, rows in the order of the table, which is the order
 * of the answer. What many rows share (updater names, scopes, distributions, texts) is read once per call.
 * What one would get wrong: an advisory and its strings are one allocation, as a report asks for thousands.
 */
#include "store/advisories.h"

#include "base/cursor.h"
#include "base/map.h"
#include "store/advisory_store.h"

/* One row of namespace. */
struct found_namespace {
	int64_t id; /* 0: there is none */
	struct distribution distribution;
};

struct found_scope {
	struct str module, arch, arch_operation, repository_name, repository_key, repository_uri;
};

struct found_text {
	struct str description, links;
	int64_t issued;
};

struct finder {
	struct db *db;
	struct task *task;
	bool with_text;
	struct query rows;
	struct map namespaces, scopes, texts; /* by label; by id; by updater and name */
	VEC(struct str) updaters; /* by id; p NULL: not read yet */
	const struct advisory_key *key; /* being answered, as the caller gave it */
	struct buffer text_key;
	struct str last_label;
	const struct found_namespace *last;
};

static void finder_endp(struct finder *f)
{
	query_end(&f->rows);
}
#define autofinder __attribute__((cleanup(finder_endp)))

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

static int namespace_of(struct finder *f, struct str label, struct err *err)
{
	struct found_namespace *ns;

	if (f->last && str_eq(f->last_label, label))
		return 0;
	ns = map_get(&f->namespaces, label);
	if (!ns) {
		ns = ARENA_NEW(&f->task->arena, struct found_namespace);
		TRY(read_namespace(f, label, ns, err));
		*map_put(&f->namespaces, label) = ns;
	}
	f->last = ns;
	f->last_label = label;
	return 0;
}

static int updater_of(struct finder *f, int64_t id, struct str *out, struct err *err)
{
	autoquery struct query q = { 0 };

	if (id < 0 || id > 1000000)
		return db_damaged(f->db, "id of an updater", err);
	while (f->updaters.n <= (size_t)id)
		VEC_PUSH(&f->task->arena, &f->updaters, ((struct str){ NULL, 0 }));
	if (!f->updaters.p[id].p) {
		TRY(db_query(f->db, "SELECT name FROM updater WHERE id = ?1", &q, err));
		query_bind_int(&q, id);
		TRY(query_step(&q, err));
		f->updaters.p[id] = keep(f, &q, 0);
	}
	*out = f->updaters.p[id];
	return 0;
}

static int read_scope(struct finder *f, int64_t id, struct found_scope *out, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(f->db,
		     "SELECT module, arch, arch_operation, repository_name, repository_key, repository_uri"
		     " FROM scope WHERE id = ?1",
		     &q, err));
	query_bind_int(&q, id);
	TRY(query_step(&q, err));
	*out = (struct found_scope){ keep(f, &q, 0), keep(f, &q, 1), keep(f, &q, 2),
				     keep(f, &q, 3), keep(f, &q, 4), keep(f, &q, 5) };
	return 0;
}

static int add_scope(struct finder *f, int64_t id, struct advisory *a, struct err *err)
{
	struct str key = { (const char *)&id, sizeof(id) };
	struct found_scope *scope = map_get(&f->scopes, key);

	if (!scope) {
		scope = ARENA_NEW(&f->task->arena, struct found_scope);
		TRY(read_scope(f, id, scope, err));
		*map_put(&f->scopes, str_copy(&f->task->arena, key)) = scope;
	}
	a->module = scope->module;
	a->arch = scope->arch;
	a->arch_operation = scope->arch_operation;
	a->repository_name = scope->repository_name;
	a->repository_key = scope->repository_key;
	a->repository_uri = scope->repository_uri;
	return 0;
}

static int read_text(struct finder *f, const struct advisory *a, struct found_text *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(
		f->db,
		"SELECT t.description, t.links, t.issued FROM updater u"
		" CROSS JOIN vulnerability v ON v.updater_id = u.id CROSS JOIN text t ON t.id = v.text_id"
		" WHERE u.name = ?1 AND v.name = ?2",
		&q, err));
	query_bind_text(&q, a->updater);
	query_bind_text(&q, a->name);
	got = query_step(&q, err);
	if (got > 0)
		*out = (struct found_text){ keep(f, &q, 0), keep(f, &q, 1), query_int(&q, 2) };
	return got < 0 ? got : 0;
}

static int add_text(struct finder *f, struct advisory *a, struct err *err)
{
	struct buffer *key = &f->text_key;
	struct found_text *text;

	key->n = 0;
	put_string(key, a->updater);
	put_bytes(key, a->name);
	text = map_get(&f->texts, buffer_str(key));
	if (!text) {
		text = ARENA_NEW(&f->task->arena, struct found_text);
		TRY(read_text(f, a, text, err));
		*map_put(&f->texts, str_copy(&f->task->arena, buffer_str(key))) = text;
	}
	a->description = text->description;
	a->links = text->links;
	a->issued = text->issued;
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

static struct advisory *new_advisory(struct finder *f)
{
	const struct query *q = &f->rows;
	struct str name = query_text(q, 0), fixed_in = query_text(q, 1), severity = query_text(q, 7);
	struct str status_text = query_text(q, 8), range = query_text(q, 10);
	size_t strings = size_add(size_add(name.n, fixed_in.n),
				  size_add(size_add(severity.n, status_text.n), range.n));
	struct advisory *a = arena_alloc_raw(&f->task->arena, size_add(sizeof(*a), strings));
	char *to = (char *)(a + 1);

	*a = (struct advisory){
		.id = (uint64_t)query_int(q, 2),
		.key = *f->key,
		.package_kind = (enum package_kind)query_int(q, 4),
		.name = move(&to, name),
		.fixed_in = move(&to, fixed_in),
		.range = move(&to, range),
		.severity = move(&to, severity),
		.normalized_severity = (enum severity)query_int(q, 6),
		.status = (enum advisory_status)query_int(q, 5),
		.status_text = move(&to, status_text),
		.distribution = f->last->distribution,
	};
	return a;
}

static int check(struct finder *f, const struct advisory *a, struct err *err)
{
	if ((unsigned)a->package_kind > PACKAGE_LAYER || (unsigned)a->normalized_severity >= SEVERITY_COUNT ||
	    (unsigned)a->status >= STATUS_COUNT)
		return db_damaged(f->db, "a number out of its range", err);
	return 0;
}

static int take_row(struct finder *f, advisory_list *out, struct err *err)
{
	struct advisory *a = new_advisory(f);
	int64_t updater_id = query_int(&f->rows, 3), scope_id = query_int(&f->rows, 9);

	TRY(check(f, a, err));
	TRY(updater_of(f, updater_id, &a->updater, err));
	if (scope_id)
		TRY(add_scope(f, scope_id, a, err));
	if (f->with_text)
		TRY(add_text(f, a, err));
	VEC_PUSH(&f->task->arena, out, a);
	return 0;
}

static int find_key(struct finder *f, const struct advisory_key *key, advisory_list *out, struct err *err)
{
	int got;

	TRY(task_check(f->task, err));
	TRY(namespace_of(f, key->namespace, err));
	if (!f->last->id)
		return 0;
	f->key = key;
	query_again(&f->rows);
	query_bind_int(&f->rows, f->last->id);
	query_bind_text(&f->rows, key->package);
	while ((got = query_step(&f->rows, err)) > 0)
		TRY(take_row(f, out, err));
	return got;
}

static int find_all(struct finder *f, const struct advisory_key *keys, size_t n, advisory_list *lists,
		    struct err *err)
{
	TRY(db_query(
		f->db,
		"SELECT a.name, a.fixed_in, a.hash, a.updater_id, a.package_kind, a.status, a.normalized,"
		" a.severity, a.status_text, a.scope_id, a.version_range"
		" FROM advisory_key k CROSS JOIN advisory a ON a.key_id = k.id"
		" WHERE k.namespace_id = ?1 AND k.package = ?2 AND a.ended IS NULL"
		" ORDER BY a.name, a.fixed_in, a.hash",
		&f->rows, err));
	for (size_t i = 0; i < n; i++)
		TRY(find_key(f, &keys[i], &lists[i], err));
	return 0;
}

static void finder_init(struct finder *f, struct task *task)
{
	f->task = task;
	f->namespaces.arena = f->scopes.arena = f->texts.arena = f->text_key.arena = &task->arena;
}

int advisories_find(struct advisory_store *s, struct task *task, const struct advisory_key *keys, size_t n,
		    bool with_text, advisory_list *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autofinder struct finder f = { .db = db, .with_text = with_text };
	advisory_list *lists = ARENA_ARRAY(&task->arena, advisory_list, n);

	finder_init(&f, task);
	TRY(db_begin(db, DB_READ, err));
	TRY(find_all(&f, keys, n, lists, err));
	query_end(&f.rows);
	TRY(db_commit(db, err));
	for (size_t i = 0; i < n; i++)
		out[i] = lists[i];
	return 0;
}

int advisories_texts(struct advisory_store *s, struct task *task, const struct advisory **list, size_t n,
		     struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autofinder struct finder f = { .db = db };

	finder_init(&f, task);
	TRY(db_begin(db, DB_READ, err));
	for (size_t i = 0; i < n; i++) {
		struct advisory *a = arena_alloc_raw(&task->arena, sizeof(*a));

		TRY(task_check(task, err));
		*a = *list[i];
		TRY(add_text(&f, a, err));
		list[i] = a;
	}
	return db_commit(db, err);
}
