/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_UPDATE_RUN_H
#define ENGINE_UPDATE_RUN_H

#include "engine/fetch.h"
#include "engine/update.h"

#include <pthread.h>

/* Inside of updating, shared by update.c (which updaters, on which threads) and update_run.c (one of them).
 */

/* One updater to be run. */
struct update_job {
	const struct updater_set *set;
	const struct feed_source *source;
	const struct feed_sources *all;
	struct str name;
};

/* What a thread has for all its jobs. writing: held around writes, as a database takes one writer at a time
 * and gives up on waiting for a long one. */
struct update_worker {
	struct task *task;
	struct advisory_store *store;
	const struct update_options *options;
	struct fetcher fetcher;
	pthread_mutex_t *writing;
};

enum update_result { UPDATE_UNCHANGED, UPDATE_CHANGED, UPDATE_BUSY };
/* Run an updater under its lease and note how it went. Returns enum update_result or an error. */
int update_run(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
	       struct err *err);

#endif
