/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LAYER_POOL_H
#define ENGINE_LAYER_POOL_H

#include "base/log.h"
#include "base/task.h"
#include "image/image.h"
#include "sandbox/sandbox.h"
#include "store/index.h"

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

struct layer_pool_stats {
	uint64_t waiting, running; /* layers */
	uint64_t scanned, failed, shared; /* shared: answers to second and further askers */
	uint64_t workers_died, workers_timed_out;
	uint64_t memory_in_use;
};
void layer_pool_stats(struct layer_pool *p, struct layer_pool_stats *out);

#endif
