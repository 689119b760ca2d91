/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OSV_H
#define FEED_OSV_H

#include "feed/feed.h"

/* OSV records of a distribution, in an archive, a page of an API or one after the other (feed/osv_input.h;
 * matching.md 3.5, 5.1, 5.7): an advisory for each package that a record of security names for the source's
 * release, or, when its namespace is empty, for one of job->distributions. The publisher is told by the did
 * of those: "almalinux", "rocky". name          the record's id, "ALSA-2022:1234" package_kind PACKAGE_BINARY
 * of AlmaLinux, PACKAGE_SOURCE of Rocky Linux fixed_in      the first of the fixed versions; empty: none
 *   status_text   "also fixed in A, B": other builds of the same fix
 *   module        "name:stream" of the summary, when the fixed version is a module's
 *   severity      the word before the summary
 * Records of other kinds (ALBA-, ALEA-) and withdrawn ones are passed over; of records none of which concerns
 * a release that counts the sink is told, so that a page of such is not taken for the end. One record is in
 * memory at a time. Returns 0, E_FORMAT, E_LIMIT, E_UNSUPPORTED (no such publisher, or an archive of another
 * kind) or the sink's error. Source: https://ossf.github.io/osv-schema/ ; docs/formats/osv.md. */
int osv_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
