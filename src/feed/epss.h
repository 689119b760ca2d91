/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_EPSS_H
#define FEED_EPSS_H

#include "feed/feed.h"

/* FIRST's Exploit Prediction Scoring System, one day's scores as CSV. One enrichment for each line:
 * {"modelVersion", "date", "cve", "epss": number, "percentile": number}. Returns 0, E_FORMAT (line), E_LIMIT
 * (a line above LIMIT_FIELD_BYTES), or the sink's error. docs/formats/epss.md. */
int epss_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
