/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LAYER_POOL_INTERNAL_H
#define ENGINE_LAYER_POOL_INTERNAL_H

#include "base/limits.h"
#include "engine/layer_pool.h"

/* Inside of the pool: layer_pool.c is the askers' side, layer_pool_thread.c the threads', layer_pool_scan.c
 * reads one layer once. Everything shared is guarded by layer_pool.lock. */

enum { LAYER_POOL_MAX_THREADS = 64, LAYER_POOL_BUCKETS = 1024 };

/* What a scan may need: its worker, and a decoder with an ordinary window. */
#define LAYER_MEMORY (WORKER_MEMORY_BYTES + 16 * MIB)

enum layer_entry_state { ENTRY_WAITING, ENTRY_RUNNING, ENTRY_DONE };

/* A layer in the pool, shared by its askers and the thread that scans it; freed when it is done and the last
 * asker has gone. */
struct layer_entry {
	struct layer_entry *next_in_bucket;
	struct layer_entry *older, *newer; /* among those that wait */
	struct arena arena; /* holds the entry itself */
	struct str digest, diff_id;
	bool verify_diff_id, is_heads_first;
	uint64_t size_bytes;
	uint64_t wanted; /* by its askers; grows while it waits */
	struct layer_terms terms;
	enum layer_entry_state state;
	bool is_listed; /* in its bucket: newcomers share it */
	atomic_bool canceled; /* stops the scan that runs */
	struct layer_ask *asks, *last_ask;
	struct layer_ask *blamed; /* whose source is being read; NULL when it left */
	struct layer_ask *borrowed; /* whose own memory is being read */

	/* The answer. */
	uint64_t missing; /* of wanted, what the store has not */
	struct layer_scan *scans;
	struct err error;
	enum layer_fault fault;
	bool was_recalled, was_scanned;
	unsigned defences;
};

/* A thread that waits for memory, first come first served. */
struct memory_wait {
	struct memory_wait *next;
};

struct layer_pool {
	const struct sandbox *sandbox;
	const struct log *log;
	struct index_turns *turns;
	pthread_mutex_t lock;
	pthread_cond_t work; /* something waits, or the pool closes */
	pthread_cond_t memory; /* memory was freed, or a wait ended */
	bool is_closing;
	struct layer_entry *buckets[LAYER_POOL_BUCKETS];
	struct layer_entry *oldest, *newest;
	unsigned picks;
	uint64_t memory_total, memory_left;
	struct memory_wait *first_wait, *last_wait;
	struct layer_pool_stats stats;
	pthread_t threads[LAYER_POOL_MAX_THREADS];
	unsigned thread_count;
};

/* Wait at most so long, under the lock. */
void layer_pool_wait_(struct layer_pool *p, pthread_cond_t *cond, unsigned milliseconds);

/* --- layer_pool.c; under the lock --- */
void layer_entry_unlist_(struct layer_pool *p, struct layer_entry *e);
void layer_entry_unqueue_(struct layer_pool *p, struct layer_entry *e);
void layer_entry_free_(struct layer_entry *e);
/* Take an ask off its entry. */
void layer_entry_drop_(struct layer_entry *e, struct layer_ask *ask);
void layer_ask_tell_(struct layer_ask *ask);

/* --- layer_pool_thread.c --- */
void *layer_pool_run_(void *pool);

/* --- layer_pool_scan.c --- */
/* One try to read the layer from one source. */
struct layer_attempt {
	struct layer_pool *pool;
	struct layer_entry *entry;
	struct task task; /* of this try */
	struct image image; /* when detached */
	const struct image_layer *layer;
	uint64_t *memory; /* what the thread holds; may grow */
	struct sandbox_result result;
	enum layer_fault fault;
	bool is_verified; /* these were the right bytes */
};
/* Wait for memory: *memory becomes `wanted`, or what there is in all when that is less. E_CANCELED. */
int layer_memory_take_(struct layer_pool *p, struct layer_entry *e, uint64_t wanted, uint64_t *memory,
		       struct err *err);
void layer_memory_give_(struct layer_pool *p, uint64_t *memory);
int layer_attempt_(struct layer_attempt *a, struct err *err);

#endif
