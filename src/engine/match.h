/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "base/task.h"
#include "model/vulnerability_report.h"
#include "store/advisories.h"

/* Decide every record of an index report against the advisories valid now, then refine. with_text: load
 * descriptions and links. now: for created_at. Report in the task's arena. */
int engine_match(struct task *task, struct advisory_store *store, const struct index_report *index,
		 bool with_text, int64_t now, struct vulnerability_report *out, struct err *err);

#endif
