/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_GATE_H
#define CMD_GATE_H

#include "model/vulnerability_report.h"

/* What decides the exit status of a scan. */
struct gate_rules {
	bool has_fail_on; /* --fail-on was given */
	enum severity fail_on;
	int status; /* of a reached gate: --exit-code */
	bool require_coverage;
	bool is_age_strict; /* --max-data-age was given */
	int64_t max_data_age; /* seconds */
	bool exit_on_eol; /* --exit-on-eol was given */
};

/* What a report is worth. Pure. */
struct gate {
	uint64_t reached; /* affected matches at or above fail_on */
	uint64_t unrated; /* affected matches of unknown severity, which no threshold above it counts */
	uint64_t undecided;
	uint64_t packages, matched;
	bool is_incomplete; /* some of the image could not be read */
	bool is_uncovered; /* some packages no feed covers, no packages at all, or no distribution */
	bool is_empty_handed; /* packages, and no data about any of them */
	const struct coverage *eol; /* of a distribution without support any more, the first; NULL: none */
	const struct feed_state *oldest; /* the feed that is too old, the oldest of them; NULL: none */
};
void gate_check(const struct vulnerability_report *report, const struct gate_rules *rules, struct gate *out);

/* The exit status: a reached gate first, then incomplete. */
int gate_status(const struct gate *gate, const struct gate_rules *rules);

#endif
