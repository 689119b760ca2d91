/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_DEFENCE_H
#define MODEL_DEFENCE_H

#include <stdint.h>

/* What holds a worker back; bits, as they travel in HELLO. docs/security.md says what each stops. */
enum defence {
	DEFENCE_PRIVILEGES = 1, /* no new privileges, not dumpable, no inherited descriptors */
	DEFENCE_RLIMIT = 2,
	DEFENCE_NAMESPACE = 4, /* own user and network namespace; a bonus, many hosts forbid it */
	DEFENCE_LANDLOCK = 8,
	DEFENCE_SECCOMP = 16,
};
enum { DEFENCE_ALL = 31, DEFENCE_REQUIRED = DEFENCE_PRIVILEGES | DEFENCE_RLIMIT | DEFENCE_SECCOMP };

#endif
