/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_NVD_H
#define FEED_NVD_H

#include "feed/feed.h"

/* The National Vulnerability Database, CVE API 2.0: year feeds and pages of the API alike. One enrichment
 * for each CVE that is not rejected and has a CVSS v3 rating marked Primary: the cvssData object of the
 * first such v3.1 rating, else v3.0, its members in their order. CVEs without one give nothing. Returns 0,
 * E_FORMAT (line and column), or the sink's error. docs/formats/nvd.md. */
int nvd_parse(struct task *task, const struct feed_job *job, struct err *err);

#endif
