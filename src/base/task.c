/* SPDX-License-Identifier: Apache-2.0 */
/* A unit of work and the one question its loops ask: may I go on? */
#include "base/task.h"

#include "base/time.h"

int task_check(const struct task *t, struct err *err)
{
	if (t->canceled && atomic_load_explicit(t->canceled, memory_order_relaxed))
		return err_set(err, E_CANCELED, "canceled");
	if (t->deadline_ns && time_monotonic_ns() > t->deadline_ns)
		return err_set(err, E_TIMEOUT, "deadline passed");
	if (t->arena_budget_bytes && t->arena.used_bytes > t->arena_budget_bytes)
		return err_set(err, E_LIMIT, "memory budget of %zu bytes used up", t->arena_budget_bytes);
	return 0;
}

void task_close(struct task *t)
{
	arena_reset(&t->arena);
}
