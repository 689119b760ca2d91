/* SPDX-License-Identifier: Apache-2.0 */
/* From what layers say about Red Hat's repositories to the repositories of packages (indexer.md 1.6.2, Clair
 * v4's coalescer for rhel).
 * Easy to get wrong: only some layers name repositories, and the others have those of their neighbours; the
 * spread goes upwards first, so a layer in the middle takes what is below it. A later layer that deletes the
 * file does not make the packages come from elsewhere. */
#include "engine/coalesce_rhel.h"

#include "base/map.h"
#include "model/repoid.h"

/* Of one layer. A list is shared by the layers it was spread to. */
struct layer_list {
	VEC(uint32_t) all; /* positions in the report */
	struct map by_repoid; /* as the URI has it -> position in all + 1 */
};

struct rhel_repositories {
	struct layer_list **of; /* by layer; NULL: no layer names any */
};

struct collecting {
	struct task *task;
	struct index_report *out;
	struct map positions; /* URI -> position + 1 in out->repositories */
	struct map lists; /* digest of a layer -> its list */
};

static uint32_t position_of(struct collecting *c, const struct repository *r)
{
	void **slot = map_put(&c->positions, r->uri);

	if (!*slot) {
		VEC_PUSH(&c->task->arena, &c->out->repositories, *r);
		*slot = (void *)(uintptr_t)c->out->repositories.n;
	}
	return (uint32_t)((uintptr_t)*slot - 1);
}

static int add_findings(struct collecting *c, struct layer_list *list, const struct findings *f,
			struct err *err)
{
	struct arena *a = &c->task->arena;

	VEC_EACH (const struct repository, r, &f->repositories) {
		void **slot;

		TRY(task_check(c->task, err));
		if (!str_eq(r->key, STR(REPOSITORY_KEY_RHEL_CPE)))
			continue;
		slot = map_put(&list->by_repoid, repoid_of_query(r->uri));
		if (*slot)
			continue;
		VEC_PUSH(a, &list->all, position_of(c, r));
		*slot = (void *)(uintptr_t)list->all.n;
	}
	return 0;
}

static int read_layer(struct collecting *c, const struct layer_findings *layer, struct layer_list **out,
		      struct err *err)
{
	void **known = map_put(&c->lists, layer->digest);
	struct layer_list *list = *known;

	if (!list) {
		*known = list = ARENA_NEW(&c->task->arena, struct layer_list);
		list->by_repoid.arena = &c->task->arena;
		for (int s = 0; layer->by_scanner && scanner_ids[s].name; s++)
			if (layer->by_scanner[s])
				TRY(add_findings(c, list, layer->by_scanner[s], err));
	}
	*out = list->all.n ? list : NULL;
	return 0;
}

int rhel_repositories_collect(struct task *task, const struct layer_findings *layers, size_t n,
			      struct index_report *out, const struct rhel_repositories **repositories,
			      struct err *err)
{
	struct arena *a = &task->arena;
	struct collecting c = {
		.task = task, .out = out, .positions = { .arena = a }, .lists = { .arena = a }
	};
	struct rhel_repositories *r = ARENA_NEW(a, struct rhel_repositories);

	r->of = ARENA_ARRAY(a, struct layer_list *, n);
	for (size_t i = 0; i < n; i++)
		TRY(read_layer(&c, &layers[i], &r->of[i], err));
	for (size_t i = 1; i < n; i++)
		if (!r->of[i])
			r->of[i] = r->of[i - 1];
	for (size_t i = n; i-- > 1;)
		if (!r->of[i - 1])
			r->of[i - 1] = r->of[i];
	*repositories = r;
	return 0;
}

void rhel_repositories_choose(const struct rhel_repositories *r, struct str hint, struct environment *e)
{
	const struct layer_list *list = r->of[e->layer];
	struct str repoid = repoid_of_query(hint);
	uintptr_t place;

	if (!list)
		return;
	if (repoid.n == 0) {
		e->repositories = list->all.p;
		e->repository_count = list->all.n;
		return;
	}
	place = (uintptr_t)map_get(&list->by_repoid, repoid);
	if (place) {
		e->repositories = &list->all.p[place - 1];
		e->repository_count = 1;
	}
}
