/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REDTEAM_ATTACKS_H
#define REDTEAM_ATTACKS_H

#include "base/io.h"

#include <sys/types.h>

/* Where an attack takes place: what the attacker knows and can reach. */
struct scene {
	struct writer *answers; /* frames to the parent */
	struct fd_writer *socket; /* the same, to flush */
	pid_t parent;
	const char *directory; /* with `victim`, a file, and `socket`, on which somebody listens */
	int port; /* of TCP on the loopback, on which somebody listens */
};

/* One thing that code inside a worker may try. */
struct attack {
	const char *name; /* as in the tables of docs/security.md */
	/* 0: it was permitted; else the errno of the refusal. NULL: it begins when the work is done. */
	int (*run)(const struct scene *scene);
};
extern const struct attack system_attacks[], wire_attacks[]; /* end with a NULL name */

#endif
