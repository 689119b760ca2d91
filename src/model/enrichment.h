/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_ENRICHMENT_H
#define MODEL_ENRICHMENT_H

#include "base/str.h"

/* What a publisher says about vulnerability names: data that is no advisory, as a score. */
struct enrichment {
	struct str updater; /* "clair.cvss"; of stored ones */
	const struct str *tags; /* "CVE-2014-0160" */
	size_t tag_count;
	struct str data; /* JSON text, compact */
};

#endif
