/* SPDX-License-Identifier: Apache-2.0 */
/* From an index report to a vulnerability report: make records, ask the store once for all their keys, decide
 * each, and say of every distribution how much of it could be decided at all. */
#include "engine/match.h"

#include "base/cursor.h"
#include "base/map.h"
#include "ecosystem/eol.h"
#include "engine/decide.h"
#include "engine/refine.h"

/* A record of the image and the keys that were looked up for it. */
struct question {
	uint32_t package, environment;
	struct record record;
	const struct ecosystem *ecosystem; /* NULL: none matches it */
	const char *turned_off; /* name of the matcher that would match it */
	uint32_t keys[MAX_KEYS]; /* positions in matching.keys */
	unsigned key_count;
};

/* What is known of one namespace. */
struct namespace_data {
	struct str name;
	uint64_t advisories;
	str_list updaters;
};

struct matching {
	struct task *task;
	struct advisory_store *store;
	const struct index_report *index;
	const struct match_options *options;
	VEC(struct question) questions;
	VEC(struct advisory_key) keys;
	struct map key_positions; /* "namespace\0package" -> position + 1 */
	struct map namespaces; /* -> struct namespace_data */
	advisory_list *candidates;
	struct vulnerability_report *out;
};

static uint32_t key_position(struct matching *m, const struct advisory_key *key)
{
	struct arena *a = &m->task->arena;
	struct buffer b = { .arena = a };
	void **slot;

	put_string(&b, key->namespace);
	put_string(&b, key->package);
	slot = map_put(&m->key_positions, buffer_str(&b));
	if (!*slot) {
		VEC_PUSH(a, &m->keys, *key);
		*slot = (void *)(uintptr_t)m->keys.n;
	}
	return (uint32_t)((uintptr_t)*slot - 1);
}

static bool is_wanted(const struct match_options *o, const struct matcher *matcher)
{
	for (size_t i = 0; o->only_named && i < o->matcher_count; i++)
		if (str_eq(o->matchers[i], str_of(matcher->name)))
			return true;
	return !o->only_named;
}

static const struct repository *const *repositories_of(struct matching *m, const struct environment *e)
{
	const struct repository **list = ARENA_ARRAY(&m->task->arena, const struct repository *,
						     e->repository_count);

	for (size_t i = 0; i < e->repository_count; i++)
		list[i] = &m->index->repositories.p[e->repositories[i]];
	return list;
}

static void ask(struct matching *m, uint32_t package, uint32_t environment)
{
	const struct indexed_package *p = &m->index->packages.p[package];
	const struct environment *e = &p->environments.p[environment];
	struct question *q = VEC_ADD(&m->task->arena, &m->questions);
	struct advisory_key keys[MAX_KEYS];

	*q = (struct question){ .package = package, .environment = environment };
	q->record.package = &p->package;
	q->record.distribution = e->distribution >= 0 ? &m->index->distributions.p[e->distribution] : NULL;
	q->record.repositories = repositories_of(m, e);
	q->record.repository_count = e->repository_count;
	q->ecosystem = decide_ecosystem(&q->record);
	if (q->ecosystem && !is_wanted(m->options, q->ecosystem->matcher)) {
		q->turned_off = q->ecosystem->matcher->name;
		q->ecosystem = NULL;
	}
	if (!q->ecosystem)
		return;
	q->key_count = q->ecosystem->matcher->keys(&m->task->arena, &q->record, keys);
	for (unsigned i = 0; i < q->key_count; i++)
		q->keys[i] = key_position(m, &keys[i]);
}

static int load_namespaces(struct matching *m, struct err *err)
{
	m->namespaces.arena = &m->task->arena;
	VEC_EACH (const struct advisory_key, key, &m->keys) {
		void **slot = map_put(&m->namespaces, key->namespace);
		struct namespace_data *d = *slot;

		if (d)
			continue;
		*slot = d = ARENA_NEW(&m->task->arena, struct namespace_data);
		d->name = key->namespace;
		TRY(advisories_namespace(m->store, m->task, d->name, &d->advisories, &d->updaters, err));
	}
	return 0;
}

static bool is_fixed_only(const struct matching *m, const struct question *q)
{
	return m->options->rhel_only_fixed && str_eq(str_of(q->ecosystem->matcher->name), STR("rhel"));
}

static void add_match(struct matching *m, const struct question *q, const struct advisory *advisory,
		      enum verdict verdict, struct str reason)
{
	struct match match = { .package = q->package,
			       .environment = q->environment,
			       .advisory = advisory,
			       .verdict = verdict,
			       .reason = reason };

	if (verdict != NOT_AFFECTED && !(is_fixed_only(m, q) && !advisory->fixed_in.n))
		VEC_PUSH(&m->task->arena, &m->out->matches, match);
}

/* Names of the vulnerabilities that a publisher says the question's own package does not have. */
static void collect_cleared(struct matching *m, const struct question *q, struct map *out)
{
	for (unsigned k = 0; k < q->key_count; k++) {
		const advisory_list *list = &m->candidates[q->keys[k]];

		for (size_t i = 0; i < list->n; i++)
			if (decide_clears(out->arena, q->ecosystem, &q->record, list->p[i]))
				*map_put(out, list->p[i]->name) = m;
	}
}

/* Drop those of the question's matches, from `first` on, that such a statement beats. */
static void drop_cleared(struct matching *m, const struct question *q, size_t first)
{
	autoarena struct arena scratch = { 0 };
	struct map cleared = { .arena = &scratch };
	size_t kept = first;

	if (!q->ecosystem || !q->ecosystem->matcher->clears || first == m->out->matches.n)
		return;
	collect_cleared(m, q, &cleared);
	for (size_t i = first; i < m->out->matches.n; i++) {
		const struct advisory *advisory = m->out->matches.p[i].advisory;

		if (!decide_is_cleared(advisory) || !map_get(&cleared, advisory->name))
			m->out->matches.p[kept++] = m->out->matches.p[i];
	}
	m->out->matches.n = kept;
}

static int answer(struct matching *m, const struct question *q, struct err *err)
{
	size_t first = m->out->matches.n;

	for (unsigned k = 0; k < q->key_count; k++) {
		const advisory_list *list = &m->candidates[q->keys[k]];

		for (size_t i = 0; i < list->n; i++) {
			struct str reason = { 0 };
			enum verdict v = decide(&m->task->arena, q->ecosystem, &q->record, list->p[i],
						&reason);

			add_match(m, q, list->p[i], v, reason);
		}
		TRY(task_check(m->task, err));
	}
	drop_cleared(m, q, first);
	return 0;
}

/* ---- coverage ---- */

static struct coverage *coverage_of(struct matching *m, int32_t distribution)
{
	struct coverage *c;

	for (size_t i = 0; i < m->out->coverage.n; i++)
		if (m->out->coverage.p[i].distribution == distribution)
			return &m->out->coverage.p[i];
	c = VEC_ADD(&m->task->arena, &m->out->coverage);
	*c = (struct coverage){ .distribution = distribution };
	if (distribution >= 0)
		c->eol_date = eol_date(&m->index->distributions.p[distribution]);
	return c;
}

static bool has_data(const struct matching *m, const struct question *q)
{
	for (unsigned k = 0; k < q->key_count; k++) {
		const struct namespace_data *d = map_get(&m->namespaces, m->keys.p[q->keys[k]].namespace);

		if (d && d->advisories)
			return true;
	}
	return false;
}

static struct str name_of(const struct matching *m, int32_t distribution)
{
	const struct distribution *d = distribution >= 0 ? &m->index->distributions.p[distribution] : NULL;

	if (!d)
		return STR("packages without a known distribution");
	return d->pretty_name.n ? d->pretty_name : d->name.n ? d->name : d->did;
}

/* What to update for the ecosystem. */
static const char *feed_of(const struct ecosystem *e)
{
	return e->updaters ? e->updaters->name : e->fed_by ? e->fed_by : e->name;
}

static void explain(struct matching *m, struct coverage *c, const struct question *q)
{
	struct arena *a = &m->task->arena;
	struct str name = name_of(m, c->distribution);

	if (c->problem.n || (q->ecosystem && has_data(m, q)))
		return;
	if (c->distribution < 0 && !q->ecosystem)
		c->problem = STR("the distribution is unknown: the image has no release file that we know");
	else if (q->turned_off)
		c->problem = str_format(a, "%s is turned off: see matchers.names", q->turned_off);
	else if (!q->ecosystem)
		c->problem = str_format(a, "no feed covers " STR_FMT, STR_ARG(name));
	else if (q->key_count == 0)
		c->problem = str_format(a, STR_FMT " does not say which release it is", STR_ARG(name));
	else if (m->options->as_of)
		c->problem = str_format(a, "there were no advisories for " STR_FMT " (%s) then",
					STR_ARG(name), m->keys.p[q->keys[0]].namespace.p);
	else
		c->problem = str_format(
			a, "there are no advisories for " STR_FMT " (%s): run `clair update %s`",
			STR_ARG(name), m->keys.p[q->keys[0]].namespace.p, feed_of(q->ecosystem));
}

static void add_updaters(struct matching *m, struct coverage *c, const struct question *q)
{
	for (unsigned k = 0; k < q->key_count; k++) {
		const struct namespace_data *d = map_get(&m->namespaces, m->keys.p[q->keys[k]].namespace);

		for (size_t i = 0; d && i < d->updaters.n; i++) {
			bool known = false;

			for (size_t j = 0; j < c->updaters.n; j++)
				known = known || str_eq(c->updaters.p[j], d->updaters.p[i]);
			if (!known)
				VEC_PUSH(&m->task->arena, &c->updaters, d->updaters.p[i]);
		}
	}
}

/* What the publisher does not publish, and the first thing that had to be assumed. */
static void add_caveat(struct matching *m, struct coverage *c, const struct question *q)
{
	const struct matcher *matcher = q->ecosystem->matcher;
	struct str caveat = str_of(q->ecosystem->caveat), assumed = { NULL, 0 };

	if (c->caveat.n)
		return;
	if (matcher->assumes)
		assumed = matcher->assumes(&m->task->arena, &q->record);
	c->caveat = !assumed.n	? caveat
		    : !caveat.n ? assumed
				: str_format(&m->task->arena, STR_FMT "; " STR_FMT, STR_ARG(caveat),
					     STR_ARG(assumed));
}

/* Clair lists a package of Red Hat twice, by its rhel and its rpm scanner, of which the latter knows neither
 * distribution nor repository: that says nothing about what is covered. */
static bool is_repeated(const struct matching *m, const struct question *q)
{
	const struct indexed_package *p = &m->index->packages.p[q->package];
	const struct environment *e = &p->environments.p[q->environment];

	if (e->distribution >= 0 || e->repository_count)
		return false;
	VEC_EACH (const struct environment, other, &p->environments)
		if ((other->distribution >= 0 || other->repository_count) &&
		    str_eq(other->package_db, e->package_db))
			return true;
	return false;
}

static void cover_package(struct matching *m, const struct question *q)
{
	int32_t d = m->index->packages.p[q->package].environments.p[q->environment].distribution;
	struct coverage *c = coverage_of(m, d);
	bool matched = q->ecosystem && has_data(m, q);

	c->packages++;
	c->packages_matched += matched;
	if (q->ecosystem) {
		c->ecosystem = str_of(q->ecosystem->name);
		add_caveat(m, c, q);
		if (c->updaters.n == 0)
			add_updaters(m, c, q);
	}
	explain(m, c, q);
	m->out->is_uncovered = m->out->is_uncovered || !matched;
}

/* A package counts once for each distribution that it is found in. */
static void cover(struct matching *m)
{
	const struct question *previous = NULL;

	VEC_EACH (const struct question, q, &m->questions) {
		bool is_known = previous && previous->package == q->package &&
				previous->record.distribution == q->record.distribution;

		if (is_known || is_repeated(m, q))
			continue;
		previous = q;
		cover_package(m, q);
	}
	if (m->index->packages.n == 0) {
		struct coverage *c = coverage_of(m, m->index->distribution);

		m->out->is_uncovered = true;
		c->problem = STR("no packages were found");
	}
}

static int load_feeds(struct matching *m, struct err *err)
{
	updater_states all = { 0 };

	TRY(advisories_updaters(m->store, m->task, &all, err));
	VEC_EACH (const struct updater_state, u, &all) {
		bool used = false;

		VEC_EACH (const struct coverage, c, &m->out->coverage)
			for (size_t i = 0; i < c->updaters.n; i++)
				used = used || str_eq(c->updaters.p[i], u->name);
		if (used)
			VEC_PUSH(&m->task->arena, &m->out->feeds,
				 ((struct feed_state){ u->name, u->last_success, u->changed_at, u->advisories,
						       u->last_error }));
	}
	return 0;
}

/* Long text only of what is reported: a few of many candidates. */
static int load_texts(struct matching *m, struct err *err)
{
	size_t n = m->out->matches.n;
	const struct advisory **list = ARENA_ARRAY(&m->task->arena, const struct advisory *, n);

	for (size_t i = 0; i < n; i++)
		list[i] = m->out->matches.p[i].advisory;
	TRY(advisories_texts(m->store, m->task, list, n, err));
	for (size_t i = 0; i < n; i++)
		m->out->matches.p[i].advisory = list[i];
	return 0;
}

int engine_match(struct task *task, struct advisory_store *store, const struct index_report *index,
		 const struct match_options *options, struct vulnerability_report *out, struct err *err)
{
	struct matching m = { .task = task, .store = store, .index = index, .options = options, .out = out };
	autoadvisories struct advisory_store *then = NULL;

	*out = (struct vulnerability_report){ .index = index,
					      .created_at = options->now,
					      .as_of = options->as_of };
	if (options->as_of) {
		TRY(advisories_as_of(store, options->as_of, &then, err));
		m.store = then;
	}
	m.key_positions.arena = &task->arena;
	for (uint32_t i = 0; i < index->packages.n; i++) {
		for (uint32_t e = 0; e < index->packages.p[i].environments.n; e++)
			ask(&m, i, e);
		TRY(task_check(task, err));
	}
	TRY(load_namespaces(&m, err));
	m.candidates = ARENA_ARRAY(&task->arena, advisory_list, m.keys.n);
	TRY(advisories_find(m.store, task, m.keys.p, m.keys.n, false, m.candidates, err));
	VEC_EACH (const struct question, q, &m.questions)
		TRY(answer(&m, q, err));
	cover(&m);
	TRY(load_feeds(&m, err));
	TRY(engine_refine(task, out, err));
	return options->with_text ? load_texts(&m, err) : 0;
}
