/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_BODHI_H
#define FEED_BODHI_H

#include "feed/feed.h"

/* A page of Fedora's security updates as Bodhi answers (matching.md 5.8): an advisory for each package that
 * an update of the source's release brings, and each CVE that it repairs. name          a CVE in the title of
 * a bug of security; the update's own name when there is none package_kind  PACKAGE_SOURCE fixed_in      the
 * build's epoch, version and release severity      Bodhi's word description   the notes of the update Updates
 * of other releases (flatpaks, containers) are passed over; when nothing else is on a page the sink is told,
 * so that it is not taken for the end. One update is in memory at a time. Returns 0, E_FORMAT, E_LIMIT or the
 * sink's error. Source: https://bodhi.fedoraproject.org/docs/server_api/rest/updates.html ;
 * docs/formats/bodhi.md. */
int bodhi_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
