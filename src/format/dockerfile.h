/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_DOCKERFILE_H
#define FORMAT_DOCKERFILE_H

#include "base/map.h"
#include "base/task.h"

/* The labels that a Dockerfile sets. */
struct dockerfile {
	struct map labels; /* key -> struct str */
};

/* Read all labels; memory is the task's. Nothing is an error of syntax: what is not understood is passed
 * over, and so are values longer than LIMIT_FIELD_BYTES and assignments beyond LIMIT_DOCKERFILE_ASSIGNMENTS.
 * Returns 0, or what task_check says. */
int dockerfile_read(struct task *task, struct str text, struct dockerfile *out, struct err *err);

/* The value of a label, which may be any bytes; empty when it is not set. */
struct str dockerfile_label(const struct dockerfile *d, const char *key);

#endif
