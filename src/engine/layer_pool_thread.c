/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of the pool: take a layer that waits, look once more whether the store has it by now, read it from
 * one asker's source after the other until one gives the right bytes, store, answer. Whose source failed is
 * told so at once; the others wait on. Nothing of the store or the network is touched under the lock. */
#include "engine/layer_pool_internal.h"

/* One in so many is taken by age, so that small layers do not wait for ever behind large ones. */
enum { BY_AGE = 4 };

static struct layer_entry *take_entry(struct layer_pool *p)
{
	struct layer_entry *best = p->oldest;

	if (p->picks++ % BY_AGE != BY_AGE - 1)
		for (struct layer_entry *e = p->oldest; e; e = e->newer)
			if (e->size_bytes > best->size_bytes)
				best = e;
	layer_entry_unqueue_(p, best);
	best->state = ENTRY_RUNNING;
	p->stats.running++;
	return best;
}

/* ---- answering ---- */

static void answer(struct layer_ask *ask, const struct err *error, enum layer_fault fault)
{
	ask->error = *error;
	ask->fault = error->code ? fault : FAULT_NONE;
	ask->is_answered = true;
	layer_ask_tell_(ask);
}

/* All who still wait get the entry's answer. Those who want findings take them from the entry. */
static void finish(struct layer_pool *p, struct layer_entry *e)
{
	struct layer_ask *next;

	layer_entry_unlist_(p, e);
	e->state = ENTRY_DONE;
	p->stats.running--;
	for (struct layer_ask *ask = e->asks; ask; ask = next) {
		next = ask->next_;
		ask->known |= e->error.code ? 0 : ask->wanted;
		ask->was_recalled = e->was_recalled;
		ask->was_scanned = e->was_scanned;
		ask->defences = e->defences;
		answer(ask, &e->error, e->fault);
		if (!e->terms.with_findings)
			layer_entry_drop_(e, ask);
	}
	if (!e->asks)
		layer_entry_free_(e);
}

/* ---- the store ---- */

/* Somebody may have scanned the layer since its askers looked. Returns 1 when that is the answer. */
static int recall(struct layer_entry *e, struct err *err)
{
	autotask struct task task = { .canceled = &e->canceled };
	struct image_layer layer = { .digest = e->digest };
	struct layer_ask ask = { .layer = &layer, .wanted = e->wanted, .scans = e->scans };

	e->missing = e->wanted;
	if (e->terms.rescan)
		return 0;
	TRY(layer_recall(&task, &e->terms, &ask, err));
	arena_adopt(&e->arena, &task.arena);
	e->missing = ask.wanted;
	e->error = ask.error;
	e->fault = ask.fault;
	e->was_recalled = ask.was_recalled;
	return ask.error.code || !ask.wanted;
}

/* A store that does not take it costs an asker that has the findings only the next scan's time. */
static int store_scans(struct layer_attempt *a, const struct layer_scan *scans, struct err *err)
{
	struct layer_entry *e = a->entry;
	struct layer_scan *fresh = ARENA_ARRAY(&a->task.arena, struct layer_scan, layer_scanner_count());
	uint64_t size = e->size_bytes == UINT64_MAX ? a->result.stored_bytes : e->size_bytes;
	struct err problem = { 0 };
	size_t n = 0;

	for (size_t s = 0; s < layer_scanner_count(); s++)
		if (e->missing >> s & 1)
			fresh[n++] = scans[s];
	if (index_put_layer(e->terms.store, e->digest, size, fresh, n, &problem) == 0)
		return 0;
	if (!e->terms.with_findings) {
		*err = problem;
		return err_wrap(err, "its findings cannot be stored");
	}
	log_line(a->pool->log, LOG_WARNING, "layer " STR_FMT " is not remembered: %s", STR_ARG(e->digest),
		 problem.text);
	return 0;
}

static int keep(struct layer_attempt *a, struct err *err)
{
	struct layer_entry *e = a->entry;
	struct layer_scan *scans = ARENA_ARRAY(&a->task.arena, struct layer_scan, layer_scanner_count());

	for (size_t i = 0; i < a->result.scans.n; i++) {
		const struct sandbox_scan *scan = &a->result.scans.p[i];

		scans[scan->scanner] = (struct layer_scan){ &scanner_ids[scan->scanner], scan->findings,
							    scan->owned };
		if (e->terms.with_findings)
			e->scans[scan->scanner] = (struct layer_scan){ .findings = str_copy(&e->arena,
											    scan->findings) };
	}
	e->was_scanned = true;
	e->defences = a->result.defences;
	return store_scans(a, scans, err);
}

/* Broken, too large or deadly whoever tries: not trouble of the moment, nor of the limits asked for this
 * time. */
static void remember_failure(const struct layer_attempt *a, const struct err *error)
{
	struct layer_entry *e = a->entry;
	struct err ignored = { 0 };

	if (!a->is_verified || (a->fault != FAULT_LAYER && a->fault != FAULT_WORKER))
		return;
	if (error->code != E_FORMAT && (error->code != E_LIMIT || e->terms.max_inflated_bytes))
		return;
	if (index_put_failure(e->terms.store, e->digest, error, &ignored) < 0)
		log_line(a->pool->log, LOG_DEBUG, "the failure of layer " STR_FMT " is not remembered: %s",
			 STR_ARG(e->digest), ignored.text);
}

/* ---- sources ---- */

/* The next asker's source; false when no asker is left. Under the lock. */
static bool next_source(struct layer_entry *e, struct layer_attempt *a)
{
	atomic_store(&e->canceled, false);
	while (e->asks) {
		struct layer_ask *ask = e->asks;
		const struct layer_asking *q = ask->asking_;
		struct err err = { 0 };

		e->blamed = ask;
		if (!q->detach) {
			e->borrowed = ask;
			ask->is_read_ = true;
			a->layer = ask->layer;
			return true;
		}
		if (q->detach(q->ctx, ask, &a->task, &a->image, &err) == 0) {
			a->layer = &a->image.layers.p[0];
			return true;
		}
		layer_entry_drop_(e, ask);
		answer(ask, &err, FAULT_SOURCE);
	}
	return false;
}

static void let_go(struct layer_entry *e)
{
	if (!e->borrowed)
		return;
	e->borrowed->is_read_ = false;
	pthread_cond_signal(&e->borrowed->asking_->changed_);
	e->borrowed = NULL;
}

static void count(struct layer_pool *p, const struct layer_attempt *a, int code)
{
	if (code == 0)
		p->stats.scanned++;
	else
		p->stats.failed++;
	if (a->fault == FAULT_WORKER)
		p->stats.workers_died++;
	else if (a->fault == FAULT_LAYER && code == E_TIMEOUT)
		p->stats.workers_timed_out++;
}

/* After a try: is the entry answered? What is not known to be the layer's own fault is only told to whose
 * source it was. Under the lock. */
static bool settle(struct layer_pool *p, struct layer_entry *e, const struct layer_attempt *a,
		   const struct err *error)
{
	struct layer_ask *blamed = e->blamed;

	let_go(e);
	if (atomic_load(&e->canceled) && error->code)
		return !e->asks;
	count(p, a, error->code);
	if (!error->code || a->fault == FAULT_HERE || a->is_verified ||
	    (a->fault == FAULT_LAYER && error->code == E_TIMEOUT)) {
		e->error = *error;
		e->fault = a->fault;
		return true;
	}
	if (blamed) {
		layer_entry_drop_(e, blamed);
		answer(blamed, error, a->fault);
	}
	return !e->asks;
}

/* Read the layer from one asker's source. False: no asker is left, or the entry is answered. */
static bool try_source(struct layer_pool *p, struct layer_entry *e, uint64_t *memory)
{
	struct layer_attempt a = { .pool = p, .entry = e, .memory = memory };
	struct err error = { 0 };
	bool is_settled;

	a.task.canceled = &e->canceled;
	pthread_mutex_lock(&p->lock);
	is_settled = !next_source(e, &a);
	pthread_mutex_unlock(&p->lock);
	if (!is_settled) {
		if (layer_attempt_(&a, &error) < 0)
			remember_failure(&a, &error);
		else if (keep(&a, &error) < 0)
			a.fault = FAULT_HERE;
		image_close(&a.image);
		pthread_mutex_lock(&p->lock);
		is_settled = settle(p, e, &a, &error);
		pthread_mutex_unlock(&p->lock);
	}
	task_close(&a.task);
	return !is_settled;
}

static void announce(struct layer_pool *p, struct layer_entry *e)
{
	pthread_mutex_lock(&p->lock);
	for (struct layer_ask *ask = e->asks; ask; ask = ask->next_) {
		ask->is_started_ = true;
		layer_ask_tell_(ask);
	}
	pthread_mutex_unlock(&p->lock);
}

static void serve(struct layer_pool *p, struct layer_entry *e)
{
	uint64_t memory = 0;
	int known;

	e->scans = e->terms.with_findings ? ARENA_ARRAY(&e->arena, struct layer_scan, layer_scanner_count())
					  : NULL;
	known = recall(e, &e->error);
	if (known < 0)
		e->fault = FAULT_HERE;
	if (known == 0 && layer_memory_take_(p, e, LAYER_MEMORY, &memory, &e->error) == 0) {
		announce(p, e);
		while (try_source(p, e, &memory))
			;
		layer_memory_give_(p, &memory);
	}
}

void *layer_pool_run_(void *pool)
{
	struct layer_pool *p = pool;

	pthread_mutex_lock(&p->lock);
	while (!p->is_closing) {
		struct layer_entry *e;

		if (!p->oldest) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		e = take_entry(p);
		pthread_mutex_unlock(&p->lock);
		serve(p, e);
		pthread_mutex_lock(&p->lock);
		finish(p, e);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}
