/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OSV_INPUT_H
#define FEED_OSV_INPUT_H

#include "base/io.h"
#include "base/json.h"
#include "base/task.h"

/* What reads OSV records one by one. where: the file in the archive, or "record 3", for messages. */
struct osv_taker {
	/* The record is in scratch. Returns 0 or an error, which ends reading. */
	int (*record)(struct osv_taker *taker, struct arena *scratch, struct str where,
		      const struct json_value *record, struct err *err);
	/* A record could not be read. */
	void (*damaged)(struct osv_taker *taker, struct str where, const char *why);
};

/* Read all records of a zip archive of JSON documents; of a page of an API, {"advisories": [...]}; or of
 * records that stand one after the other, one or many. *records: how many there were, damaged ones too. One
 * record is in memory at a time. Returns 0, E_FORMAT, E_LIMIT, or what the source or the taker says. */
int osv_input_read(struct task *task, struct reader *in, struct osv_taker *taker, uint64_t *records,
		   struct err *err);

#endif
