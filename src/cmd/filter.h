/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_FILTER_H
#define CMD_FILTER_H

#include "base/arena.h"
#include "base/err.h"
#include "model/vulnerability_report.h"

/* Take matches out of a report, keeping the order of the others. Return how many were taken out. */
uint64_t filter_unfixed(struct vulnerability_report *report);
/* Keep the severities whose bits (1 << enum severity) are in set. */
uint64_t filter_severities(struct vulnerability_report *report, unsigned set);

/* Take out the statuses whose bits are in set. */
uint64_t filter_statuses(struct vulnerability_report *report, unsigned set);

/* "will_not_fix,end_of_life" as a set of bits: 1 << enum advisory_status, and FILTER_FIXED for what has a
 * fixed version; blanks and dashes are as good as the underscores. E_CONFIG names the nearest status. */
enum { FILTER_FIXED = 1 << STATUS_COUNT };
int filter_parse_statuses(struct arena *a, struct str list, unsigned *set, struct err *err);

/* "high,critical" as a set of bits. E_CONFIG names the nearest severity. */
int filter_parse(struct str list, unsigned *set, struct err *err);
/* One severity by name, any case. E_CONFIG as above; what names the option. */
int filter_severity(const char *what, struct str word, enum severity *out, struct err *err);

#endif
