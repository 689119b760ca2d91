/* SPDX-License-Identifier: Apache-2.0 */
/* What many advisories share: scopes and long texts, each asked for once however many refer to it. What one
 * would get wrong: a name without a text is an answer too, and stays empty. */
#include "store/find.h"

#include "base/cursor.h"
#include "base/map.h"
#include "base/vec.h"

/* Things to be asked for, by what names them; the first of its users stands for all. */
struct asked {
	struct db *db;
	struct task *task;
	struct map known; /* to struct shared */
	VEC(struct shared *) list;
};

struct shared {
	const struct advisory *user; /* a text: names it */
	int64_t scope_id;
	struct str fields[6];
	int64_t issued;
};

static struct str keep(struct asked *k, const struct query *q, int column)
{
	return str_copy(&k->task->arena, query_text(q, column));
}

/* The entry of a key, and whether it is new. */
static struct shared *entry_of(struct asked *k, struct str key, bool *is_new)
{
	struct shared *s = map_get(&k->known, key);

	*is_new = !s;
	if (s)
		return s;
	s = ARENA_NEW(&k->task->arena, struct shared);
	*map_put(&k->known, str_copy(&k->task->arena, key)) = s;
	VEC_PUSH(&k->task->arena, &k->list, s);
	return s;
}

/* ---- texts ---- */

static int bind_text(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct asked *k = ctx;

	query_bind_text(q, k->list.p[i]->user->updater);
	query_bind_text(q, k->list.p[i]->user->name);
	return task_check(k->task, err);
}

static int take_text(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct asked *k = ctx;
	struct shared *s = k->list.p[i];

	s->fields[0] = keep(k, q, 0);
	s->fields[1] = keep(k, q, 1);
	s->issued = query_int(q, 2);
	return task_check(k->task, err);
}

static struct shared *text_of(struct asked *k, struct buffer *key, const struct advisory *a)
{
	struct shared *s;
	bool is_new;

	key->n = 0;
	put_string(key, a->updater);
	put_bytes(key, a->name);
	s = entry_of(k, buffer_str(key), &is_new);
	if (is_new)
		s->user = a;
	return s;
}

int find_texts(struct db *db, struct task *task, struct advisory *const *list, size_t n, struct err *err)
{
	struct asked k = { .db = db, .task = task, .known.arena = &task->arena };
	struct shared **texts = ARENA_ARRAY(&task->arena, struct shared *, n);
	struct buffer key = { .arena = &task->arena };

	for (size_t i = 0; i < n; i++)
		texts[i] = text_of(&k, &key, list[i]);
	TRY(db_batch(
		db,
		"SELECT t.description, t.links, t.issued FROM updater u"
		" CROSS JOIN vulnerability v ON v.updater_id = u.id CROSS JOIN text t ON t.id = v.text_id"
		" WHERE u.name = ?1 AND v.name = ?2",
		&(struct batch){ k.list.n, &k, bind_text, take_text }, err));
	for (size_t i = 0; i < n; i++) {
		list[i]->description = texts[i]->fields[0];
		list[i]->links = texts[i]->fields[1];
		list[i]->issued = texts[i]->issued;
	}
	return 0;
}

/* ---- scopes ---- */

static int bind_scope(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct asked *k = ctx;

	query_bind_int(q, k->list.p[i]->scope_id);
	return task_check(k->task, err);
}

static int take_scope(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct asked *k = ctx;

	for (int field = 0; field < 6; field++)
		k->list.p[i]->fields[field] = keep(k, q, field);
	return task_check(k->task, err);
}

static void fill_scope(struct advisory *a, const struct str *fields)
{
	a->module = fields[0];
	a->arch = fields[1];
	a->arch_operation = fields[2];
	a->repository_name = fields[3];
	a->repository_key = fields[4];
	a->repository_uri = fields[5];
}

int find_scopes(struct db *db, struct task *task, const struct scoped *list, size_t n, struct err *err)
{
	struct asked k = { .db = db, .task = task, .known.arena = &task->arena };
	struct shared **scopes = ARENA_ARRAY(&task->arena, struct shared *, n);
	bool is_new;

	for (size_t i = 0; i < n; i++) {
		const int64_t *id = &list[i].scope_id;

		scopes[i] = i && *id == list[i - 1].scope_id
				    ? scopes[i - 1]
				    : entry_of(&k, (struct str){ (const char *)id, sizeof(*id) }, &is_new);
		scopes[i]->scope_id = *id;
	}
	TRY(db_batch(db,
		     "SELECT module, arch, arch_operation, repository_name, repository_key, repository_uri"
		     " FROM scope WHERE id = ?1",
		     &(struct batch){ k.list.n, &k, bind_scope, take_scope }, err));
	for (size_t i = 0; i < n; i++)
		fill_scope(list[i].advisory, scopes[i]->fields);
	return 0;
}
