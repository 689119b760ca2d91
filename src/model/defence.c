/* SPDX-License-Identifier: Apache-2.0 */
/* The names of what holds a worker back. */
#include "model/defence.h"

#include "base/cursor.h"

const struct defence_row defence_rows[] = {
	{ DEFENCE_SECCOMP, "seccomp",
	  "opening, connecting, executing, forking, signalling, executable memory" },
	{ DEFENCE_LANDLOCK, "landlock", "opening and executing files" },
	{ DEFENCE_NAMESPACE, "namespace", "reaching the network (a bonus: many hosts forbid it)" },
	{ DEFENCE_RLIMIT, "rlimit", "using up memory, CPU time, descriptors; core files" },
	{ DEFENCE_PRIVILEGES, "privileges", "gaining privileges, being traced, using inherited descriptors" },
	{ 0, NULL, NULL },
};

struct str defence_names(struct arena *a, unsigned set)
{
	struct buffer b = { .arena = a };

	for (const struct defence_row *r = defence_rows; r->name; r++) {
		if (!(set & r->bit))
			continue;
		if (b.n)
			put_bytes(&b, STR(", "));
		put_bytes(&b, str_of(r->name));
	}
	return str_copy(a, buffer_str(&b));
}
