/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_LANES_H
#define API_LANES_H

#include "base/err.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Threads of requests that take long, counted, so many of a kind at once as there are permits; and the
 * digests of the manifests that they index. Threads share it. */
struct lanes;

enum { LANES = 2 };
/* permits of each lane; negative: no limit but LIMIT_INDEX_THREADS. */
struct lanes *lanes_new(const int permits[LANES]);
/* Waits for all threads; cancel: tells those that listen (lanes_stopping) to end soon. */
void lanes_free(struct lanes *l, bool cancel);
const atomic_bool *lanes_stopping(const struct lanes *l);

/* Run work(ctx) on a new thread of a lane: 1 it runs, 0 no permit is free, E_IO no thread to be had. */
int lanes_run(struct lanes *l, unsigned lane, void (*work)(void *ctx), void *ctx, struct err *err);

/* A manifest that this process is about to index; lives in the caller's frame. */
struct lanes_digest {
	struct str digest;
	struct lanes_digest *next;
};
void lanes_enter(struct lanes *l, struct lanes_digest *d);
void lanes_leave(struct lanes *l, struct lanes_digest *d);
bool lanes_has(struct lanes *l, struct str digest);

#endif
