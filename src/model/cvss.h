/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CVSS_H
#define MODEL_CVSS_H

#include "base/err.h"
#include "base/str.h"
#include "model/severity.h"

/* Vectors of the Common Vulnerability Scoring System: FIRST, "CVSS v2.0 Complete Guide", "CVSS v3.1
 * Specification Document", "CVSS v4.0 Specification Document". */
enum cvss_version { CVSS_2_0 = 20, CVSS_3_0 = 30, CVSS_3_1 = 31, CVSS_4_0 = 40 };

enum { CVSS_METRICS = 32 };
struct cvss {
	enum cvss_version version;
	char value[CVSS_METRICS]; /* by metric, in the order of the specification; 0: not given */
};

/* "AV:N/AC:L/Au:N/C:N/I:N/A:C", "(AV:...)", "CVSS:3.1/AV:...", "CVSS:4.0/AV:...". Order, repetition and
 * missing metrics as the specification has it. Returns 0 or E_FORMAT with the metric that is wrong. */
int cvss_parse(struct str vector, struct cvss *out, struct err *err);
/* In the specification's order; out holds at least 256 bytes. Returns its length. */
size_t cvss_format(const struct cvss *v, char *out);
/* Scores in tenths, 0 to 100: by the base metrics alone, and by all that are given. */
unsigned cvss_base_score(const struct cvss *v);
unsigned cvss_score(const struct cvss *v);
/* The specification's rating of a score (v3 and v4: None is SEVERITY_NEGLIGIBLE; v2 has no Critical). */
enum severity cvss_severity(enum cvss_version version, unsigned tenths);

#endif
