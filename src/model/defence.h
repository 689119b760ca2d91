/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_DEFENCE_H
#define MODEL_DEFENCE_H

#include "base/str.h"

/* What holds a worker back; bits, as they travel in HELLO. docs/security.md says what each stops. */
enum defence {
	DEFENCE_PRIVILEGES = 1, /* no new privileges, not dumpable, no inherited descriptors */
	DEFENCE_RLIMIT = 2,
	DEFENCE_NAMESPACE = 4, /* own user and network namespace; a bonus, many hosts forbid it */
	DEFENCE_LANDLOCK = 8,
	DEFENCE_SECCOMP = 16,
};
struct arena;

/* "seccomp, landlock": for people. In the arena, terminated. */
struct str defence_names(struct arena *a, unsigned set);
/* Names and what each stops, by bit, for tables; ends with a NULL name. */
struct defence_row {
	enum defence bit;
	const char *name, *stops;
};
extern const struct defence_row defence_rows[];

enum { DEFENCE_ALL = 31, DEFENCE_REQUIRED = DEFENCE_ALL & ~DEFENCE_NAMESPACE };

#endif
