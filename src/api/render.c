/* SPDX-License-Identifier: Apache-2.0 */
/* From an index report to the bytes of Clair's vulnerability report (service.md 4.1): match, enrich, write.
 * What one would get wrong: the generations are read before the report is made, so an update that commits
 * meanwhile would leave new data under an old key. Hence they are read again, and a report that met an update
 * is given to those who wait for it and to nobody after. */
#include "api/render.h"

#include "api/render_cache.h"
#include "base/cursor.h"
#include "base/deflate.h"
#include "base/time.h"
#include "engine/enrich.h"
#include "engine/match.h"
#include "report/clair_objects.h"
#include "report/writers.h"

#include <stdlib.h>

/* Collects in malloc'ed memory, which outlives the task. */
struct text_writer {
	struct writer writer;
	char *p;
	size_t n, cap;
};

static int text_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct text_writer *t = (struct text_writer *)w;

	(void)err;
	if (n > t->cap - t->n) {
		t->cap = size_mul(size_add(t->cap, n), 2);
		t->p = realloc(t->p, t->cap);
		if (!t->p)
			abort();
	}
	memcpy(t->p + t->n, buf, n);
	t->n += n;
	return 0;
}

static void text_reserve(struct text_writer *t, size_t n)
{
	t->p = malloc(n);
	if (!t->p)
		abort();
	t->cap = n;
}

static struct str text_take(struct text_writer *t)
{
	char *p = realloc(t->p, t->n ? t->n : 1);

	if (!p)
		abort();
	return (struct str){ p, t->n };
}

/* ---- making ---- */

static int generations(struct advisory_store *store, struct render_key *key, struct err *err)
{
	TRY(advisories_generation(store, &key->advisories, err));
	return enrichments_generation(store, &key->enrichments, err);
}

static bool is_current(struct advisory_store *store, const struct render_key *key)
{
	struct render_key now = { 0 };
	struct err ignored = { 0 };

	return generations(store, &now, &ignored) == 0 && now.advisories == key->advisories &&
	       now.enrichments == key->enrichments;
}

static int64_t oldest_of(const struct vulnerability_report *report)
{
	int64_t oldest = 0;

	VEC_EACH (const struct feed_state, f, &report->feeds)
		if (oldest == 0 || f->last_success < oldest)
			oldest = f->last_success;
	return oldest;
}

static uint64_t count_affected(const struct vulnerability_report *report)
{
	uint64_t n = 0;

	VEC_EACH (const struct match, m, &report->matches)
		n += m->verdict == AFFECTED;
	return n;
}

/* A report being made. */
struct making {
	struct task *task;
	struct render_cache *cache;
	struct advisory_store *store;
	const struct render_key *key;
	struct index_report index;
	struct vulnerability_report report;
	advisory_list affected; /* each advisory once, by id */
	struct fragment *fragments; /* of those */
};

static int match(struct making *m, struct err *err)
{
	const struct render_options *o = &m->cache->options;
	const struct match_options options = {
		.now = time_now(),
		.only_named = !o->all_matchers,
		.matchers = o->matchers,
		.matcher_count = o->matcher_count,
		.rhel_only_fixed = o->rhel_only_fixed,
	};

	return engine_match(m->task, m->store, &m->index, &options, &m->report, err);
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = (*(const struct advisory *const *)a)->id, y = (*(const struct advisory *const *)b)->id;

	return (x > y) - (x < y);
}

static void list_affected(struct making *m)
{
	advisory_list *list = &m->affected;
	size_t kept = 0;

	VEC_EACH (const struct match, match, &m->report.matches)
		if (match->verdict == AFFECTED)
			VEC_PUSH(&m->task->arena, list, match->advisory);
	if (list->n)
		qsort(list->p, list->n, sizeof(*list->p), compare_ids);
	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || list->p[kept - 1]->id != list->p[i]->id)
			list->p[kept++] = list->p[i];
	list->n = kept;
}

static int write_object(struct arena *a, const struct advisory *advisory, struct str *out, struct err *err)
{
	struct buffer b = { .arena = a };
	struct json_writer w;
	struct mem_writer to;

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, err);
	clair_vulnerability(&w, advisory);
	*out = buffer_str(&b);
	return json_writer_end(&w);
}

static struct str joined(struct arena *a, const struct enriched *e)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < e->n; i++) {
		if (i)
			put_u8(&b, ',');
		put_bytes(&b, e->data[i]);
	}
	return buffer_str(&b);
}

static int compare_names(const void *a, const void *b)
{
	const struct advisory *x = *(const struct advisory *const *)a,
			      *y = *(const struct advisory *const *)b;
	int c = str_cmp(x->name, y->name);

	return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* Write the fragments of n advisories from the store, in the order of their names, in which texts lie beside
 * each other there. */
static int write_fragments(struct making *m, const struct advisory **advisories, struct fragment *out,
			   size_t n, struct err *err)
{
	enriched_list lists[ENRICHMENT_KINDS] = { 0 };

	qsort(advisories, n, sizeof(*advisories), compare_names);
	TRY(advisories_texts(m->store, m->task, advisories, n, err));
	for (size_t i = 0; i < n; i++) {
		out[i].id = advisories[i]->id;
		TRY(write_object(&m->task->arena, advisories[i], &out[i].object, err));
	}
	if (m->cache->options.no_enrichment || m->key->enrichments == 0)
		return 0;
	TRY(engine_enrich(m->task, m->store, advisories, n, lists, err));
	for (int kind = 0; kind < ENRICHMENT_KINDS; kind++)
		for (size_t i = 0, at = 0; at < lists[kind].n; i++)
			if (out[i].id == lists[kind].p[at].advisory)
				out[i].enrichments[kind] = joined(&m->task->arena, &lists[kind].p[at++]);
	return 0;
}

static int compare_fragments(const void *a, const void *b)
{
	const struct fragment *f = a, *g = b;

	return (f->id > g->id) - (f->id < g->id);
}

/* Those that no earlier report needed. */
static int add_missing(struct making *m, struct err *err)
{
	struct arena *a = &m->task->arena;
	const struct advisory **missing = ARENA_ARRAY(a, const struct advisory *, m->affected.n);
	struct fragment *written = ARENA_ARRAY(a, struct fragment, m->affected.n);
	size_t n = 0, at = 0;

	for (size_t i = 0; i < m->affected.n; i++)
		if (!m->fragments[i].object.n)
			missing[n++] = m->affected.p[i];
	if (n == 0)
		return 0;
	TRY(write_fragments(m, missing, written, n, err));
	if (is_current(m->store, m->key))
		fragments_put(m->cache->fragments, m->key->advisories, m->key->enrichments, written, n);
	qsort(written, n, sizeof(*written), compare_fragments);
	for (size_t i = 0; i < m->affected.n; i++)
		if (!m->fragments[i].object.n)
			m->fragments[i] = written[at++];
	return 0;
}

static int collect_fragments(struct making *m, struct err *err)
{
	list_affected(m);
	m->fragments = ARENA_ARRAY(&m->task->arena, struct fragment, m->affected.n);
	for (size_t i = 0; i < m->affected.n; i++)
		m->fragments[i].id = m->affected.p[i]->id;
	fragments_get(m->cache->fragments, m->key->advisories, m->key->enrichments, &m->task->arena,
		      m->fragments, m->affected.n);
	return add_missing(m, err);
}

static int write(struct making *m, struct writer *to, struct err *err)
{
	struct written_vulnerability *written = ARENA_ARRAY(&m->task->arena, struct written_vulnerability,
							    m->affected.n);
	const struct report_options options = { .vulnerabilities = written,
						.vulnerability_count = m->affected.n };

	for (size_t i = 0; i < m->affected.n; i++) {
		const struct fragment *f = &m->fragments[i];

		written[i] = (struct written_vulnerability){ f->id, f->object };
		for (int kind = 0; kind < ENRICHMENT_KINDS; kind++)
			if (f->enrichments[kind].n)
				VEC_PUSH(&m->task->arena, &m->report.enrichments[kind],
					 ((struct enriched){ f->id, &f->enrichments[kind], 1 }));
	}
	return clair_json_write(m->task, &m->report, &options, to, err);
}

/* About: too little only costs a copy. */
static size_t expected_bytes(const struct making *m)
{
	size_t n = 4096 + m->index.packages.n * 800 + m->report.matches.n * 24;

	for (size_t i = 0; i < m->affected.n; i++)
		n += m->fragments[i].object.n + 24;
	return n;
}

static int make(struct making *m, const struct render_request *request, struct rendering *out,
		struct err *err)
{
	struct text_writer text = { .writer = { text_write } };

	TRY(request->load(request->ctx, m->task, &m->index, err));
	TRY(match(m, err));
	TRY(collect_fragments(m, err));
	text_reserve(&text, expected_bytes(m));
	if (write(m, &text.writer, err) < 0) {
		free(text.p);
		return err->code;
	}
	*out = (struct rendering){
		.json = text_take(&text),
		.matches = count_affected(&m->report),
		.packages = m->index.packages.n,
		.is_incomplete = m->index.is_incomplete,
		.is_uncovered = m->report.is_uncovered,
		.oldest_data = oldest_of(&m->report),
		.generation = m->key->advisories,
	};
	return 0;
}

/* Memory is released as soon as the text stands: the request's own task lives until it is sent. */
static int fill(const struct task *task, struct render_cache *cache, struct advisory_store *store,
		const struct render_request *request, struct rendering_ *r, struct err *err)
{
	autotask struct task work = { .deadline_ns = task->deadline_ns, .canceled = task->canceled };
	struct making m = { .task = &work, .cache = cache, .store = store, .key = &r->key };
	int result = make(&m, request, &r->facts, err);

	render_cache_finish(cache, r, result == 0 && is_current(store, &r->key), result < 0 ? err : NULL);
	return result;
}

/* ---- gzip ---- */

static char *copy_of(struct str s)
{
	char *p = malloc(s.n);

	if (!p)
		abort();
	return memcpy(p, s.p, s.n);
}

static int compress(struct render_cache *cache, struct rendering_ *r, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct str gzip = { 0 }, kept = { 0 };
	int result = gzip_compress(&scratch, r->facts.json, &gzip, err);

	if (result == 0)
		kept = (struct str){ copy_of(gzip), gzip.n };
	render_cache_add_gzip(cache, r, kept);
	return result;
}

static int need_gzip(struct task *task, struct render_cache *cache, struct rendering_ *r, struct err *err)
{
	int there = render_cache_gzip(cache, task, r, err);

	return there ? (there < 0 ? there : 0) : compress(cache, r, err);
}

int api_render(struct task *task, struct render_cache *cache, struct advisory_store *store,
	       const struct render_request *request, struct rendering *out, struct err *err)
{
	struct render_key key = { .manifest_hash = request->manifest_hash, .revision = request->revision };
	struct rendering_ *r = NULL;
	int result;

	TRY(generations(store, &key, err));
	result = render_cache_take(cache, task, &key, &r, err);
	if (result < 0)
		return result;
	result = result > 0 ? 0 : fill(task, cache, store, request, r, err);
	if (result == 0 && request->wants_gzip)
		result = need_gzip(task, cache, r, err);
	if (result < 0) {
		render_cache_drop(cache, r);
		return result;
	}
	*out = render_cache_facts(cache, r);
	if (!request->wants_gzip)
		out->gzip = (struct str){ 0 };
	out->entry_ = r;
	return 0;
}

void render_release(struct render_cache *cache, struct rendering *r)
{
	if (r->entry_)
		render_cache_drop(cache, r->entry_);
	*r = (struct rendering){ 0 };
}
