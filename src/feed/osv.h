/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OSV_H
#define FEED_OSV_H

#include "feed/feed.h"

/* A zip archive of OSV records of a distribution (matching.md 3.5, 5.1): an advisory for each package that a
 * record of security names for the source's release. The publisher is told by the did of its distribution:
 * "almalinux".
 *   name          the record's id, "ALSA-2022:1234"
 *   package_kind  PACKAGE_BINARY
 *   fixed_in      the first of the fixed versions; empty: none
 *   status_text   "also fixed in A, B": other builds of the same fix
 *   module        "name:stream" of the summary, when the fixed version is a module's
 *   severity      the word before the summary
 * Records of other kinds (ALBA-, ALEA-) and withdrawn ones are passed over. One record is in memory at a
 * time. Returns 0, E_FORMAT, E_LIMIT, E_UNSUPPORTED (no such publisher, or an archive of another kind) or the
 * sink's error. Source: https://ossf.github.io/osv-schema/ ; docs/formats/osv.md. */
int osv_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
