/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_SECDB_H
#define FEED_SECDB_H

#include "feed/feed.h"

/* Alpine's secdb JSON (also Wolfi's, Chainguard's and MinimOS'): one advisory per (package, fixed version, id
 * token). Ids are split on white space and commas, CVE_ becomes CVE-, tokens that are no CVE-, GHSA-, XSA- or
 * ZBX- id are left out. Key "0" gives fixed_in "0" and STATUS_NOT_AFFECTED. PACKAGE_SOURCE; severity unknown;
 * link to security.alpinelinux.org/vuln/ID, or to where the id comes from for the others. Returns 0, E_FORMAT
 * (line and column), or the sink's error. Source: https://secdb.alpinelinux.org/ ; docs/formats/secdb.md. */
int secdb_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
