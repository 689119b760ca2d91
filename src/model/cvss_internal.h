/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CVSS_INTERNAL_H
#define MODEL_CVSS_INTERNAL_H

#include "model/cvss.h"

/* Inside of model/cvss*.c. */

/* A metric: its name, and its values as words with a blank between; the first letter is enough to tell them
 * where the calculation says so. */
struct cvss_metric {
	const char *name, *values;
};
struct cvss_grammar {
	const char *prefix; /* "CVSS:3.1/" or "" */
	const struct cvss_metric *metrics; /* in the specification's order; ends with a NULL name */
	unsigned base; /* how many of them make the base group, all mandatory */
	bool is_ordered; /* metrics must come in order */
};
const struct cvss_grammar *cvss_grammar(enum cvss_version version);

/* Metrics by position in their version's list. */
enum { V2_AV, V2_AC, V2_AU, V2_C, V2_I, V2_A, V2_E, V2_RL, V2_RC, V2_CDP, V2_TD, V2_CR, V2_IR, V2_AR };
enum {
	V3_AV,
	V3_AC,
	V3_PR,
	V3_UI,
	V3_S,
	V3_C,
	V3_I,
	V3_A,
	V3_E,
	V3_RL,
	V3_RC,
	V3_CR,
	V3_IR,
	V3_AR,
	V3_MAV,
	V3_MAC,
	V3_MPR,
	V3_MUI,
	V3_MS,
	V3_MC,
	V3_MI,
	V3_MA,
};
enum {
	V4_AV,
	V4_AC,
	V4_AT,
	V4_PR,
	V4_UI,
	V4_VC,
	V4_VI,
	V4_VA,
	V4_SC,
	V4_SI,
	V4_SA,
	V4_E,
	V4_CR,
	V4_IR,
	V4_AR,
	V4_MAV,
	V4_MAC,
	V4_MAT,
	V4_MPR,
	V4_MUI,
	V4_MVC,
	V4_MVI,
	V4_MVA,
	V4_MSC,
	V4_MSI,
	V4_MSA,
};

enum { CVSS_V4_ROWS = 30, CVSS_V4_COLUMNS = 9 };
extern const unsigned char cvss_v4_scores[CVSS_V4_ROWS][CVSS_V4_COLUMNS];

/* Scores in tenths. with_all: temporal, threat and environmental metrics too. */
unsigned cvss_v2_score(const struct cvss *v, bool with_all);
unsigned cvss_v3_score(const struct cvss *v, bool with_all);
unsigned cvss_v4_score(const struct cvss *v, bool with_all);

#endif
