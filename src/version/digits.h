/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERSION_DIGITS_H
#define VERSION_DIGITS_H

#include "base/str.h"

/* Numbers of any length inside versions. */

/* The decimal digits that s starts with; may be empty. */
struct str digits_run(struct str s);
/* Compare two runs of digits as numbers; an empty run is 0. Returns -1, 0 or 1. */
int digits_compare(struct str a, struct str b);

#endif
