/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include "model/vulnerability_report.h"
#include "report/report.h"

/* What several formats say of one match in the same words. */

/* The status as people see it: "fixed" when affected and a fixed version is known, else advisory_status_name.
 */
const char *finding_status(const struct advisory *a);

/* The feed of an updater, or NULL. */
const struct feed_state *finding_feed(const struct vulnerability_report *report, struct str updater);

/* Seconds between the last success of a feed and the report; -1 when it never succeeded (or feed is NULL). */
int64_t finding_feed_age(const struct vulnerability_report *report, const struct feed_state *feed);

/* Older than options->max_data_age allows, or never fetched. */
bool finding_feed_is_old(const struct vulnerability_report *report, const struct report_options *options,
			 const struct feed_state *feed);

#endif
