/* SPDX-License-Identifier: Apache-2.0 */
/* The askers' side of the pool: who asks for a layer that somebody asked for already joins in; who goes takes
 * away what nobody else wants. What one would get wrong: an answer reaches an ask either for the layer as a
 * whole or for its own source alone, and memory of an asker is never touched once it has gone. */
#include "engine/layer_pool_internal.h"

#include "engine/index_turn.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 100 };

uint64_t layer_all_scanners(void)
{
	uint64_t set = 0;

	for (int i = 0; scanner_ids[i].name; i++)
		set |= 1ull << i;
	return set;
}

size_t layer_scanner_count(void)
{
	return (size_t)__builtin_popcountll(layer_all_scanners());
}

void layer_pool_wait_(struct layer_pool *p, pthread_cond_t *cond, unsigned milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)milliseconds * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(cond, &p->lock, &until);
}

static void cond_open(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* ---- opening and closing ---- */

unsigned layer_pool_cores(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 0 ? (unsigned)cores : 1;
}

static unsigned thread_count(const struct layer_pool_options *options)
{
	unsigned n = options->threads ? options->threads : layer_pool_cores();

	return n > LAYER_POOL_MAX_THREADS ? LAYER_POOL_MAX_THREADS : n;
}

int layer_pool_open(const struct layer_pool_options *options, struct layer_pool **out, struct err *err)
{
	struct layer_pool *p = calloc(1, sizeof(*p));
	unsigned n = thread_count(options);

	if (!p)
		abort();
	p->sandbox = options->sandbox;
	p->log = options->log;
	p->turns = index_turns_new();
	p->memory_total = options->memory_bytes ? options->memory_bytes : INDEX_MEMORY_BYTES;
	p->memory_left = p->memory_total;
	pthread_mutex_init(&p->lock, NULL);
	cond_open(&p->work);
	cond_open(&p->memory);
	while (p->thread_count < n &&
	       pthread_create(&p->threads[p->thread_count], NULL, layer_pool_run_, p) == 0)
		p->thread_count++;
	if (p->thread_count == 0) {
		layer_pool_close(p);
		return err_set(err, E_IO, "no thread could be started to scan layers");
	}
	*out = p;
	return 0;
}

void layer_pool_close(struct layer_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_closing = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	while (p->thread_count)
		pthread_join(p->threads[--p->thread_count], NULL);
	assert(!p->oldest);
	pthread_cond_destroy(&p->memory);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	index_turns_free(p->turns);
	free(p);
}

void layer_pool_closep(struct layer_pool **p)
{
	layer_pool_close(*p);
}

void layer_pool_stats(struct layer_pool *p, struct layer_pool_stats *out)
{
	pthread_mutex_lock(&p->lock);
	*out = p->stats;
	out->memory_in_use = p->memory_total - p->memory_left;
	pthread_mutex_unlock(&p->lock);
}

struct index_turns *layer_pool_turns(struct layer_pool *p)
{
	return p->turns;
}

unsigned layer_pool_threads(const struct layer_pool *p)
{
	return p->thread_count;
}

/* ---- entries ---- */

static struct layer_entry **bucket_of(struct layer_pool *p, struct str digest)
{
	return &p->buckets[str_hash(digest) % LAYER_POOL_BUCKETS];
}

static void enqueue(struct layer_pool *p, struct layer_entry *e)
{
	e->older = p->newest;
	if (p->newest)
		p->newest->newer = e;
	else
		p->oldest = e;
	p->newest = e;
	p->stats.waiting++;
	pthread_cond_signal(&p->work);
}

void layer_entry_unqueue_(struct layer_pool *p, struct layer_entry *e)
{
	if (e->older)
		e->older->newer = e->newer;
	else
		p->oldest = e->newer;
	if (e->newer)
		e->newer->older = e->older;
	else
		p->newest = e->older;
	e->older = e->newer = NULL;
	p->stats.waiting--;
}

void layer_entry_unlist_(struct layer_pool *p, struct layer_entry *e)
{
	struct layer_entry **at = bucket_of(p, e->digest);

	if (!e->is_listed)
		return;
	while (*at != e)
		at = &(*at)->next_in_bucket;
	*at = e->next_in_bucket;
	e->is_listed = false;
}

void layer_entry_free_(struct layer_entry *e)
{
	struct arena arena = e->arena;

	arena_reset(&arena);
}

static struct layer_entry *add_entry(struct layer_pool *p, const struct layer_asking *q,
				     const struct layer_ask *ask)
{
	struct arena arena = { 0 };
	struct layer_entry *e = ARENA_NEW(&arena, struct layer_entry), **bucket;

	e->digest = str_copy(&arena, ask->layer->digest);
	e->diff_id = str_copy(&arena, ask->layer->diff_id);
	e->verify_diff_id = ask->layer->verify_diff_id;
	e->is_heads_first = ask->layer->is_heads_first;
	e->size_bytes = ask->layer->size_bytes;
	e->wanted = ask->wanted;
	e->terms = q->terms;
	e->arena = arena;
	bucket = bucket_of(p, e->digest);
	e->next_in_bucket = *bucket;
	*bucket = e;
	e->is_listed = true;
	enqueue(p, e);
	return e;
}

/* Would the scan of the entry answer this ask too? */
static bool serves(const struct layer_entry *e, const struct layer_asking *q, const struct layer_ask *ask)
{
	const struct image_layer *layer = ask->layer;
	const struct layer_terms *a = &e->terms, *b = &q->terms;

	if (!str_eq(e->digest, layer->digest) || e->verify_diff_id != layer->verify_diff_id ||
	    (layer->verify_diff_id && !str_eq(e->diff_id, layer->diff_id)))
		return false;
	if (a->store != b->store || a->seconds != b->seconds ||
	    a->max_inflated_bytes != b->max_inflated_bytes || a->with_findings != b->with_findings ||
	    a->rescan != b->rescan || a->retry != b->retry)
		return false;
	return e->state == ENTRY_WAITING || (ask->wanted & ~e->wanted) == 0;
}

static struct layer_entry *find_entry(struct layer_pool *p, const struct layer_asking *q,
				      const struct layer_ask *ask)
{
	struct layer_entry *e = *bucket_of(p, ask->layer->digest);

	while (e && !serves(e, q, ask))
		e = e->next_in_bucket;
	return e;
}

/* Tell the asker that something happened to its ask. */
void layer_ask_tell_(struct layer_ask *ask)
{
	struct layer_asking *q = ask->asking_;

	if (!ask->is_news_) {
		ask->is_news_ = true;
		ask->next_news_ = NULL;
		if (q->news_)
			q->last_news_->next_news_ = ask;
		else
			q->news_ = ask;
		q->last_news_ = ask;
	}
	pthread_cond_signal(&q->changed_);
}

void layer_entry_drop_(struct layer_entry *e, struct layer_ask *ask)
{
	struct layer_ask **at = &e->asks, *before = NULL;

	while (*at != ask) {
		before = *at;
		at = &(*at)->next_;
	}
	*at = ask->next_;
	if (e->last_ask == ask)
		e->last_ask = before;
	if (e->blamed == ask)
		e->blamed = NULL;
	ask->entry_ = NULL;
	ask->next_ = NULL;
}

/* ---- asking ---- */

static void enter(struct layer_pool *p, struct layer_asking *q, struct layer_ask *ask)
{
	struct layer_entry *e = find_entry(p, q, ask);

	if (e)
		p->stats.shared++;
	else
		e = add_entry(p, q, ask);
	if (e->state == ENTRY_WAITING) /* else its thread reads it */
		e->wanted |= ask->wanted;
	ask->asking_ = q;
	ask->entry_ = e;
	ask->next_ = NULL;
	if (e->asks)
		e->last_ask->next_ = ask;
	else
		e->asks = ask;
	e->last_ask = ask;
	ask->is_started_ = e->state == ENTRY_RUNNING;
	if (ask->is_started_)
		layer_ask_tell_(ask);
}

/* Copy the answer, which stays with the entry until its last asker has it. */
static void take_answer(struct layer_ask *ask, struct task *task)
{
	struct layer_entry *e = ask->entry_;

	for (size_t s = 0; ask->scans && e->scans && !ask->error.code && s < layer_scanner_count(); s++)
		if (ask->wanted >> s & 1)
			ask->scans[s] = (struct layer_scan){
				.scanner = &scanner_ids[s],
				.findings = str_copy(&task->arena, e->scans[s].findings),
			};
	layer_entry_drop_(e, ask);
	if (!e->asks && e->state == ENTRY_DONE)
		layer_entry_free_(e);
}

static struct layer_ask *take_news(struct layer_asking *q)
{
	struct layer_ask *ask = q->news_;

	if (ask) {
		q->news_ = ask->next_news_;
		ask->is_news_ = false;
	}
	return ask;
}

/* Hear what happened to one ask. */
static void hear(struct layer_pool *p, struct task *task, struct layer_asking *q, struct layer_ask *ask)
{
	bool is_answered = ask->is_answered;
	bool begins = !ask->is_told_ && (ask->is_started_ || is_answered);

	ask->is_told_ = true;
	if (is_answered) {
		q->answered_++;
		if (ask->entry_)
			take_answer(ask, task);
	}
	if (!q->progress)
		return;
	pthread_mutex_unlock(&p->lock);
	if (begins)
		q->progress(q->ctx, ask, false);
	if (is_answered)
		q->progress(q->ctx, ask, true);
	pthread_mutex_lock(&p->lock);
}

static int check(struct layer_pool *p, struct task *task, struct layer_asking *q, struct err *err)
{
	int result;

	pthread_mutex_unlock(&p->lock);
	result = task_check(task, err);
	if (result == 0 && q->tick)
		result = q->tick(q->ctx, err);
	pthread_mutex_lock(&p->lock);
	return result;
}

static void enter_more(struct layer_pool *p, struct layer_asking *q)
{
	size_t most = q->at_once ? q->at_once : q->count;

	while (q->entered_ < q->count && q->entered_ - q->answered_ < most)
		enter(p, q, q->asks[q->entered_++]);
}

static int wait_for_all(struct layer_pool *p, struct task *task, struct layer_asking *q, struct err *err)
{
	for (;;) {
		struct layer_ask *ask;

		enter_more(p, q);
		TRY(check(p, task, q, err));
		while ((ask = take_news(q))) {
			hear(p, task, q, ask);
			if (q->stop_at_failure && ask->is_answered && ask->error.code)
				return 0;
		}
		if (q->answered_ == q->count)
			return 0;
		if (q->entered_ - q->answered_ < (q->at_once ? q->at_once : q->count) &&
		    q->entered_ < q->count)
			continue;
		layer_pool_wait_(p, &q->changed_, TICK_MS);
	}
}

/* The asker goes before it is answered. A scan that nobody else wants ends, and so does one that reads from
 * the memory of who goes: the next asker's source is tried then. */
static void leave(struct layer_pool *p, struct layer_ask *ask)
{
	struct layer_entry *e = ask->entry_;

	layer_entry_drop_(e, ask);
	if (e->state == ENTRY_DONE) {
		if (!e->asks)
			layer_entry_free_(e);
		return;
	}
	if (e->asks && e->borrowed != ask)
		return;
	if (!e->asks)
		layer_entry_unlist_(p, e);
	if (e->state == ENTRY_WAITING) {
		layer_entry_unqueue_(p, e);
		layer_entry_free_(e);
		return;
	}
	atomic_store(&e->canceled, true);
	pthread_cond_broadcast(&p->memory);
	while (ask->is_read_)
		layer_pool_wait_(p, &ask->asking_->changed_, TICK_MS);
}

int layer_pool_scan(struct layer_pool *p, struct task *task, struct layer_asking *q, struct err *err)
{
	int result;

	cond_open(&q->changed_);
	q->news_ = NULL;
	q->entered_ = q->answered_ = 0;
	pthread_mutex_lock(&p->lock);
	result = wait_for_all(p, task, q, err);
	for (size_t i = 0; i < q->entered_; i++)
		if (q->asks[i]->entry_)
			leave(p, q->asks[i]);
	pthread_mutex_unlock(&p->lock);
	pthread_cond_destroy(&q->changed_);
	return result;
}

/* ---- the store ---- */

int layer_recall(struct task *task, const struct layer_terms *terms, struct layer_ask *ask, struct err *err)
{
	autotask struct task scratch = { .canceled = task->canceled, .deadline_ns = task->deadline_ns };
	struct layer_scan *scans = ask->scans;
	uint64_t known = 0;
	int failed;

	if (!scans)
		scans = ARENA_ARRAY(&scratch.arena, struct layer_scan, layer_scanner_count());
	TRY(index_get_layer(terms->store, ask->scans ? task : &scratch, ask->layer->digest, ask->wanted,
			    false, scans, &known, err));
	ask->known |= known;
	ask->wanted &= ~known;
	if (!ask->wanted || terms->retry)
		return 0;
	failed = index_get_failure(terms->store, ask->layer->digest, &ask->error, err);
	TRY(failed);
	if (failed) {
		ask->fault = FAULT_LAYER;
		ask->was_recalled = true;
	}
	return 0;
}
