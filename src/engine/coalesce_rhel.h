/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_COALESCE_RHEL_H
#define ENGINE_COALESCE_RHEL_H

#include "engine/coalesce.h"

/* Which of Red Hat's repositories the packages of each layer may come from. */
struct rhel_repositories;

/* Put all repositories of layers that have Red Hat's key into the report, and remember whose they are: a
 * layer without any has those of the nearest one below it that has some, else of the nearest one above.
 * Memory is the task's. Returns 0, or what task_check says. */
int rhel_repositories_collect(struct task *task, const struct layer_findings *layers, size_t n,
			      struct index_report *out, const struct rhel_repositories **repositories,
			      struct err *err);

/* Set the repositories of an rpm package's environment (its layer is set): the one that the package's hint
 * names if the layer has it, none if not, and all of the layer when the hint names none. */
void rhel_repositories_choose(const struct rhel_repositories *r, struct str hint, struct environment *e);

#endif
