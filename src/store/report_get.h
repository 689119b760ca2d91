/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REPORT_GET_H
#define STORE_REPORT_GET_H

#include "base/task.h"
#include "model/index_report.h"
#include "store/db.h"

/* Inside of the store of indexes: a stored report, for whoever is in a transaction already. */
struct report_wanted {
	struct str manifest_hash;
	const struct str *state; /* NULL: of any */
	const struct str *layers; /* NULL: of any */
	size_t layer_count;
};
struct report_found {
	struct index_report report;
	int64_t manifest_id, last_used;
};
/* 1 and the report in the task's arena, or 0. */
int report_get_(struct db *db, struct task *task, const struct report_wanted *wanted,
		struct report_found *out, struct err *err);
/* Note that it is used; behind the transaction. */
void report_touch_(struct db *db, int64_t manifest_id, int64_t last_used);

#endif
