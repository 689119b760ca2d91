/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/task.h"
#include "base/vec.h"
#include "store/db.h"

/* Inside of the store of advisories: what was valid when. All of it needs a transaction. */

/* The newest operation of each updater at a moment, by the updater's id; 0: it had none. */
struct moment {
	VEC(int64_t) operations;
};
/* In the task's arena. E_CONFIG: the moment is before what is remembered; err says what can be asked. */
int moment_load(struct db *db, struct task *task, int64_t as_of, struct moment *out, struct err *err);
/* Was a row valid then? ended: 0 when it is valid now. */
bool moment_has(const struct moment *m, int64_t updater_id, int64_t began, int64_t ended);
/* E_CONFIG as above. */
int moment_check(struct db *db, int64_t as_of, struct err *err);

/* The newest operation of each updater at the moment ?1, as a table of updater_id and id. */
#define NEWEST_AT_1                                                                                          \
	"(SELECT updater_id, max(id) AS id FROM update_operation"                                            \
	" WHERE kind = 'vulnerability' AND date <= ?1 GROUP BY updater_id)"

/* From now on nobody can tell what was valid from `since` until before `until`. */
int history_forget(struct db *db, int64_t updater_id, int64_t since, int64_t until, struct err *err);

#endif
