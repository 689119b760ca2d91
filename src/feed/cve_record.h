/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_CVE_RECORD_H
#define FEED_CVE_RECORD_H

#include "base/cursor.h"
#include "base/json.h"
#include "feed/feed.h"

/* What the formats about CVE ids (nvd, epss, kev) have in common: one id, one JSON object. */

/* Exactly one CVE id, as the CVE list spells it. */
bool cve_record_is_id(struct str s);

/* Hand the object on as what is said of the id. An object above LIMIT_FEED_TEXT_BYTES is left out. line: of
 * the record, for that message. */
int cve_record_put(struct task *task, const struct feed_job *job, uint64_t line, struct str id,
		   struct str object, struct err *err);

/* Report a record that is left out. id may be anything. */
void cve_record_left_out(struct task *task, const struct feed_job *job, uint64_t line, struct str id,
			 const char *why);

#endif
