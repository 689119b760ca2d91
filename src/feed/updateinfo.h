/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_UPDATEINFO_H
#define FEED_UPDATEINFO_H

#include "feed/feed.h"

/* updateinfo.xml of rpm repositories (matching.md 3.4): an advisory for each package that an update brings.
 * The publisher is told by the did of the source's distribution: "amzn", "bottlerocket".
 *   name          the update's id, "ALAS2-2024-2402"; of Bottlerocket each CVE that it refers to, and the id
 *                 when there is none
 *   package_kind  PACKAGE_BINARY; arch and "equals"
 *   fixed_in      [epoch:]version-release, epoch left out when it is 0
 *   module        "name:stream" of the collection, when it has one
 *   links         hrefs of the references, each once
 * An update is held in memory while it is read (LIMIT_UPDATEINFO_BYTES), nothing longer. Returns 0, E_FORMAT
 * (line and column), E_LIMIT, E_UNSUPPORTED (no such publisher) or the sink's error.
 * docs/formats/updateinfo.md. */
int updateinfo_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
