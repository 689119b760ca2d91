/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/io.h"

/* One conversation with a parent (docs/worker.md): greet, take one job from `in`, do it, answer on `out`.
 * Whatever is wrong with the layer is told in FRAME_ERROR. Returns 0 when the conversation was ended
 * properly, a negative error when the parent was not understood or went away. */
int worker_run(struct reader *in, struct writer *out, struct err *err);

#endif
