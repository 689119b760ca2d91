/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PROCESS_H
#define STORE_PROCESS_H

#include "base/str.h"

/* Names a process so that another one can tell later whether it still runs. host: this boot of this machine
 * and the pid namespace; the text is in the arena. started: clock ticks since boot, 0 when it cannot be seen.
 */
struct process {
	struct str host;
	int64_t pid, started;
};
struct process process_self(struct arena *a);
/* False only when it is certain that p is gone; seen from self. */
bool process_may_run(const struct process *self, const struct process *p);

#endif
