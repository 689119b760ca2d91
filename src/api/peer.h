/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_PEER_H
#define API_PEER_H

#include "api/request.h"

/* What a matcher without an index store asks the indexer of another process (matcher.indexer_addr). Requests
 * are signed when there is a key. */

/* 1 a finished index report, in the task's arena; 0 none, or not finished. revision: another one for another
 * report. */
int peer_index_report(struct api *a, struct task *task, struct str digest, struct index_report *out,
		      uint64_t *revision, struct err *err);
/* POST affected_manifest: the answer's JSON text, in the task's arena. */
int peer_affected(struct api *a, struct task *task, struct str body, struct str *out, struct err *err);

#endif
