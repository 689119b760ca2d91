/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ENRICH_H
#define ENGINE_ENRICH_H

#include "base/task.h"
#include "model/vulnerability_report.h"
#include "store/enrichments.h"

/* Fill report->enrichments for what is affected: by the CVE ids in names and links (descriptions mention
 * others' ids), so the report must have been made with text. CVSS first; other kinds only beside it. In the
 * task's arena. */
int engine_enrich(struct task *task, struct advisory_store *store, struct vulnerability_report *report,
		  struct err *err);

#endif
