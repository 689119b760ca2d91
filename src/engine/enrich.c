/* SPDX-License-Identifier: Apache-2.0 */
/* Joins what publishers say of CVE ids (CVSS, EPSS, KEV) to advisories (service.md 2.6, 4.5). What one would
 * get wrong: an advisory may name several ids, and all that is said of them belongs to it; Clair takes one at
 * random. */
#include "engine/enrich.h"

#include "base/limits.h"
#include "base/map.h"
#include "model/cve.h"

static const char *const updaters[ENRICHMENT_KINDS] = {
	[ENRICHMENT_CVSS] = "clair.cvss",
	[ENRICHMENT_EPSS] = "clair.epss",
	[ENRICHMENT_KEV] = "clair.kev",
};

/* The CVE ids of an advisory, as positions among all. */
typedef VEC(uint32_t) id_list;

struct enriching {
	struct task *task;
	const struct advisory *const *advisories;
	size_t n;
	id_list *mentions; /* by advisory */
	str_list ids;
	struct map positions; /* id -> position + 1 */
};

static uint32_t position_of(struct enriching *e, const char *id)
{
	void *at = map_get(&e->positions, str_of(id));

	if (!at) {
		struct str copy = str_copy(&e->task->arena, str_of(id));

		VEC_PUSH(&e->task->arena, &e->ids, copy);
		*map_put(&e->positions, copy) = at = (void *)(uintptr_t)e->ids.n;
	}
	return (uint32_t)((uintptr_t)at - 1);
}

/* The ids in one text, each once. */
static void scan(struct enriching *e, id_list *list, struct str text)
{
	char id[CVE_BYTES];

	while (list->n < LIMIT_ADVISORY_CVES && cve_next(&text, id)) {
		uint32_t at = position_of(e, id);
		size_t i = 0;

		while (i < list->n && list->p[i] != at)
			i++;
		if (i == list->n)
			VEC_PUSH(&e->task->arena, list, at);
	}
}

static int collect(struct enriching *e, struct err *err)
{
	e->mentions = ARENA_ARRAY(&e->task->arena, id_list, e->n);
	for (size_t i = 0; i < e->n; i++) {
		scan(e, &e->mentions[i], e->advisories[i]->name);
		scan(e, &e->mentions[i], e->advisories[i]->links);
		TRY(task_check(e->task, err));
	}
	return 0;
}

/* The data of all ids of an advisory, in the order of the ids. */
static struct enriched join(struct enriching *e, size_t advisory, const str_list *found)
{
	const id_list *ids = &e->mentions[advisory];
	VEC(struct str) all = { 0 };

	for (size_t i = 0; i < ids->n; i++)
		VEC_EACH (const struct str, data, &found[ids->p[i]])
			VEC_PUSH(&e->task->arena, &all, *data);
	return (struct enriched){ e->advisories[advisory]->id, all.p, all.n };
}

static int add_kind(struct enriching *e, struct advisory_store *store, int kind, enriched_list *out,
		    struct err *err)
{
	str_list *found = ARENA_ARRAY(&e->task->arena, str_list, e->ids.n);

	*out = (enriched_list){ 0 };
	if (e->ids.n)
		TRY(enrichments_find(store, e->task, str_of(updaters[kind]), e->ids.p, e->ids.n, found, err));
	for (size_t i = 0; i < e->n; i++) {
		struct enriched joined = join(e, i, found);

		if (joined.n)
			VEC_PUSH(&e->task->arena, out, joined);
	}
	return 0;
}

int engine_enrich(struct task *task, struct advisory_store *store, const struct advisory *const *advisories,
		  size_t n, enriched_list out[ENRICHMENT_KINDS], struct err *err)
{
	struct enriching e = {
		.task = task, .advisories = advisories, .n = n, .positions = { .arena = &task->arena }
	};

	TRY(collect(&e, err));
	for (int kind = 0; kind < ENRICHMENT_KINDS; kind++)
		TRY(add_kind(&e, store, kind, &out[kind], err));
	return 0;
}
