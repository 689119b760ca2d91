/* SPDX-License-Identifier: Apache-2.0 */
/* How bad findings are: what enrichers say of their advisories, joined, made a rating, and put in order. What
 * one would get wrong: it comes after everything was decided and may change nothing of that; without data of
 * enrichers it leaves a report as it was. */
#include "engine/rate.h"

#include "engine/enrich.h"
#include "engine/refine.h"
#include "model/rating.h"

#include <stdlib.h>

struct rated {
	const struct advisory *advisory;
	struct rating rating;
};

struct ordering {
	const struct vulnerability_report *report;
	enum rate_order order;
};

static int compare_pointers(const void *a, const void *b)
{
	const struct advisory *x = *(const struct advisory *const *)a,
			      *y = *(const struct advisory *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The advisories of all matches, or of those that are AFFECTED, by id, each once. Returns how many. */
static size_t list_advisories(struct arena *a, const struct vulnerability_report *report, bool only_affected,
			      const struct advisory ***out)
{
	const struct advisory **list = ARENA_ARRAY(a, const struct advisory *, report->matches.n);
	size_t all = 0, n = 0;

	VEC_EACH (const struct match, m, &report->matches)
		if (!only_affected || m->verdict == AFFECTED)
			list[all++] = m->advisory;
	if (all)
		qsort(list, all, sizeof(*list), compare_pointers);
	for (size_t i = 0; i < all; i++)
		if (n == 0 || list[n - 1]->id != list[i]->id)
			list[n++] = list[i];
	*out = list;
	return n;
}

/* Both are by id. */
static int rate(struct task *task, const enriched_list lists[ENRICHMENT_KINDS], struct rated *rated, size_t n,
		struct err *err)
{
	for (int kind = 0; kind < ENRICHMENT_KINDS; kind++) {
		size_t i = 0;

		VEC_EACH (const struct enriched, e, &lists[kind]) {
			while (rated[i].advisory->id != e->advisory)
				i++;
			for (size_t t = 0; t < e->n; t++)
				rating_add(&task->arena, &rated[i].rating, (enum enrichment_kind)kind,
					   e->data[t]);
			TRY(task_check(task, err));
		}
	}
	for (size_t i = 0; i < n; i++)
		rating_decide(&rated[i].rating, rated[i].advisory->normalized_severity);
	return 0;
}

static int compare_rated(const void *key, const void *element)
{
	const struct match *m = key;
	const struct rated *r = element;

	return (m->advisory->id > r->advisory->id) - (m->advisory->id < r->advisory->id);
}

static double weight(const struct rating *r, enum rate_order order)
{
	switch (order) {
	case RATE_BY_CVSS: return r->has_cvss ? r->cvss : -1.0;
	case RATE_BY_EPSS: return r->has_epss ? r->epss : -1.0;
	case RATE_BY_KEV: return r->is_exploited;
	case RATE_BY_SEVERITY: break;
	}
	return 0;
}

static int compare_matches(const void *a, const void *b, void *ctx)
{
	const struct ordering *o = ctx;
	double x = weight(((const struct match *)a)->rating, o->order);
	double y = weight(((const struct match *)b)->rating, o->order);

	if (x != y)
		return x > y ? -1 : 1;
	return refine_compare(a, b, o->report);
}

int engine_rate(struct task *task, struct advisory_store *store, enum rate_order order,
		struct vulnerability_report *report, struct err *err)
{
	struct arena *a = &task->arena;
	struct ordering ordering = { report, order };
	const struct advisory **advisories;
	size_t n = list_advisories(a, report, false, &advisories);
	struct rated *rated = ARENA_ARRAY(a, struct rated, n);

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		rated[i].advisory = advisories[i];
	TRY(engine_enrich(task, store, advisories, n, report->enrichments, err));
	TRY(rate(task, report->enrichments, rated, n, err));
	VEC_EACH (struct match, m, &report->matches) {
		const struct rated *found = bsearch(m, rated, n, sizeof(*rated), compare_rated);

		m->rating = &found->rating;
	}
	qsort_r(report->matches.p, report->matches.n, sizeof(report->matches.p[0]), compare_matches,
		&ordering);
	return 0;
}

void engine_rate_trim(struct task *task, struct vulnerability_report *report)
{
	const struct advisory **left;
	size_t n = list_advisories(&task->arena, report, true, &left);

	for (int kind = 0; kind < ENRICHMENT_KINDS; kind++) {
		enriched_list *list = &report->enrichments[kind];
		size_t kept = 0, i = 0;

		VEC_EACH (const struct enriched, e, list) {
			while (i < n && left[i]->id < e->advisory)
				i++;
			if (i < n && left[i]->id == e->advisory)
				list->p[kept++] = *e;
		}
		list->n = kept;
	}
}
