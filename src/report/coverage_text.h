/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_COVERAGE_TEXT_H
#define REPORT_COVERAGE_TEXT_H

#include "report/report.h"
#include "report/text_out.h"

/* What was looked at, for people: a paragraph per distribution with packages, feeds and their age, caveat and
 * problem; then the notes of the index. */
void coverage_text(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
		   const struct report_options *options);

/* The line for a report without findings: never silent about what it rests on. */
void coverage_nothing_found(struct arena *a, struct text_out *out, const struct vulnerability_report *report);

/* Only what a reader of that line must know besides: problems, caveats, ends of support, old feeds, failed
 * updates, notes. */
void coverage_text_problems(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
			    const struct report_options *options);

#endif
