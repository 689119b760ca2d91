/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_DEBIAN_TRACKER_H
#define FEED_DEBIAN_TRACKER_H

#include "feed/feed.h"

/* The Debian security tracker's JSON: one advisory per (source package, vulnerability, release among
 * job->distributions by version_code_name). PACKAGE_SOURCE, namespace "debian:<version_id>".
 *   resolved + fixed_version            STATUS_AFFECTED, fixed_in
 *   fixed_version "0"                   STATUS_NOT_AFFECTED, fixed_in "0"
 *   resolved without fixed_version      STATUS_NOT_AFFECTED with fixed_in empty is wrong in Clair's eyes:
 * keep STATUS_AFFECTED, unfixed open                                STATUS_AFFECTED; nodsa_reason ignored:
 * STATUS_WILL_NOT_FIX, postponed: STATUS_FIX_DEFERRED, nodsa alone: STATUS_NO_ADVISORY; status_text = nodsa
 *   undetermined                        STATUS_UNDER_INVESTIGATION
 *   urgency end-of-life (not resolved)  STATUS_END_OF_LIFE
 * severity = urgency; normalised as matching.md 11 (Clair's shifted table).
 * Returns 0, E_FORMAT (line and column), or the sink's error.
 * Source: https://security-tracker.debian.org/tracker/data/json ; docs/formats/debian_tracker.md. */
int debian_tracker_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
