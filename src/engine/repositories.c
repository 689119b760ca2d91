/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of Red Hat's repositories become platforms (matching.md 4.8.2, indexer.md 3.4.3): for each CPE name of
 * the id a repository whose name it is, as Clair v4 has them in its index reports. What one would get wrong:
 * the map grows with every release of a product, so an image that was indexed long ago has to be read with
 * the map of today. */
#include "engine/repositories.h"

#include "base/json.h"
#include "engine/container_names.h"
#include "model/cpe.h"
#include "model/repoid.h"

#include <stdlib.h>

typedef VEC(struct repository) repository_list;
typedef VEC(uint32_t) position_list;

static bool is_only_an_id(const struct repository *r)
{
	return str_eq(r->key, STR(REPOSITORY_KEY_RHEL_CPE)) && r->cpe.n == 0 && r->name.n == 0;
}

static struct str id_of(struct arena *a, const struct repository *r)
{
	return repoid_decode(a, repoid_of_query(r->uri));
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(((const struct repository *)a)->name, ((const struct repository *)b)->name);
}

/* By name, each once. */
static void put_in_order(repository_list *list)
{
	size_t kept = 0;

	if (list->n)
		qsort(list->p, list->n, sizeof(list->p[0]), compare_names);
	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || !str_eq(list->p[kept - 1].name, list->p[i].name))
			list->p[kept++] = list->p[i];
	list->n = kept;
}

/* What a text of the map says: {"cpes":["cpe:/..."]}. What is none of it is passed over. */
static void add_platforms(struct arena *a, struct str text, const struct repository *id, repository_list *out)
{
	struct json_value value = { .type = JSON_NULL };
	const struct json_value *cpes;
	struct err ignored;

	if (json_parse(a, text, &value, &ignored) < 0)
		return;
	cpes = json_get(&value, "cpes");
	for (size_t i = 0; cpes && cpes->type == JSON_ARRAY && i < cpes->n; i++) {
		struct str cpe = { NULL, 0 };

		if (cpes->items[i].type == JSON_STRING)
			cpe = cpe_normalise(a, cpes->items[i].text);
		if (cpe.n)
			VEC_PUSH(a, out,
				 ((struct repository){
					 .name = cpe, .key = id->key, .uri = id->uri, .cpe = cpe }));
	}
}

/* Itself when the map does not know it. */
static void add_known(struct arena *a, const str_list *texts, const struct repository *id,
		      repository_list *out)
{
	for (size_t i = 0; i < texts->n; i++)
		add_platforms(a, texts->p[i], id, out);
	put_in_order(out);
	if (out->n == 0)
		VEC_PUSH(a, out, *id);
}

static int find(struct task *task, struct advisory_store *store, const str_list *ids, str_list *out,
		struct err *err)
{
	return enrichments_find(store, task, STR("rhel-repository-to-cpe"), ids->p, ids->n, out, err);
}

/* ---- of a report ---- */

struct expansion {
	struct task *task;
	struct index_report *report;
	position_list *places; /* by old position: the new ones */
	struct map done; /* bytes of old positions -> position_list */
};

static int expand_all(struct expansion *x, const str_list *texts, struct err *err)
{
	struct arena *a = &x->task->arena;
	repository_list all = { 0 };
	size_t asked = 0;

	for (size_t i = 0; i < x->report->repositories.n; i++) {
		const struct repository *r = &x->report->repositories.p[i];
		repository_list own = { 0 };

		if (is_only_an_id(r))
			add_known(a, &texts[asked++], r, &own);
		else
			VEC_PUSH(a, &own, *r);
		VEC_EACH (const struct repository, new, &own) {
			VEC_PUSH(a, &x->places[i], (uint32_t)all.n);
			VEC_PUSH(a, &all, *new);
		}
		TRY(task_check(x->task, err));
	}
	memset(&x->report->repositories, 0, sizeof(x->report->repositories));
	VEC_EACH (const struct repository, r, &all)
		VEC_PUSH(a, &x->report->repositories, *r);
	return 0;
}

/* Environments have few different lists. */
static void point(struct expansion *x, struct environment *e)
{
	struct arena *a = &x->task->arena;
	struct str old = { (const char *)e->repositories, e->repository_count * sizeof(e->repositories[0]) };
	position_list *new = map_get(&x->done, old);

	if (e->repository_count == 0)
		return;
	if (!new) {
		*map_put(&x->done, old) = new = ARENA_NEW(a, position_list);
		for (size_t i = 0; i < e->repository_count; i++)
			VEC_EACH (const uint32_t, place, &x->places[e->repositories[i]])
				VEC_PUSH(a, new, *place);
	}
	e->repositories = new->p;
	e->repository_count = new->n;
}

static int expand_ids(struct task *task, struct advisory_store *store, struct index_report *report,
		      struct err *err)
{
	struct arena *a = &task->arena;
	struct expansion x = { .task = task, .report = report, .done = { .arena = a } };
	str_list ids = { 0 }, *texts;

	VEC_EACH (const struct repository, r, &report->repositories)
		if (is_only_an_id(r))
			VEC_PUSH(a, &ids, id_of(a, r));
	if (!store || ids.n == 0)
		return 0;
	texts = ARENA_ARRAY(a, str_list, ids.n);
	TRY(find(task, store, &ids, texts, err));
	x.places = ARENA_ARRAY(a, position_list, report->repositories.n);
	TRY(expand_all(&x, texts, err));
	VEC_EACH (struct indexed_package, p, &report->packages)
		VEC_EACH (struct environment, e, &p->environments)
			point(&x, e);
	return 0;
}

int repositories_expand(struct task *task, struct advisory_store *store, struct index_report *report,
			struct err *err)
{
	TRY(expand_ids(task, store, report, err));
	return container_names_expand(task, store, report, err);
}

/* ---- of records ---- */

/* Borrowed repositories are copied: the answer outlives them. */
static int look_up(struct repository_resolver *r, const struct repository *repository, repository_list **out,
		   struct err *err)
{
	struct arena *a = r->known.arena;
	const struct repository kept = { .key = str_copy(a, repository->key),
					 .uri = str_copy(a, repository->uri) };
	str_list ids = { 0 }, texts = { 0 };
	repository_list *list = ARENA_NEW(a, repository_list);

	VEC_PUSH(a, &ids, id_of(a, &kept));
	TRY(find(r->task, r->store, &ids, &texts, err));
	add_known(a, &texts, &kept, list);
	*map_put(&r->known, kept.uri) = *out = list;
	return 0;
}

int repositories_resolve(struct repository_resolver *r, const struct repository *const *repositories,
			 size_t n, struct arena *a, repository_pointers *out, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		repository_list *list;

		if (!r->store || !is_only_an_id(repositories[i])) {
			VEC_PUSH(a, out, repositories[i]);
			continue;
		}
		list = map_get(&r->known, repositories[i]->uri);
		if (!list)
			TRY(look_up(r, repositories[i], &list, err));
		VEC_EACH (const struct repository, found, list)
			VEC_PUSH(a, out, found);
	}
	return 0;
}
