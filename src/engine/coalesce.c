/* SPDX-License-Identifier: Apache-2.0 */
/* Layers become an image (indexer.md 1.6.1). A package database counts as a whole: its newest copy
 * replaces the older ones, and a later layer that deletes the file deletes its packages. A package was
 * introduced by the oldest layer from which on every copy of its database has had it, so that one that was
 * removed and installed again belongs to the layer that brought it back. */
#include "engine/coalesce_internal.h"

#include <stdlib.h>

const struct findings *merge_findings_(const struct merge *m, size_t layer, int scanner)
{
	return m->layers[layer].by_scanner ? m->layers[layer].by_scanner[scanner] : NULL;
}

bool merge_is_deleted_(const struct merge *m, size_t layer, size_t end, struct str path)
{
	for (size_t i = layer + 1; i < end; i++)
		if (deletions_cover(&m->deleted[i], path))
			return true;
	return false;
}

static void note(struct merge *m, size_t layer, struct str where, struct str what)
{
	struct arena *a = &m->task->arena;
	struct str digest = m->layers[layer].digest;

	VEC_PUSH(a, &m->out->notes,
		 where.n ? str_format(a, "layer " STR_FMT ": " STR_FMT ": " STR_FMT, STR_ARG(digest),
				      STR_ARG(where), STR_ARG(what))
			 : str_format(a, "layer " STR_FMT ": " STR_FMT, STR_ARG(digest), STR_ARG(what)));
}

static void collect_deletions(struct merge *m)
{
	m->deleted = ARENA_ARRAY(&m->task->arena, struct deletions, m->n);
	for (size_t i = 0; i < m->n; i++) {
		deletions_open(&m->deleted[i], &m->task->arena);
		for (int s = 0; scanner_ids[s].name; s++) {
			const struct findings *f = merge_findings_(m, i, s);

			for (size_t w = 0; f && w < f->whiteouts.n; w++)
				deletions_add(&m->deleted[i], f->whiteouts.p[w]);
		}
	}
}

static bool seen_before(const struct merge *m, size_t layer)
{
	for (size_t i = 0; i < layer; i++)
		if (str_eq(m->layers[i].digest, m->layers[layer].digest))
			return true;
	return false;
}

static void collect_notes(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++) {
		if (seen_before(m, i))
			continue;
		if (m->layers[i].problem.n) {
			note(m, i, (struct str){ 0 }, m->layers[i].problem);
			m->out->is_incomplete = true;
		}
		for (int s = 0; scanner_ids[s].name; s++) {
			const struct findings *f = merge_findings_(m, i, s);

			for (size_t k = 0; f && k < f->notes.n; k++)
				note(m, i, (struct str){ 0 }, f->notes.p[k]);
		}
	}
}

static int32_t add_distribution(struct merge *m, const struct distribution *d)
{
	for (size_t i = 0; i < m->out->distributions.n; i++)
		if (distribution_eq(&m->out->distributions.p[i], d))
			return (int32_t)i;
	VEC_PUSH(&m->task->arena, &m->out->distributions, *d);
	return (int32_t)m->out->distributions.n - 1;
}

/* The first distribution of the layer whose file is still there in the image. */
static void collect_distribution(struct merge *m, size_t layer)
{
	m->distribution_of[layer] = -1;
	for (int s = 0; scanner_ids[s].name; s++) {
		const struct findings *f = merge_findings_(m, layer, s);

		if (!f || f->distributions.n == 0)
			continue;
		if (f->databases.n && merge_is_deleted_(m, layer, m->n, f->databases.p[0].file))
			continue;
		m->distribution_of[layer] = add_distribution(m, &f->distributions.p[0]);
		return;
	}
}

static void collect_distributions(struct merge *m)
{
	m->out->distribution = -1;
	m->distribution_of = ARENA_ARRAY(&m->task->arena, int32_t, m->n);
	for (size_t i = 0; i < m->n; i++) {
		collect_distribution(m, i);
		if (m->distribution_of[i] >= 0)
			m->out->distribution = m->distribution_of[i];
	}
}

/* That of the layer itself, else the nearest towards the base, else towards the top. */
static int32_t distribution_at(const struct merge *m, size_t layer)
{
	for (size_t i = layer + 1; i-- > 0;)
		if (m->distribution_of[i] >= 0)
			return m->distribution_of[i];
	for (size_t i = layer + 1; i < m->n; i++)
		if (m->distribution_of[i] >= 0)
			return m->distribution_of[i];
	return -1;
}

struct str merge_identity_(struct arena *a, const struct package *p, bool with_kind)
{
	struct buffer b = { .arena = a };

	put_string(&b, p->name);
	put_string(&b, p->version);
	put_string(&b, p->arch);
	put_string(&b, p->module);
	if (with_kind)
		put_u8(&b, (uint8_t)p->kind);
	return buffer_str(&b);
}

/* The findings of one scanner in one layer, by database: packages of database d are order[start[d]..start[d +
 * 1]). Built once, since a hostile layer may have as many databases as packages. */
struct shelf {
	const struct findings *findings; /* NULL: nothing */
	struct map databases; /* name -> position + 1 */
	uint32_t *start, *order;
};

/* One copy of a database: its position on a shelf. */
struct copy {
	size_t layer;
	const struct shelf *shelf;
	uint32_t database;
	struct map names; /* identity -> its package; filled when first asked */
};

static void fill_shelf(struct arena *a, struct shelf *s, const struct findings *f)
{
	*s = (struct shelf){ .findings = f, .databases = { .arena = a } };
	if (!f)
		return;
	for (size_t i = f->databases.n; i-- > 0;)
		*map_put(&s->databases, f->databases.p[i].name) = (void *)(uintptr_t)(i + 1);
	s->start = ARENA_ARRAY(a, uint32_t, f->databases.n + 2);
	s->order = ARENA_ARRAY(a, uint32_t, f->packages.n);
	VEC_EACH (const struct found_package, p, &f->packages)
		s->start[p->database + 2]++;
	for (size_t d = 2; d < f->databases.n + 2; d++)
		s->start[d] += s->start[d - 1];
	for (size_t i = 0; i < f->packages.n; i++)
		s->order[s->start[f->packages.p[i].database + 1]++] = (uint32_t)i;
}

static const struct database *copy_database(const struct copy *c)
{
	return &c->shelf->findings->databases.p[c->database];
}

static size_t copy_count(const struct copy *c)
{
	return c->shelf->start[c->database + 1] - c->shelf->start[c->database];
}

static const struct package *copy_package(const struct copy *c, size_t i)
{
	return &c->shelf->findings->packages.p[c->shelf->order[c->shelf->start[c->database] + i]].package;
}

static const struct package *copy_find(struct merge *m, struct copy *c, struct str id)
{
	if (!c->names.arena) {
		c->names.arena = &m->task->arena;
		for (size_t i = 0; i < copy_count(c); i++) {
			const struct package *p = copy_package(c, i);

			*map_put(&c->names,
				 merge_identity_(&m->task->arena, p, false)) = (void *)(uintptr_t)p;
		}
	}
	return map_get(&c->names, id);
}

typedef VEC(struct copy) copies;

/* The copies of a database below its newest one that no layer in between deleted, newest first. */
static void older_copies(struct merge *m, const struct copy *newest, const struct shelf *shelves, copies *out)
{
	struct str name = copy_database(newest)->name;
	size_t upper = newest->layer;

	for (size_t i = newest->layer; i-- > 0;) {
		uintptr_t at = (uintptr_t)map_get(&shelves[i].databases, name);
		struct copy c = { .layer = i, .shelf = &shelves[i], .database = (uint32_t)at - 1 };

		if (!at)
			continue;
		if (merge_is_deleted_(m, i, upper + 1, copy_database(&c)->file))
			return;
		VEC_PUSH(&m->task->arena, out, c);
		upper = i;
	}
}

/* A package as the layer that introduced it describes it. */
struct introduction {
	size_t layer;
	const struct package *package;
};

static struct introduction introduction_of(struct merge *m, const struct copy *newest, copies *older,
					   const struct package *p)
{
	struct introduction found = { newest->layer, p };
	struct str id = merge_identity_(&m->task->arena, p, false);

	for (size_t i = 0; i < older->n; i++) {
		p = copy_find(m, &older->p[i], id);
		if (!p)
			break;
		found = (struct introduction){ older->p[i].layer, p };
	}
	return found;
}

struct indexed_package *merge_place_of_(struct merge *m, const struct package *p)
{
	void **slot = map_put(&m->packages, merge_identity_(&m->task->arena, p, true));

	if (!*slot) {
		*VEC_ADD(&m->task->arena, &m->out->packages) = (struct indexed_package){ .package = *p };
		*slot = (void *)(uintptr_t)m->out->packages.n;
	}
	return &m->out->packages.p[(uintptr_t)*slot - 1];
}

static int add_database(struct merge *m, const struct copy *newest, const struct shelf *shelves,
			struct err *err)
{
	const struct database *d = copy_database(newest);
	copies older = { 0 };

	if (merge_is_deleted_(m, newest->layer, m->n, d->file))
		return 0;
	if (d->problem.n) {
		note(m, newest->layer, d->name, d->problem);
		m->out->is_incomplete = true;
	}
	older_copies(m, newest, shelves, &older);
	for (size_t i = 0; i < copy_count(newest); i++) {
		const struct package *p = copy_package(newest, i);
		struct introduction first = introduction_of(m, newest, &older, p);
		struct environment e = {
			.package_db = d->name,
			.layer = (uint32_t)first.layer,
			.distribution = distribution_at(m, first.layer),
		};

		if (p->scanner == scanner_index(&id_rpm))
			rhel_repositories_choose(m->repositories, first.package->repository_hint, &e);
		if (p->scanner == scanner_index(&id_dpkg) || p->scanner == scanner_index(&id_chisel)) {
			e.repositories = m->pro;
			e.repository_count = m->pro_count;
		}
		VEC_PUSH(&m->task->arena, &merge_place_of_(m, p)->environments, e);
		TRY(task_check(m->task, err));
	}
	return 0;
}

static int collect_packages(struct merge *m, int scanner, struct err *err)
{
	struct shelf *shelves = ARENA_ARRAY(&m->task->arena, struct shelf, m->n);
	struct map done = { .arena = &m->task->arena };

	for (size_t i = 0; i < m->n; i++)
		fill_shelf(&m->task->arena, &shelves[i], merge_findings_(m, i, scanner));
	for (size_t i = m->n; i-- > 0;) {
		const struct findings *f = shelves[i].findings;

		for (size_t k = 0; f && k < f->databases.n; k++) {
			void **slot = map_put(&done, f->databases.p[k].name);
			struct copy newest = { .layer = i, .shelf = &shelves[i], .database = (uint32_t)k };

			if (*slot)
				continue;
			*slot = m;
			TRY(add_database(m, &newest, shelves, err));
		}
	}
	return 0;
}

static int compare_packages(const void *a, const void *b)
{
	const struct package *p = &((const struct indexed_package *)a)->package;
	const struct package *q = &((const struct indexed_package *)b)->package;
	int c = str_cmp(p->name, q->name);

	if (c == 0)
		c = str_cmp(p->version, q->version);
	if (c == 0)
		c = (int)p->kind - (int)q->kind;
	if (c == 0)
		c = str_cmp(p->module, q->module);
	return c ? c : str_cmp(p->arch, q->arch);
}

static int compare_environments(const void *a, const void *b)
{
	const struct environment *e = a, *f = b;
	int c = str_cmp(e->package_db, f->package_db);

	return c ? c : (e->layer > f->layer) - (e->layer < f->layer);
}

void coalesce_sort(struct index_report *r)
{
	if (r->packages.n)
		qsort(r->packages.p, r->packages.n, sizeof(r->packages.p[0]), compare_packages);
	VEC_EACH (struct indexed_package, p, &r->packages)
		qsort(p->environments.p, p->environments.n, sizeof(p->environments.p[0]),
		      compare_environments);
}

int engine_coalesce(struct task *task, struct str manifest_hash, const struct layer_findings *layers,
		    size_t n, struct index_report *out, struct err *err)
{
	struct merge m = {
		.task = task,
		.layers = layers,
		.n = n,
		.out = out,
		.packages = { .arena = &task->arena },
	};

	*out = (struct index_report){ .manifest_hash = manifest_hash };
	for (size_t i = 0; i < n; i++)
		VEC_PUSH(&task->arena, &out->layers, layers[i].digest);
	collect_deletions(&m);
	collect_notes(&m);
	collect_distributions(&m);
	TRY(rhel_repositories_collect(task, layers, n, out, &m.repositories, err));
	merge_ubuntu_pro_(&m);
	for (int s = 0; scanner_ids[s].name; s++)
		if (scanner_ids[s].kind == SCANNER_PACKAGE && !merge_is_rhcc_(s))
			TRY(collect_packages(&m, s, err));
	TRY(merge_rhcc_(&m, err));
	coalesce_sort(out);
	return 0;
}
