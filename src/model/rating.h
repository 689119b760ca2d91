/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_RATING_H
#define MODEL_RATING_H

#include "model/vulnerability_report.h"

/* Who gave the severity of a finding (docs/severity.md). */
enum severity_source { SEVERITY_OF_NOBODY, SEVERITY_OF_PUBLISHER, SEVERITY_OF_CVSS };
const char *severity_source_name(enum severity_source s); /* "none", "publisher", "cvss" */

/* How bad an advisory is, from all that is known. It decides what people look at first, and never what is
 * affected. */
struct rating {
	enum severity severity;
	enum severity_source source;
	bool has_cvss, has_epss, is_exploited;
	unsigned cvss; /* base score in tenths: the highest of the CVE ids */
	struct str cvss_vector;
	double epss, epss_percentile; /* of the id with the highest score */
	struct str exploited_since, exploited_due, exploited_ransomware; /* KEV's words; of the first id */
};

/* Take what an enricher says (a JSON text) into the rating. What cannot be read is passed over. Strings are
 * in the arena. */
void rating_add(struct arena *a, struct rating *rating, enum enrichment_kind kind, struct str text);
/* Last: the severity by the policy; publisher: of the advisory. */
void rating_decide(struct rating *rating, enum severity publisher);

#endif
