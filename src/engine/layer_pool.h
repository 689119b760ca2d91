/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LAYER_POOL_H
#define ENGINE_LAYER_POOL_H

#include "base/log.h"
#include "base/task.h"
#include "image/image.h"
#include "sandbox/sandbox.h"
#include "store/index.h"

#include <pthread.h>

/* Scans layers for all who want them: each layer once at a time, however many ask; so many at once as there
 * are threads and memory. A command has one for its scan, the service one for its life. */
struct layer_pool;

struct layer_pool_options {
	const struct sandbox *sandbox;
	const struct log *log;
	unsigned threads; /* layers at once; 0: one per core */
	uint64_t memory_bytes; /* for all workers together; 0: INDEX_MEMORY_BYTES */
};
int layer_pool_open(const struct layer_pool_options *options, struct layer_pool **out, struct err *err);
/* No one may be waiting. */
void layer_pool_close(struct layer_pool *p);
void layer_pool_closep(struct layer_pool **p);
#define autopool __attribute__((cleanup(layer_pool_closep)))

struct layer_pool_stats {
	uint64_t waiting, running; /* layers */
	uint64_t scanned, failed, shared; /* shared: answers to second and further askers */
	uint64_t workers_died, workers_timed_out;
	uint64_t memory_in_use;
};
void layer_pool_stats(struct layer_pool *p, struct layer_pool_stats *out);

/* Whose fault it is that a layer could not be scanned. */
enum layer_fault {
	FAULT_NONE,
	FAULT_SOURCE, /* its bytes could not be got, or were others: this asker's address, not the layer */
	FAULT_LAYER, /* broken or too large, whoever reads it */
	FAULT_WORKER, /* a worker died of it */
	FAULT_HERE, /* this machine or its store failed */
};

/* One layer that somebody wants scanned. Zero-initialised but for what is asked; stays where it is while the
 * pool has it. */
struct layer_ask {
	const struct image_layer *layer;
	uint64_t wanted; /* scanners; layer_recall and the pool take away what they found stored */
	/* By scanner, all of them: findings that the pool copies into the asker's task. NULL: they are only
	 * stored. */
	struct layer_scan *scans;

	uint64_t known; /* answer: what the store has or was scanned */
	struct err error; /* answer: code 0, or why the layer could not be scanned */
	enum layer_fault fault;
	bool is_answered;
	bool was_recalled; /* the error is remembered from before */
	bool was_scanned; /* by a worker that `defences` held; else the store had it */
	unsigned defences;

	/* The pool's own. */
	struct layer_asking *asking_;
	struct layer_entry *entry_;
	struct layer_ask *next_, *next_news_;
	bool is_started_, is_news_, is_told_, is_read_;
};

/* How layers are to be scanned; a scan is shared by those who ask on the same terms. */
struct layer_terms {
	struct index_store *store;
	unsigned seconds; /* wall time of one layer; 0: LIMIT_LAYER_SECONDS */
	uint64_t max_inflated_bytes; /* of one layer; 0: LIMIT_LAYER_INFLATED_BYTES */
	bool with_findings; /* asks have scans */
	bool rescan; /* also what the store has by now */
	bool retry; /* also what failed before */
};

/* A set of layers wanted by one asker. */
struct layer_asking {
	struct layer_terms terms;
	struct layer_ask *const *asks; /* in the order in which they shall begin */
	size_t count;
	unsigned at_once; /* of these in the pool; 0: all */
	bool stop_at_failure; /* return when one layer has failed; leave the others */
	/* Make, at once and without blocking, an image of one layer that needs nothing of the asker's: memory
	 * of the scan's task. So the asker may go while others still want the layer. NULL: ask->layer is
	 * read, and an asker that goes takes its source along. */
	int (*detach)(void *ctx, const struct layer_ask *ask, struct task *scan, struct image *out,
		      struct err *err);
	/* Told on the asker's thread when a layer begins and when it is answered. May be NULL. */
	void (*progress)(void *ctx, const struct layer_ask *ask, bool done);
	/* Called while waiting, ten times a second; an error ends the waiting. May be NULL. */
	int (*tick)(void *ctx, struct err *err);
	void *ctx;

	/* The pool's own. */
	pthread_cond_t changed_;
	struct layer_ask *news_, *last_news_;
	size_t entered_, answered_;
};

/* Ask for all, and wait. An ask's error is in the ask. Results are stored by the pool, once, when the bytes
 * were the right ones. When the source of one asker fails, only that asker is told so and the next asker's
 * own is tried. Returns 0, or E_CANCELED, E_TIMEOUT (of the task, noticed within about 100 ms) or tick's
 * error: then all asks are left, and a scan that nobody else wants is canceled. */
int layer_pool_scan(struct layer_pool *p, struct task *task, struct layer_asking *q, struct err *err);

/* Look up one ask in the store: what is there goes from wanted to known (and to scans); a failure remembered
 * for the rest is the answer. */
int layer_recall(struct task *task, const struct layer_terms *terms, struct layer_ask *ask, struct err *err);

uint64_t layer_all_scanners(void);
size_t layer_scanner_count(void);

/* Who else of this process is at a manifest; see engine/index_turn.h. */
struct index_turns;
struct index_turns *layer_pool_turns(struct layer_pool *p);
unsigned layer_pool_threads(const struct layer_pool *p);
unsigned layer_pool_cores(void);

#endif
