/* SPDX-License-Identifier: Apache-2.0 */
/* Joins what publishers say of CVE ids (CVSS, EPSS, KEV) to the advisories of a report (service.md 2.6, 4.5).
 * What one would get wrong: Clair's clients take whatever kind stands first for CVSS and break on an empty
 * list (clients.md 1.5). So the order is fixed, a kind without data is left out, and without CVSS all are. */
#include "engine/enrich.h"

#include "base/limits.h"
#include "base/map.h"
#include "model/cve.h"

#include <stdlib.h>

/* Updater, and the key of Clair's map. */
static const struct {
	const char *updater, *kind;
} enrichers[] = {
	{ "clair.cvss",
	  "message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=https://csrc.nist.gov/schema/nvd/"
	  "api/2.0/cve_api_json_2.0.schema" },
	{ "clair.epss", "message/vnd.clair.map.vulnerability; enricher=clair.epss schema=none" },
	{ "clair.kev", "message/vnd.clair.map.vulnerability; enricher=clair.kev schema=none" },
};
enum { ENRICHERS = sizeof(enrichers) / sizeof(enrichers[0]) };

/* An advisory and the positions of its CVE ids among all. */
struct mention {
	uint64_t advisory;
	VEC(uint32_t) ids;
};

struct enriching {
	struct task *task;
	VEC(struct mention) mentions; /* by advisory */
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
static void scan(struct enriching *e, struct mention *m, struct str text)
{
	char id[CVE_BYTES];

	while (m->ids.n < LIMIT_ADVISORY_CVES && cve_next(&text, id)) {
		uint32_t at = position_of(e, id);
		size_t i = 0;

		while (i < m->ids.n && m->ids.p[i] != at)
			i++;
		if (i == m->ids.n)
			VEC_PUSH(&e->task->arena, &m->ids, at);
	}
}

static int compare_mentions(const void *a, const void *b)
{
	const struct mention *m = a, *n = b;

	return (m->advisory > n->advisory) - (m->advisory < n->advisory);
}

static int collect(struct enriching *e, const struct vulnerability_report *report, struct err *err)
{
	struct map seen = { .arena = &e->task->arena };

	VEC_EACH (const struct match, m, &report->matches) {
		struct mention mention = { .advisory = m->advisory->id };
		struct str key = { (const char *)&m->advisory->id, sizeof(m->advisory->id) };
		void **slot = m->verdict == AFFECTED ? map_put(&seen, key) : NULL;

		TRY(task_check(e->task, err));
		if (!slot || *slot)
			continue;
		*slot = e;
		scan(e, &mention, m->advisory->name);
		scan(e, &mention, m->advisory->links);
		if (mention.ids.n)
			VEC_PUSH(&e->task->arena, &e->mentions, mention);
	}
	if (e->mentions.n)
		qsort(e->mentions.p, e->mentions.n, sizeof(*e->mentions.p), compare_mentions);
	return 0;
}

/* The data of all ids of an advisory, in the order of the ids. */
static struct enriched join(struct enriching *e, const struct mention *m, const str_list *found)
{
	VEC(struct str) all = { 0 };

	for (size_t i = 0; i < m->ids.n; i++) {
		const str_list *list = &found[m->ids.p[i]];

		for (size_t k = 0; k < list->n; k++)
			VEC_PUSH(&e->task->arena, &all, list->p[k]);
	}
	return (struct enriched){ m->advisory, all.p, all.n };
}

/* 1 when the enricher had something to say. */
static int add_kind(struct enriching *e, struct advisory_store *store, int enricher,
		    struct vulnerability_report *report, struct err *err)
{
	str_list *found = ARENA_ARRAY(&e->task->arena, str_list, e->ids.n);
	struct report_enrichment kind = { .kind = str_of(enrichers[enricher].kind) };

	TRY(enrichments_find(store, e->task, str_of(enrichers[enricher].updater), e->ids.p, e->ids.n, found,
			     err));
	VEC_EACH (const struct mention, m, &e->mentions) {
		struct enriched joined = join(e, m, found);

		if (joined.n)
			VEC_PUSH(&e->task->arena, &kind.advisories, joined);
	}
	if (kind.advisories.n)
		VEC_PUSH(&e->task->arena, &report->enrichments, kind);
	return kind.advisories.n > 0;
}

int engine_enrich(struct task *task, struct advisory_store *store, struct vulnerability_report *report,
		  struct err *err)
{
	struct enriching e = { .task = task, .positions = { .arena = &task->arena } };

	TRY(collect(&e, report, err));
	for (int i = 0; e.ids.n && i < ENRICHERS; i++) {
		int any = add_kind(&e, store, i, report, err);

		TRY(any);
		if (i == 0 && !any)
			break;
	}
	return 0;
}
