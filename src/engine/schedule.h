/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include "base/metric.h"
#include "engine/update.h"

/* Runs the updaters by period and collects garbage, on a thread of its own (service.md 4.3, 4.6). */
struct schedule;
struct schedule_options {
	struct advisory_store *store;
	struct index_store *index; /* cleaned too; NULL: none here */
	const struct update_options *update;
	const struct str *sets; /* names of updater sets wanted; see all_sets */
	size_t set_count;
	bool all_sets; /* updaters.sets null */
	bool no_updaters; /* matcher.disable_updaters: only garbage is collected */
	int64_t period_seconds; /* real jitter of 10 % around it */
	unsigned retention; /* matcher.update_retention: operations kept for each updater; 0: no collection */
	int64_t history_seconds; /* ended rows are kept so long */
	const struct log *log;
	struct metrics *metrics; /* may be NULL */
	const atomic_bool *canceled; /* looked at between runs; only schedule_stop ends one at once */
};
/* Starts with a first run at once: everything that is older than a period; on a restart with fresh data
 * nothing is fetched. Updaters that failed are tried again after a tenth of a period. Options are copied,
 * what they point to is borrowed. */
int schedule_start(const struct schedule_options *options, struct schedule **out, struct err *err);
/* Wakes it, cancels what runs, waits, frees. */
void schedule_stop(struct schedule *s);
/* Has a first complete run ended since start, or were data there from before? */
bool schedule_has_data(struct schedule *s);

#endif
