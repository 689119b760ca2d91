/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_CONTAINER_NAMES_H
#define ENGINE_CONTAINER_NAMES_H

#include "model/index_report.h"
#include "store/enrichments.h"

/* Containers of old builds say by a label what they are; the repositories that advisories call them by are
 * looked up when a report is read, in the enrichments of rhel-container-names. Each package of such a
 * container becomes one for each repository; without any it keeps the label. In the task's arena. */
int container_names_expand(struct task *task, struct advisory_store *store, struct index_report *report,
			   struct err *err);

#endif
