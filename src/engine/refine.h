/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_REFINE_H
#define ENGINE_REFINE_H

#include "model/vulnerability_report.h"
#include "base/task.h"

/* What is not per record: drop matches that say the same twice (same package, vulnerability and fixed version
 * from several repositories of a feed), sort. Pure. */
int engine_refine(struct task *task, struct vulnerability_report *report, struct err *err);

#endif
