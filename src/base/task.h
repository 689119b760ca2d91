/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include "base/arena.h"
#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A unit of work: its memory, deadline, cancellation. One task belongs to one thread; only *canceled is
 * shared. Zero-initialised: no deadline, never canceled, no budget. */
struct task {
	struct arena arena;
	size_t arena_budget_bytes; /* 0: none */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	const atomic_bool *canceled; /* may be NULL */
};

/* Every loop over records calls this. Returns 0, E_CANCELED, E_TIMEOUT, or E_LIMIT (arena budget). */
int task_check(const struct task *t, struct err *err);

/* Release the task's memory. */
void task_close(struct task *t);
#define autotask __attribute__((cleanup(task_close)))

#endif
