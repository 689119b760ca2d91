/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FIND_H
#define STORE_FIND_H

#include "base/task.h"
#include "model/advisory.h"
#include "store/db.h"

/* Inside of finding, shared by find.c (rows) and find_beside.c (what rows refer to). */

/* Fill description, links and issued of n advisories, whose updater and name are set. */
int find_texts(struct db *db, struct task *task, struct advisory *const *list, size_t n, struct err *err);

/* An advisory that has a scope, yet to be filled in. */
struct scoped {
	struct advisory *advisory;
	int64_t scope_id;
};
int find_scopes(struct db *db, struct task *task, const struct scoped *list, size_t n, struct err *err);

#endif
