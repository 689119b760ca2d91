/* SPDX-License-Identifier: Apache-2.0 */
/* What publishers say of a package, as words. A status is about this publisher's package, not about the flaw.
 */
#include "model/advisory.h"

const char *advisory_status_name(enum advisory_status s)
{
	static const char *const names[STATUS_COUNT] = {
		"affected",    "not_affected", "will_not_fix",	      "fix_deferred",
		"no_advisory", "end_of_life",  "under_investigation",
	};

	return (unsigned)s < STATUS_COUNT ? names[s] : "unknown";
}
