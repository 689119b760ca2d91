/* SPDX-License-Identifier: Apache-2.0 */
/* From records to the manifests that hold them, by way of the sets they are in. What one would get wrong: a
 * set of a common base image is in a great many manifests, so a page of the answer must not cost reading them
 * all: each question asks for the next digests in order and no more than a page. */
#include "base/map.h"
#include "store/index_store.h"
#include "store/manifests.h"

#include <stdlib.h>

enum { CHUNK = 16 }; /* ids in one question; a short chunk repeats its last one */
#define IDS "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"

typedef VEC(int64_t) id_list;

static void bind_chunk(struct query *q, const int64_t *ids, size_t n)
{
	for (size_t i = 0; i < CHUNK; i++)
		query_bind_int(q, ids[i < n ? i : n - 1]);
}

static size_t chunk_of(size_t from, size_t n)
{
	return n - from < CHUNK ? n - from : CHUNK;
}

static int add_sets(struct db *db, struct map *seen, const int64_t *records, size_t n, id_list *out,
		    struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT DISTINCT set_id FROM set_record WHERE record_id IN " IDS, &q, err));
	bind_chunk(&q, records, n);
	while ((got = query_step(&q, err)) > 0) {
		int64_t id = query_int(&q, 0);
		struct str key = { (const char *)&id, sizeof(id) };

		if (map_get(seen, key))
			continue;
		*map_put(seen, str_copy(seen->arena, key)) = seen;
		VEC_PUSH(seen->arena, out, id);
	}
	return got;
}

/* ---- a page of digests ---- */

struct page {
	struct arena *arena;
	struct str after;
	size_t max;
	str_list digests; /* sorted and unique up to `sorted` */
	size_t sorted;
};

static int compare(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Sort, leave out repetitions, and keep the first of them. */
static void settle(struct page *p)
{
	str_list *list = &p->digests;
	size_t n = 0;

	if (list->n)
		qsort(list->p, list->n, sizeof(*list->p), compare);
	for (size_t i = 0; i < list->n && n < p->max; i++)
		if (n == 0 || !str_eq(list->p[n - 1], list->p[i]))
			list->p[n++] = list->p[i];
	list->n = p->sorted = n;
}

/* Is a digest behind everything that can be on the page? */
static bool is_behind(const struct page *p, struct str digest)
{
	return p->sorted == p->max && str_cmp(digest, p->digests.p[p->max - 1]) >= 0;
}

static int add_digests(struct db *db, struct task *task, const int64_t *sets, size_t n, struct page *p,
		       struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT DISTINCT m.hash FROM manifest_set s JOIN manifest m ON m.id = s.manifest_id"
		     " WHERE s.set_id IN " IDS " AND m.hash > ?17 ORDER BY m.hash LIMIT ?18",
		     &q, err));
	bind_chunk(&q, sets, n);
	query_bind_text(&q, p->after);
	query_bind_int(&q, p->max > INT32_MAX ? INT32_MAX : (int64_t)p->max);
	while ((got = query_step(&q, err)) > 0 && !is_behind(p, query_text(&q, 0))) {
		VEC_PUSH(p->arena, &p->digests, str_copy(p->arena, query_text(&q, 0)));
		TRY(task_check(task, err));
	}
	if (got >= 0)
		settle(p);
	return got < 0 ? got : 0;
}

static int find(struct db *db, struct task *task, const int64_t *records, size_t n, struct page *p,
		struct err *err)
{
	struct map seen = { .arena = p->arena };
	id_list sets = { 0 };

	for (size_t i = 0; i < n; i += CHUNK) {
		TRY(add_sets(db, &seen, records + i, chunk_of(i, n), &sets, err));
		TRY(task_check(task, err));
	}
	for (size_t i = 0; i < sets.n; i += CHUNK)
		TRY(add_digests(db, task, sets.p + i, chunk_of(i, sets.n), p, err));
	return 0;
}

int manifests_holding(struct index_store *s, struct task *task, const int64_t *records, size_t n,
		      struct str after, size_t max, str_list *out, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autodb struct db *db = db_lock(s->db);
	struct page p = { .arena = &scratch, .after = after, .max = max ? max : SIZE_MAX };
	str_list list = { 0 };

	TRY(db_begin(db, DB_READ, err));
	TRY(find(db, task, records, n, &p, err));
	TRY(db_commit(db, err));
	VEC_EACH (struct str, digest, &p.digests)
		VEC_PUSH(&task->arena, &list, str_copy(&task->arena, *digest));
	*out = list;
	return 0;
}
