/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INDEX_STORE_H
#define STORE_INDEX_STORE_H

#include "store/db.h"

/* Inside of the store of indexes, for the files that answer its questions. */
struct index_store {
	struct db_pool *db;
};

/* Note that a row is used, at most once an hour, and not at all while somebody else writes: nothing that
 * reads waits for a note. sql: UPDATE with ?1 the time and ?2 the row's id. */
void index_touch_(struct db *db, const char *sql, int64_t id, int64_t last_used);

#endif
