/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERSION_VERSION_H
#define VERSION_VERSION_H

#include "base/str.h"

/* One ordering of version strings. Pure functions over borrowed bytes; any bytes may come. */
struct ordering {
	const char *name; /* "deb", "rpm", "apk", "pacman", "pep440" */
	/* Well-formed for this ordering? */
	bool (*valid)(struct str version);
	/* -1, 0, 1. Deterministic for any bytes, also where valid() is false, and total: but for pacman,
	 * where a version without release equals every release of it. */
	int (*compare)(struct str a, struct str b);
};

extern const struct ordering ordering_deb, ordering_rpm, ordering_apk, ordering_pacman, ordering_pep440;
/* By name, or NULL. */
const struct ordering *ordering_find(struct str name);
extern const struct ordering *const orderings[]; /* ends with NULL */

#endif
