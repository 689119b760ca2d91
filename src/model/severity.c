/* SPDX-License-Identifier: Apache-2.0 */
/* Clair's six normalised severities as words. What a publisher's own word means is the feed's business. */
#include "model/severity.h"

static const char *const names[SEVERITY_COUNT] = { "Unknown", "Negligible", "Low",
						   "Medium",  "High",	    "Critical" };

const char *severity_name(enum severity s)
{
	return (unsigned)s < SEVERITY_COUNT ? names[s] : names[SEVERITY_UNKNOWN];
}

bool severity_parse(struct str word, enum severity *out)
{
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		if (!str_eq_nocase(word, str_of(names[i])))
			continue;
		*out = (enum severity)i;
		return true;
	}
	return false;
}
