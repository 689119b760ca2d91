/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_OSV_WINDOW_H
#define ECOSYSTEM_OSV_WINDOW_H

#include "ecosystem/ecosystem.h"
#include "version/version.h"

/* The versions that an advisory of a language's registry is about, as Clair writes them into the fixed
 * version: a URL query, "fixed=1.2.3&introduced=1.0" (matching.md 4.9, 8.4). A parameter that is missing is
 * empty. */
struct osv_window {
	struct str introduced, fixed, last_affected;
};

/* Strings in the arena or borrowed. False: not a query with those names. */
bool osv_window_parse(struct arena *a, struct str query, struct osv_window *out);

/* Is the version in the window of the advisory? reason as of a matcher's affects. */
enum verdict osv_window_affects(struct arena *a, const struct ordering *ordering, struct str version,
				const struct advisory *advisory, struct str *reason);

#endif
