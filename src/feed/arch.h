/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_ARCH_H
#define FEED_ARCH_H

#include "feed/feed.h"

/* Arch Linux' tracker: an array of groups, each about some vulnerabilities in some packages (matching.md
 * 5.3). An advisory for each pair of them.
 *   name          the issue, "CVE-2021-3711"; a group without issues is its own, "AVG-2390"
 *   package_kind  PACKAGE_BINARY
 *   fixed_in      "fixed" of the group; empty: none; "0" and STATUS_NOT_AFFECTED: "Not affected"
 *   status        STATUS_UNDER_INVESTIGATION for "Unknown" without a fix
 *   status_text   words for "Testing" and "Unknown"
 *   description   kind of flaw, "arbitrary code execution"
 * Returns 0, E_FORMAT, E_LIMIT or the sink's error. Source: https://security.archlinux.org/all.json ;
 * docs/formats/arch.md. */
int arch_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
