/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ENRICH_H
#define ENGINE_ENRICH_H

#include "base/task.h"
#include "model/vulnerability_report.h"
#include "store/enrichments.h"

/* What enrichers say of advisories (which have their texts), by the CVE ids in names and links; descriptions
 * mention others' ids. Lists are in the order of the question, without those nobody says anything of; in the
 * task's arena. */
int engine_enrich(struct task *task, struct advisory_store *store, const struct advisory *const *advisories,
		  size_t n, enriched_list out[ENRICHMENT_KINDS], struct err *err);

#endif
