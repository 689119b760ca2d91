/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OVAL_H
#define FEED_OVAL_H

#include "feed/feed.h"

/* OVAL definitions of rpm and dpkg distributions (matching.md 3.3): an advisory for each package that a
 * criterion tests. The publisher is told by the did of the source's distribution or, when the document names
 * its own releases (Oracle), of the job's distributions: a platform is the one whose version_code_name it is.
 *   name          the title; the CVE for Azure Linux and CBL-Mariner
 *   package_kind  PACKAGE_BINARY; PACKAGE_SOURCE for Azure Linux and CBL-Mariner
 *   fixed_in      the state's EVR; empty: no state, every version
 *   status        STATUS_AFFECTED; by the comment (Ubuntu) STATUS_FIX_DEFERRED or STATUS_WILL_NOT_FIX;
 *                 STATUS_NOT_AFFECTED with fixed_in "0" by the comment (SUSE: "is not affected") or by
 *                 patchable (Azure: "Not Applicable")
 *   status_text   the publisher's words; Azure: bounds of the versions, "> 0:1.19.0, <= 0:1.20-1"; SUSE: the
 *                 service packs, "only in 15.2, 15.3", when the criteria name products with them
 * A version with "esm" (Ubuntu), or a fix in a channel that the comment names, gives two:
 * STATUS_WILL_NOT_FIX, and an affected one in NAMESPACE "+esm", "+esm-infra" or "+esm-apps".
 * Definitions wait in packed form for the tests, objects and states that come after them, so memory grows
 * with the document (LIMIT_WORKER_ARENA_BYTES is the task's budget). Returns 0, E_FORMAT (line and column),
 * E_LIMIT, E_UNSUPPORTED (no such publisher) or the sink's error. Source: https://oval.mitre.org/ ;
 * docs/formats/oval.md. */
int oval_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
