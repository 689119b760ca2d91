/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERSION_VERSION_H
#define VERSION_VERSION_H

#include "base/str.h"

/* One ordering of version strings. Pure functions over borrowed bytes; any bytes may come. */
struct ordering {
	const char *name; /* "deb", "rpm", "apk" */
	/* Well-formed for this ordering? */
	bool (*valid)(struct str version);
	/* -1, 0, 1. Total and deterministic for any bytes, also where valid() is false. */
	int (*compare)(struct str a, struct str b);
};

extern const struct ordering ordering_deb, ordering_rpm, ordering_apk;
/* By name, or NULL. */
const struct ordering *ordering_find(struct str name);
extern const struct ordering *const orderings[]; /* ends with NULL */

#endif
