/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one layer once: open the source, look at the first bytes for the memory that their decoder will ask
 * for, wait until there is so much, stream it through a worker. The first bytes are handed on, not read
 * again: a remote layer costs one request. What one would get wrong: nobody waits for more memory while
 * holding some, or two threads would wait for each other for ever. */
#include "engine/layer_pool_internal.h"

#include "base/inflate.h"
#include "base/time.h"

enum { HEAD_BYTES = 64, WAIT_MS = 100 };

/* ---- memory ---- */

static void join_queue(struct layer_pool *p, struct memory_wait *w)
{
	if (p->first_wait)
		p->last_wait->next = w;
	else
		p->first_wait = w;
	p->last_wait = w;
}

static void leave_queue(struct layer_pool *p, struct memory_wait *w)
{
	struct memory_wait **at = &p->first_wait, *before = NULL;

	while (*at != w) {
		before = *at;
		at = &(*at)->next;
	}
	*at = w->next;
	if (p->last_wait == w)
		p->last_wait = before;
	pthread_cond_broadcast(&p->memory);
}

int layer_memory_take_(struct layer_pool *p, struct layer_entry *e, uint64_t wanted, uint64_t *memory,
		       struct err *err)
{
	uint64_t amount = wanted < p->memory_total ? wanted : p->memory_total;
	struct memory_wait w = { 0 };
	bool is_canceled;

	pthread_mutex_lock(&p->lock);
	join_queue(p, &w);
	while (!(is_canceled = atomic_load(&e->canceled)) && (p->first_wait != &w || p->memory_left < amount))
		layer_pool_wait_(p, &p->memory, WAIT_MS);
	leave_queue(p, &w);
	if (!is_canceled) {
		p->memory_left -= amount;
		*memory = amount;
	}
	pthread_mutex_unlock(&p->lock);
	return is_canceled ? err_set(err, E_CANCELED, "canceled") : 0;
}

void layer_memory_give_(struct layer_pool *p, uint64_t *memory)
{
	pthread_mutex_lock(&p->lock);
	p->memory_left += *memory;
	*memory = 0;
	pthread_cond_broadcast(&p->memory);
	pthread_mutex_unlock(&p->lock);
}

/* ---- the source ---- */

/* Passes bytes through, those first that were read ahead, and remembers whether the source failed. */
struct peek_reader {
	struct reader reader, *source;
	char head[HEAD_BYTES];
	size_t n, at;
	bool has_ended, has_failed;
	uint64_t waited_ns; /* for the source */
};

static ssize_t peek_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct peek_reader *peek = (struct peek_reader *)r;
	size_t ahead = peek->n - peek->at;
	uint64_t started_ns;
	ssize_t got;

	if (ahead) {
		n = n < ahead ? n : ahead;
		memcpy(buf, peek->head + peek->at, n);
		peek->at += n;
		return (ssize_t)n;
	}
	if (peek->has_ended)
		return 0;
	started_ns = time_monotonic_ns();
	got = reader_read(peek->source, buf, n, err);
	peek->waited_ns += time_monotonic_ns() - started_ns;
	peek->has_failed = got < 0;
	return got;
}

/* This one owns its source: the worker's conversation knows no other. */
static void peek_close(struct reader *r)
{
	struct peek_reader *peek = (struct peek_reader *)r;

	if (peek->source)
		reader_close(peek->source);
	peek->source = NULL;
}

static void peek_wrap(struct peek_reader *peek, struct reader *source)
{
	*peek = (struct peek_reader){ .source = source };
	peek->reader = (struct reader){ .read = peek_read, .close = peek_close };
}

/* Read ahead what inflate_memory wants to see; a layer may be shorter. */
static int peek_ahead(struct peek_reader *peek, struct err *err)
{
	ssize_t got = 1;

	while (got > 0 && peek->n < HEAD_BYTES) {
		got = reader_read(peek->source, peek->head + peek->n, HEAD_BYTES - peek->n, err);
		if (got < 0) {
			peek->has_failed = true;
			return (int)got;
		}
		peek->n += (size_t)got;
	}
	peek->has_ended = got == 0;
	return 0;
}

/* A layer as the sandbox wants it. */
struct layer_source {
	struct sandbox_source source; /* must be first */
	const struct image_layer *layer;
	struct peek_reader peek;
	bool is_ahead; /* peek is open and waits for the first pass */
};

static int open_source(struct sandbox_source *s, const struct str *names, size_t n, bool is_second,
		       struct reader **out, struct err *err)
{
	struct layer_source *source = (struct layer_source *)s;
	const struct image_layer *layer = source->layer;
	struct reader *r = NULL;
	int result;

	if (!source->is_ahead) {
		result = is_second && layer->open_names ? layer->open_names(layer, names, n, &r, err)
							: layer->open(layer, &r, err);
		peek_wrap(&source->peek, r);
		source->peek.has_failed = result < 0;
		TRY(result);
	}
	source->is_ahead = false;
	*out = &source->peek.reader;
	return 0;
}

static void close_ahead(struct layer_source *source)
{
	if (source->is_ahead)
		reader_close(&source->peek.reader);
}

/* ---- one try ---- */

static unsigned seconds_of(const struct layer_entry *e)
{
	return e->terms.seconds ? e->terms.seconds : LIMIT_LAYER_SECONDS;
}

static void start_clock(struct layer_attempt *a)
{
	a->task.deadline_ns = time_monotonic_ns() + seconds_of(a->entry) * 1000000000ull;
}

/* The stream asks for more than what every worker has: give back, and wait for all of it. */
static int take_memory(struct layer_attempt *a, struct str head, struct err *err)
{
	uint64_t wanted = WORKER_MEMORY_BYTES + inflate_memory(head);

	if (wanted <= *a->memory || *a->memory == a->pool->memory_total)
		return 0;
	layer_memory_give_(a->pool, a->memory);
	TRY(layer_memory_take_(a->pool, a->entry, wanted, a->memory, err));
	start_clock(a);
	return 0;
}

static int open_ahead(struct layer_attempt *a, struct layer_source *source, struct err *err)
{
	struct reader *ignored;

	if (source->layer->is_heads_first)
		return 0;
	TRY(open_source(&source->source, NULL, 0, false, &ignored, err));
	source->is_ahead = true;
	TRY(peek_ahead(&source->peek, err));
	return take_memory(a, (struct str){ source->peek.head, source->peek.n }, err);
}

static int check_diff_id(const struct layer_attempt *a, struct err *err)
{
	const struct layer_entry *e = a->entry;

	if (e->verify_diff_id && !str_eq(e->diff_id, a->result.diff_id))
		return err_set(err, E_FORMAT, "its tar is " STR_FMT ", the image's config says " STR_FMT,
			       STR_ARG(a->result.diff_id), STR_ARG(e->diff_id));
	return 0;
}

static enum layer_fault fault_of(const struct layer_attempt *a, const struct layer_source *source, int code)
{
	uint64_t half_ns = seconds_of(a->entry) * 500000000ull;

	if (source->peek.has_failed)
		return FAULT_SOURCE;
	if (code == E_TIMEOUT && source->peek.waited_ns > half_ns)
		return FAULT_SOURCE; /* bytes that trickle */
	if (source->source.worker_died)
		return FAULT_WORKER;
	if (code == E_IO || (code == E_UNSUPPORTED && !source->source.is_verified))
		return FAULT_HERE;
	return FAULT_LAYER;
}

static int scan(struct layer_attempt *a, struct layer_source *source, struct err *err)
{
	const struct layer_entry *e = a->entry;
	const struct sandbox_job job = {
		.scanner_set = e->missing,
		.want_diff_id = e->verify_diff_id,
		.max_inflated_bytes = e->terms.max_inflated_bytes,
		.seconds = e->terms.seconds,
	};

	TRY(open_ahead(a, source, err));
	return sandbox_scan_layer(&a->task, a->pool->sandbox, &source->source, &job, &a->result, err);
}

int layer_attempt_(struct layer_attempt *a, struct err *err)
{
	struct layer_source source = {
		.source = { .open = open_source, .is_heads_first = a->layer->is_heads_first },
		.layer = a->layer,
	};
	int result;

	if (!*a->memory)
		TRY(layer_memory_take_(a->pool, a->entry, LAYER_MEMORY, a->memory, err));
	start_clock(a);
	result = scan(a, &source, err);
	close_ahead(&source);
	a->is_verified = source.source.is_verified;
	if (result < 0) {
		a->fault = fault_of(a, &source, result);
		return result;
	}
	if (check_diff_id(a, err) < 0) {
		a->fault = FAULT_SOURCE;
		a->is_verified = false;
		return err->code;
	}
	return 0;
}
