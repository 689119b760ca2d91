/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERSION_NORMALIZED_H
#define VERSION_NORMALIZED_H

#include "base/str.h"

#include <stdint.h>

enum { NORMALIZED_NUMBERS = 10 };

/* A version as numbers of a kind: "rhctag:4.6.0.0.0.0.0.0.0.0". */
struct normalized {
	struct str kind; /* borrowed; may be empty */
	int32_t numbers[NORMALIZED_NUMBERS];
};

/* Numbers that are missing are 0. False for what is none: no ":", more numbers, or too large ones. */
bool normalized_parse(struct str text, struct normalized *out);
/* -1, 0, 1: by kind, then by the numbers. */
int normalized_compare(const struct normalized *a, const struct normalized *b);

/* Is the version in the range "LOWER..UPPER", which has its lower end and not its upper one? False when one
 * of the three is of another kind or is no version. */
bool normalized_in_range(struct str range, struct str version);

#endif
