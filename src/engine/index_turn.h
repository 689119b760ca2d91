/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_INDEX_TURN_H
#define ENGINE_INDEX_TURN_H

#include "base/task.h"
#include "base/str.h"

/* Turns by name among the threads of a process: at most so many hold a name at a time, the others wait. Holds
 * off threads of this process only; other nodes are held off by the store. */
struct index_turns;
struct index_turns *index_turns_new(void);
/* Nobody may hold or wait for a turn. */
void index_turns_free(struct index_turns *t);

struct index_turn {
	struct index_turns *turns; /* NULL: not held */
	struct turn_name *name;
};
/* Wait for a turn; *out must be zero. E_CANCELED, E_TIMEOUT of the task, within about 100 ms. */
int index_turn_take(struct index_turns *t, struct task *task, struct str name, unsigned most,
		    struct index_turn *out, struct err *err);
void index_turn_leave(struct index_turn *turn);
#define autoturn __attribute__((cleanup(index_turn_leave)))

#endif
