/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_COALESCE_H
#define ENGINE_COALESCE_H

#include "base/task.h"
#include "model/findings.h"
#include "model/index_report.h"
#include "model/scanner_id.h"

/* Findings of one position in the manifest, per scanner (index: position in scanner_ids). missing: the layer
 * could not be scanned; problem says why. */
struct layer_findings {
	struct str digest;
	const struct findings *const *by_scanner; /* NULL entries: nothing */
	struct str problem;
};

/* Merge layers, base first, into one report (indexer.md 1.6): of each package database the newest copy
 * counts, deletions by later layers count for databases, distributions and files; introduced_in is the oldest
 * layer in which the same package of the same database was seen without a break. Pure; deterministic; report
 * in the task's arena. */
int engine_coalesce(struct task *task, struct str manifest_hash, const struct layer_findings *layers,
		    size_t n, struct index_report *out, struct err *err);
/* Put packages and their environments in the order of a report. */
void coalesce_sort(struct index_report *r);

#endif
