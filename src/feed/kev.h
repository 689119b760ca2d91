/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_KEV_H
#define FEED_KEV_H

#include "feed/feed.h"

/* CISA's catalog of known exploited vulnerabilities, JSON. One enrichment for each entry: an object of
 * strings, cve, vulnerability_name, catalog_version, date_added, short_description, required_action,
 * due_date, known_ransomware_campaign_use; what the entry does not say is empty. Returns 0, E_FORMAT (line
 * and column), or the sink's error. docs/formats/kev.md. */
int kev_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
