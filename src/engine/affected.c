/* SPDX-License-Identifier: Apache-2.0 */
/* From advisories to the manifests they concern: the way of a report walked backwards, with the same keys and
 * the same decision, so that the two cannot disagree. Records are few (a package of a version is stored once
 * for the whole fleet), so all records of the advisories' names are decided, and those that the same
 * advisories concern are looked up together. */
#include "engine/affected.h"

#include "base/map.h"
#include "ecosystem/language.h"
#include "ecosystem/redhat.h"
#include "engine/decide.h"
#include "engine/repositories.h"

#include <stdlib.h>

enum { NAMES_AT_ONCE = 500, MANIFESTS_AT_ONCE = 1000 };

typedef VEC(uint32_t) positions;

/* Records that the same advisories concern. */
struct record_group {
	positions advisories; /* most severe first */
	VEC(int64_t) records;
};

struct search {
	struct task *task;
	const struct affected_question *question;
	const struct advisory *const *advisories;
	struct repository_resolver repositories;
	struct map statements; /* "namespace\0package" -> advisory_list */
	struct map by_key; /* "namespace\0package" -> positions */
	str_list names; /* of packages, each once */
	struct map groups; /* bytes of the positions -> struct record_group */
	struct map found; /* digest -> struct affected */
};

/* ---- namespaces ---- */

/* A posted distribution may say the release in one field only: "12 (bookworm)" or "12". */
static struct distribution complete(const struct distribution *d)
{
	struct distribution whole = *d;
	struct str rest = d->version, word;

	if (!whole.version.n)
		whole.version = whole.version_id;
	if (!whole.version_id.n && str_word(&rest, &word))
		whole.version_id = word;
	return whole;
}

struct str engine_namespace(struct arena *a, const struct distribution *d)
{
	const struct distribution whole = complete(d);
	const struct package any = { .name = STR("any") };
	const struct record record = { .package = &any, .distribution = &whole };
	const struct ecosystem *ecosystem = decide_ecosystem(&record);
	struct advisory_key keys[MAX_KEYS];

	if (ecosystem && ecosystem->matcher->keys(a, &record, keys))
		return keys[0].namespace;
	if (!whole.did.n || !whole.version_id.n)
		return (struct str){ 0 };
	return str_format(a, STR_FMT ":" STR_FMT, STR_ARG(whole.did), STR_ARG(whole.version_id));
}

struct str engine_advisory_namespace(struct arena *a, const struct advisory *advisory)
{
	struct str of_repository = redhat_namespace(a, advisory);

	if (!of_repository.n)
		of_repository = language_namespace(advisory);
	return of_repository.n ? of_repository : engine_namespace(a, &advisory->distribution);
}

/* ---- the advisories ---- */

static struct str key_text(struct arena *a, struct str namespace, struct str package)
{
	return str_format(a, STR_FMT "%c" STR_FMT, STR_ARG(namespace), 0, STR_ARG(package));
}

/* Without package or namespace it concerns nothing. */
static void add_advisory(struct search *s, struct map *seen, uint32_t position)
{
	struct arena *a = &s->task->arena;
	const struct advisory *advisory = s->advisories[position];
	struct str namespace = advisory->key.namespace, name = advisory->key.package;
	void **slot;

	if (!namespace.n)
	namespace = engine_advisory_namespace(a, advisory);
	if (!namespace.n || !name.n)
		return;
	slot = map_put(&s->by_key, key_text(a, namespace, name));
	if (!*slot)
		*slot = ARENA_NEW(a, positions);
	VEC_PUSH(a, (positions *)*slot, position);
	slot = map_put(seen, name);
	if (*slot)
		return;
	*slot = s;
	VEC_PUSH(a, &s->names, name);
}

/* ---- the records ---- */

struct order {
	const struct advisory *const *advisories;
};

static int more_severe_first(const void *x, const void *y, void *ctx)
{
	const struct order *o = ctx;
	uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
	enum severity a = o->advisories[i]->normalized_severity, b = o->advisories[j]->normalized_severity;

	return a != b ? (a < b ? 1 : -1) : (i > j) - (i < j);
}

/* A record and what is needed to decide it. */
struct decision {
	const struct record *record;
	struct arena *scratch;
	const struct ecosystem *ecosystem; /* NULL: none */
	struct advisory_key keys[MAX_KEYS];
	unsigned key_count;
};

/* Sorted, each once. */
static void put_in_order(const struct search *s, uint32_t *p, size_t *count)
{
	struct order order = { s->advisories };
	size_t n = 0;

	if (!*count)
		return;
	qsort_r(p, *count, sizeof(*p), more_severe_first, &order);
	for (size_t i = 0; i < *count; i++)
		if (n == 0 || p[n - 1] != p[i])
			p[n++] = p[i];
	*count = n;
}

/* Everything that the store says of a key. */
static int find_statements(struct search *s, const struct advisory_key *key, const advisory_list **out,
			   struct err *err)
{
	struct arena *a = &s->task->arena;
	struct str text = key_text(a, key->namespace, key->package);
	advisory_list *list = map_get(&s->statements, text);

	if (!list) {
		const struct advisory_key kept = { str_copy(a, key->namespace), str_copy(a, key->package) };

		list = ARENA_NEW(a, advisory_list);
		TRY(advisories_find(s->question->store, s->task, &kept, 1, false, list, err));
		*map_put(&s->statements, text) = list;
	}
	*out = list;
	return 0;
}

/* Is the record's own package said not to have what the advisory says of its source? */
static int is_cleared(struct search *s, const struct decision *d, const struct advisory *advisory,
		      struct err *err)
{
	bool is_open = d->ecosystem->matcher->clears && decide_is_cleared(advisory) && s->question->store;

	for (unsigned k = 0; is_open && k < d->key_count; k++) {
		const advisory_list *list;

		if (!str_eq(d->keys[k].package, d->record->package->name))
			continue;
		TRY(find_statements(s, &d->keys[k], &list, err));
		for (size_t i = 0; i < list->n; i++)
			if (str_eq(list->p[i]->name, advisory->name) &&
			    decide_clears(d->scratch, d->ecosystem, d->record, list->p[i]))
				return 1;
	}
	return 0;
}

static int decide_one(struct search *s, const struct decision *d, uint32_t position, positions *out,
		      struct err *err)
{
	const struct advisory *advisory = s->advisories[position];
	struct str reason;
	int cleared;

	if (decide(d->scratch, d->ecosystem, d->record, advisory, &reason) != AFFECTED)
		return 0;
	cleared = is_cleared(s, d, advisory, err);
	TRY(cleared);
	if (!cleared)
		VEC_PUSH(d->scratch, out, position);
	return 0;
}

static int decide_record(struct search *s, struct decision *d, positions *out, struct err *err)
{
	struct arena *scratch = d->scratch;

	d->ecosystem = decide_ecosystem(d->record);
	d->key_count = d->ecosystem ? d->ecosystem->matcher->keys(scratch, d->record, d->keys) : 0;
	for (unsigned k = 0; k < d->key_count; k++) {
		const positions *list = map_get(&s->by_key,
						key_text(scratch, d->keys[k].namespace, d->keys[k].package));

		for (size_t i = 0; list && i < list->n; i++)
			TRY(decide_one(s, d, list->p[i], out, err));
	}
	put_in_order(s, out->p, &out->n);
	return 0;
}

static void add_record(struct search *s, int64_t id, const positions *advisories)
{
	struct arena *a = &s->task->arena;
	struct str bytes = { (const char *)advisories->p, advisories->n * sizeof(advisories->p[0]) };
	struct record_group *g = map_get(&s->groups, bytes);

	if (!g) {
		struct str kept = str_copy(a, bytes);

		g = ARENA_NEW(a, struct record_group);
		for (size_t i = 0; i < advisories->n; i++)
			VEC_PUSH(a, &g->advisories, advisories->p[i]);
		*map_put(&s->groups, kept) = g;
	}
	VEC_PUSH(a, &g->records, id);
}

static int take_record(void *ctx, const struct stored_record *r, struct err *err)
{
	struct search *s = ctx;
	autoarena struct arena scratch = { 0 };
	repository_pointers repositories = { 0 };
	struct record record = { .package = &r->package, .distribution = r->distribution };
	struct decision decision = { .record = &record, .scratch = &scratch };
	positions concerned = { 0 };

	TRY(repositories_resolve(&s->repositories, r->repositories, r->repository_count, &scratch,
				 &repositories, err));
	record.repositories = repositories.p;
	record.repository_count = repositories.n;
	TRY(decide_record(s, &decision, &concerned, err));
	if (concerned.n)
		add_record(s, r->id, &concerned);
	return task_check(s->task, err);
}

static int find_records(struct search *s, struct err *err)
{
	for (size_t at = 0; at < s->names.n; at += NAMES_AT_ONCE) {
		size_t n = s->names.n - at < NAMES_AT_ONCE ? s->names.n - at : NAMES_AT_ONCE;

		TRY(records_named(s->question->index, s->task, s->names.p + at, n, take_record, s, err));
	}
	return 0;
}

/* ---- the manifests ---- */

static void add_manifest(struct search *s, struct str digest, const struct record_group *g)
{
	struct arena *a = &s->task->arena;
	void **slot = map_put(&s->found, digest);
	struct affected *affected = *slot;

	if (!affected) {
		*slot = affected = ARENA_NEW(a, struct affected);
		affected->manifest = digest;
	}
	for (size_t i = 0; i < g->advisories.n; i++)
		VEC_PUSH(a, &affected->advisories, g->advisories.p[i]);
}

/* All of a group's, or the first `max`: enough, as no other group can push one of them further back than
 * that. */
static int find_manifests(struct search *s, const struct record_group *g, struct err *err)
{
	const struct affected_question *q = s->question;
	size_t left = q->max ? q->max : SIZE_MAX, got;
	struct str after = q->after;

	do {
		size_t most = left < MANIFESTS_AT_ONCE ? left : MANIFESTS_AT_ONCE;
		str_list digests = { 0 };

		TRY(manifests_holding(q->index, s->task, g->records.p, g->records.n, after, most, &digests,
				      err));
		VEC_EACH (const struct str, digest, &digests)
			add_manifest(s, *digest, g);
		got = digests.n;
		left -= got < left ? got : left;
		if (got)
			after = digests.p[got - 1];
		TRY(task_check(s->task, err));
	} while (got == MANIFESTS_AT_ONCE && left);
	return 0;
}

static int by_digest(const void *a, const void *b)
{
	return str_cmp(((const struct affected *)a)->manifest, ((const struct affected *)b)->manifest);
}

static void collect(struct search *s, size_t max, affected_list *out)
{
	struct affected *affected;
	struct str digest;
	void *value;
	size_t at = 0;

	while (map_next(&s->found, &at, &digest, &value)) {
		affected = value;
		VEC_PUSH(&s->task->arena, out, *affected);
	}
	if (out->n)
		qsort(out->p, out->n, sizeof(out->p[0]), by_digest);
	if (max && out->n > max)
		out->n = max;
	VEC_EACH (struct affected, a, out)
		put_in_order(s, a->advisories.p, &a->advisories.n);
}

int engine_affected(struct task *task, const struct affected_question *question, affected_list *out,
		    struct err *err)
{
	struct arena *a = &task->arena;
	struct search s = { .task = task,
			    .question = question,
			    .advisories = question->advisories,
			    .repositories = { task, question->store, { .arena = a } },
			    .statements = { .arena = a } };
	struct map seen = { .arena = a };
	struct str bytes;
	void *group;
	size_t at = 0;

	s.by_key.arena = s.groups.arena = s.found.arena = a;
	for (size_t i = 0; i < question->n; i++)
		add_advisory(&s, &seen, (uint32_t)i);
	TRY(find_records(&s, err));
	while (map_next(&s.groups, &at, &bytes, &group))
		TRY(find_manifests(&s, group, err));
	collect(&s, question->max, out);
	return 0;
}
