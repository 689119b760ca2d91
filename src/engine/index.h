/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_INDEX_H
#define ENGINE_INDEX_H

#include "base/log.h"
#include "base/task.h"
#include "engine/layer_pool.h"
#include "image/image.h"
#include "model/index_report.h"
#include "sandbox/sandbox.h"
#include "store/index.h"

struct index_options {
	const struct sandbox *sandbox;
	const struct log *log;
	struct layer_pool *pool; /* that scans; NULL: one of its own with what the next two say */
	unsigned jobs; /* layers at once; 0: one per core */
	uint64_t memory_bytes; /* for all workers together; 0: INDEX_MEMORY_BYTES */
	bool retry; /* scan layers again that failed before */
	unsigned layer_seconds; /* wall time of one layer; 0: LIMIT_LAYER_SECONDS */
	uint64_t max_inflated_bytes; /* of one layer; 0: LIMIT_LAYER_INFLATED_BYTES */
	bool refresh; /* scan layers again that are known */
	/* Told when a layer starts (done false) and ends, on the caller's thread. May be NULL. */
	void (*progress)(void *ctx, size_t layer, size_t count, bool done);
	void *progress_ctx;
};

/* Index an image: known layers from the store, the others scanned in workers, several at once; coalesce;
 * store. A layer that cannot be scanned is a note and makes the report incomplete (nothing of it is stored);
 * only when no layer could be scanned is its error returned. Report is in the task's arena. */
int engine_index(struct task *task, struct index_store *store, const struct image *image,
		 const struct index_options *options, struct index_report *out, struct err *err);

/* What the stored reports depend on: text of engine version and scanner ids. In the arena. */
struct str engine_index_state(struct arena *a);

#endif
