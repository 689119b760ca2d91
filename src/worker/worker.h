/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/io.h"

/* What the worker was given and what it gave up before it listens. */
struct worker_cage {
	int spool_fd; /* for large wanted files; -1: the worker makes one itself */
	unsigned defences; /* bits of enum defence (model/defence.h) that hold; told in HELLO */
};

/* One conversation with a parent (docs/worker.md): greet, take one job from `in`, do it, answer on `out`.
 * Whatever is wrong with the layer is told in FRAME_ERROR. Returns 0 when the conversation was ended
 * properly, a negative error when the parent was not understood or went away. */
int worker_run(struct reader *in, struct writer *out, const struct worker_cage *cage, struct err *err);

/* Greet and tell why there will be no answer. Best effort: the parent may be gone. */
void worker_refuse(struct writer *out, const struct worker_cage *cage, const struct err *why);

#endif
