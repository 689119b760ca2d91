/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of Red Hat's catalog that an image is made of (indexer.md 1.6.4, Clair v4's coalescer for rhcc).
 * Each layer that one of them ended with says which it is; only the uppermost one can be matched, as its
 * advisories speak of all that it contains, and the ones below are kept under a kind of version that nothing
 * matches. Easy to get wrong: a container that several layers name is where the lowest of them is, and it
 * cannot be matched then, even if the uppermost is one of them. */
#include "engine/coalesce_internal.h"

#include "base/arena.h"
#include "model/repoid.h"

/* A container as the report will have it. */
struct claim {
	const struct package *package;
	struct environment environment;
	bool is_matchable;
};

struct claims {
	struct merge *merge;
	struct map by_identity; /* -> position + 1 in list */
	VEC(struct claim) list;
	VEC(uint32_t) repositories; /* of the layer at hand */
	bool has_top; /* some layer has been seen */
};

bool merge_is_rhcc_(int scanner)
{
	return scanner == scanner_index(&id_rhcc_dockerfile) || scanner == scanner_index(&id_rhcc_labels);
}

/* What a scanner found in a layer, unless a later one deletes the file. */
static const struct findings *findings_left(const struct merge *m, size_t layer, int scanner)
{
	const struct findings *f = merge_is_rhcc_(scanner) ? merge_findings_(m, layer, scanner) : NULL;

	if (f && f->databases.n && merge_is_deleted_(m, layer, m->n, f->databases.p[0].file))
		return NULL;
	return f;
}

static uint32_t repository_position(struct merge *m, const struct repository *r)
{
	for (size_t i = 0; i < m->out->repositories.n; i++) {
		const struct repository *known = &m->out->repositories.p[i];

		if (str_eq(known->name, r->name) && str_eq(known->key, r->key) && str_eq(known->uri, r->uri))
			return (uint32_t)i;
	}
	VEC_PUSH(&m->task->arena, &m->out->repositories, *r);
	return (uint32_t)m->out->repositories.n - 1;
}

/* A scanner finds at most one. */
static void add_repository(struct claims *c, const struct findings *f)
{
	if (f->repositories.n && str_eq(f->repositories.p[0].key, STR(REPOSITORY_KEY_RHCC)))
		VEC_PUSH(&c->merge->task->arena, &c->repositories,
			 repository_position(c->merge, &f->repositories.p[0]));
}

static void claim(struct claims *c, const struct findings *f, const struct found_package *p,
		  const struct environment *e)
{
	struct arena *a = &c->merge->task->arena;
	void **slot = map_put(&c->by_identity, merge_identity_(a, &p->package, true));
	struct claim *made;

	if (!*slot) {
		(void)VEC_ADD(a, &c->list);
		*slot = (void *)(uintptr_t)c->list.n;
	}
	made = &c->list.p[(uintptr_t)*slot - 1];
	*made = (struct claim){ &p->package, *e, !c->has_top };
	made->environment.package_db = f->databases.p[p->database].name;
}

static int claim_layer(struct claims *c, size_t layer, struct err *err)
{
	struct merge *m = c->merge;
	struct environment e = { .layer = (uint32_t)layer, .distribution = -1 };

	c->repositories.p = NULL; /* the previous list is in use */
	c->repositories.n = c->repositories.cap = 0;
	for (int s = 0; scanner_ids[s].name; s++) {
		const struct findings *f = findings_left(m, layer, s);

		if (f)
			add_repository(c, f);
	}
	if (c->repositories.n == 0)
		return 0;
	e.repositories = c->repositories.p;
	e.repository_count = c->repositories.n;
	for (int s = 0; scanner_ids[s].name; s++) {
		const struct findings *f = findings_left(m, layer, s);

		for (size_t i = 0; f && i < f->packages.n; i++) {
			TRY(task_check(m->task, err));
			claim(c, f, &f->packages.p[i], &e);
		}
	}
	c->has_top = true;
	return 0;
}

static struct str unmatchable(struct arena *a, struct str normalized)
{
	struct str kind, numbers;

	if (!str_cut(normalized, ':', &kind, &numbers))
		return normalized;
	return str_format(a, "unmatchable:" STR_FMT, STR_ARG(numbers));
}

int merge_rhcc_(struct merge *m, struct err *err)
{
	struct arena *a = &m->task->arena;
	struct claims c = { .merge = m, .by_identity = { .arena = a } };

	for (size_t i = m->n; i-- > 0;)
		TRY(claim_layer(&c, i, err));
	VEC_EACH (const struct claim, made, &c.list) {
		struct indexed_package *p = merge_place_of_(m, made->package);

		if (!made->is_matchable && p->environments.n == 0)
			p->package.normalized_version = unmatchable(a, p->package.normalized_version);
		VEC_PUSH(a, &p->environments, made->environment);
	}
	return 0;
}
