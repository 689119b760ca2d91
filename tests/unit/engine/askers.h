/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ASKERS_H
#define ENGINE_ASKERS_H

/* Askers of the pool, each on a thread of its own, over a real store. */

#include "layers.h"

#include <pthread.h>

struct fixture {
	char dir[64];
	struct arena arena;
	struct log log;
	struct sandbox sandbox;
	struct index_store *store;
	struct layer_pool *pool;
	struct made_layer layer;
};

static inline void open_pool(struct fixture *f, unsigned threads)
{
	const struct layer_pool_options options = { .sandbox = &f->sandbox,
						    .log = &f->log,
						    .threads = threads };
	struct err err = { 0 };

	assert_int_equal(layer_pool_open(&options, &f->pool, &err), 0);
}

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-pool-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->log.level = -1;
	f->sandbox.worker_path = test_worker(&f->arena);
	assert_int_equal(index_store_open(str_of(f->dir), &f->store, &err), 0);
	make_layer(&f->arena, 0, &f->layer);
	open_pool(f, 2);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	layer_pool_close(f->pool);
	index_store_close(f->store);
	arena_reset(&f->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* An asker on a thread of its own. */
struct asker {
	struct fixture *f;
	pthread_t thread;
	struct task task;
	atomic_bool canceled;
	bool is_borrowed; /* no detach */
	unsigned seconds;
	struct made_source *sources;
	struct layer_ask *asks;
	size_t count;
	unsigned at_once;
	bool stop_at_failure;
	int result;
	struct err err;
	uint64_t ended_ns;
	atomic_int begun, done;
};

static inline int detach(void *ctx, const struct layer_ask *ask, struct task *scan, struct image *out,
			 struct err *err)
{
	const struct made_source *from = ask->layer->source;
	struct made_source *own = ARENA_NEW(&scan->arena, struct made_source);

	(void)ctx;
	(void)err;
	*own = *from;
	own->task = scan;
	own->layer.source = own;
	VEC_PUSH(&scan->arena, &out->layers, own->layer);
	return 0;
}

static inline void progress(void *ctx, const struct layer_ask *ask, bool done)
{
	struct asker *a = ctx;

	(void)ask;
	atomic_fetch_add(done ? &a->done : &a->begun, 1);
}

static inline void *ask(void *arg)
{
	struct asker *a = arg;
	struct layer_ask **asks = ARENA_ARRAY(&a->task.arena, struct layer_ask *, a->count);
	struct layer_asking q = {
		.terms = { .store = a->f->store, .seconds = a->seconds },
		.asks = asks,
		.count = a->count,
		.at_once = a->at_once,
		.stop_at_failure = a->stop_at_failure,
		.detach = a->is_borrowed ? NULL : detach,
		.progress = progress,
		.ctx = a,
	};

	for (size_t i = 0; i < a->count; i++)
		asks[i] = &a->asks[i];
	a->result = layer_pool_scan(a->f->pool, &a->task, &q, &a->err);
	a->ended_ns = time_monotonic_ns();
	return NULL;
}

static inline void asker_open(struct asker *a, struct fixture *f, struct made_layer *const *layers, size_t n)
{
	*a = (struct asker){ .f = f, .count = n };
	a->task.canceled = &a->canceled;
	a->sources = calloc(n, sizeof(*a->sources));
	a->asks = calloc(n, sizeof(*a->asks));
	for (size_t i = 0; i < n; i++) {
		made_source_open(&a->sources[i], layers[i]);
		a->asks[i].layer = &a->sources[i].layer;
		a->asks[i].wanted = layer_all_scanners();
	}
}

static inline void asker_start(struct asker *a)
{
	assert_int_equal(pthread_create(&a->thread, NULL, ask, a), 0);
}

static inline void asker_end(struct asker *a)
{
	pthread_join(a->thread, NULL);
}

static inline void asker_close(struct asker *a)
{
	task_close(&a->task);
	free(a->sources);
	free(a->asks);
}

static inline struct layer_pool_stats stats(struct fixture *f)
{
	struct layer_pool_stats s;

	layer_pool_stats(f->pool, &s);
	return s;
}

static inline bool is_running(void *ctx)
{
	return stats(ctx).running == 1;
}

static inline bool is_full(void *ctx)
{
	return stats(ctx).running == 2;
}

static inline bool is_idle(void *ctx)
{
	struct layer_pool_stats s = stats(ctx);

	return s.running == 0 && s.waiting == 0 && s.memory_in_use == 0;
}

static inline bool is_shared(void *ctx)
{
	return stats(ctx).shared >= 1;
}

/* Two askers of the fixture's layer: the first one's source is being read, and waits; the second shares. */
static inline void start_two(struct fixture *f, struct asker *first, struct asker *second)
{
	struct made_layer *layers[] = { &f->layer };

	asker_open(first, f, layers, 1);
	asker_open(second, f, layers, 1);
	atomic_store(&f->layer.is_held, true);
	first->is_borrowed = second->is_borrowed;
}

static inline void run_two(struct fixture *f, struct asker *first, struct asker *second)
{
	asker_start(first);
	wait_until(is_running, f);
	asker_start(second);
	wait_until(is_shared, f);
}

static inline bool is_stored(struct fixture *f)
{
	struct layer_scan scans[64];
	struct task task = { 0 };
	uint64_t known = 0;
	struct err err = { 0 };

	assert_int_equal(index_get_layer(f->store, &task, f->layer.digest, layer_all_scanners(), false, scans,
					 &known, &err),
			 0);
	task_close(&task);
	return known == layer_all_scanners();
}

#endif
