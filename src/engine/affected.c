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
	struct index_store *index;
	const struct advisory *const *advisories;
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

/* scratch: what deciding needs; out is the task's. */
static void decide_record(struct search *s, struct arena *scratch, const struct record *record,
			  positions *out)
{
	const struct ecosystem *ecosystem = decide_ecosystem(record);
	struct advisory_key keys[MAX_KEYS];
	unsigned n = ecosystem ? ecosystem->matcher->keys(scratch, record, keys) : 0;

	for (unsigned k = 0; k < n; k++) {
		const positions *list = map_get(&s->by_key,
						key_text(scratch, keys[k].namespace, keys[k].package));

		for (size_t i = 0; list && i < list->n; i++) {
			struct str reason;

			if (decide(scratch, ecosystem, record, s->advisories[list->p[i]], &reason) ==
			    AFFECTED)
				VEC_PUSH(scratch, out, list->p[i]);
		}
	}
	put_in_order(s, out->p, &out->n);
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
	const struct record record = { &r->package, r->distribution, r->repositories, r->repository_count };
	positions concerned = { 0 };

	decide_record(s, &scratch, &record, &concerned);
	if (concerned.n)
		add_record(s, r->id, &concerned);
	return task_check(s->task, err);
}

static int find_records(struct search *s, struct err *err)
{
	for (size_t at = 0; at < s->names.n; at += NAMES_AT_ONCE) {
		size_t n = s->names.n - at < NAMES_AT_ONCE ? s->names.n - at : NAMES_AT_ONCE;

		TRY(records_named(s->index, s->task, s->names.p + at, n, take_record, s, err));
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
static int find_manifests(struct search *s, const struct record_group *g, struct str after, size_t max,
			  struct err *err)
{
	size_t left = max ? max : SIZE_MAX, got;

	do {
		size_t most = left < MANIFESTS_AT_ONCE ? left : MANIFESTS_AT_ONCE;
		str_list digests = { 0 };

		TRY(manifests_holding(s->index, s->task, g->records.p, g->records.n, after, most, &digests,
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

int engine_affected(struct task *task, struct index_store *index, const struct advisory *const *advisories,
		    size_t n, struct str after, size_t max, affected_list *out, struct err *err)
{
	struct arena *a = &task->arena;
	struct search s = { .task = task, .index = index, .advisories = advisories };
	struct map seen = { .arena = a };
	struct str bytes;
	void *group;
	size_t at = 0;

	s.by_key.arena = s.groups.arena = s.found.arena = a;
	for (size_t i = 0; i < n; i++)
		add_advisory(&s, &seen, (uint32_t)i);
	TRY(find_records(&s, err));
	while (map_next(&s.groups, &at, &bytes, &group))
		TRY(find_manifests(&s, group, after, max, err));
	collect(&s, max, out);
	return 0;
}
