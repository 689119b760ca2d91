/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_REFINE_H
#define ENGINE_REFINE_H

#include "model/vulnerability_report.h"
#include "base/task.h"

/* What is not per record: drop matches that say the same twice (same package, vulnerability and fixed version
 * from several repositories of a feed), sort. Pure. */
int engine_refine(struct task *task, struct vulnerability_report *report, struct err *err);

/* The order of two matches of a report, severity (worst first), package name,
 * version, vulnerability name, fixed version, environment. Never 0 for two. */
int refine_compare(const struct match *m, const struct match *n, const struct vulnerability_report *report);

#endif
