/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SEVERITY_H
#define MODEL_SEVERITY_H

#include "base/str.h"

/* Clair's normalised severities, in order. */
enum severity {
	SEVERITY_UNKNOWN,
	SEVERITY_NEGLIGIBLE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
};
enum { SEVERITY_COUNT = 6 };

const char *severity_name(enum severity s); /* "Unknown" ... "Critical" */
bool severity_parse(struct str word, enum severity *out); /* any case */

#endif
