/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "base/task.h"
#include "model/vulnerability_report.h"
#include "store/advisories.h"

struct match_options {
	bool with_text; /* load descriptions and links */
	int64_t now; /* for created_at */
	int64_t as_of; /* answer from the advisories that were valid then; 0: now */
	bool only_named; /* only the matchers of these names (matchers.names); else all */
	const struct str *matchers;
	size_t matcher_count;
	bool rhel_only_fixed; /* matcher rhel: nothing without a fix (matchers.config.rhel.ignore_unpatched)
			       */
};

/* Decide every record of an index report against the advisories valid now, or as of a moment, then refine.
 * Report in the task's arena. E_CONFIG: the advisories of that moment are not known (advisories_as_of). */
int engine_match(struct task *task, struct advisory_store *store, const struct index_report *index,
		 const struct match_options *options, struct vulnerability_report *out, struct err *err);

#endif
