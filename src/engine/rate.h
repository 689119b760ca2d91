/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RATE_H
#define ENGINE_RATE_H

#include "base/task.h"
#include "model/vulnerability_report.h"
#include "store/enrichments.h"

/* What findings are ordered by, worst first; ties go by severity, then as engine_refine orders. */
enum rate_order { RATE_BY_SEVERITY, RATE_BY_CVSS, RATE_BY_EPSS, RATE_BY_KEV };

/* Rate every match of a report by what enrichers say (model/rating.h), fill report->enrichments, and order
 * the matches. Advisories must have their texts. In the task's arena. */
int engine_rate(struct task *task, struct advisory_store *store, enum rate_order order,
		struct vulnerability_report *report, struct err *err);

/* When matches were taken out of the report: leave in report->enrichments only what is about the AFFECTED
 * ones that it still has, as the report of Clair has them. */
void engine_rate_trim(struct task *task, struct vulnerability_report *report);

#endif
