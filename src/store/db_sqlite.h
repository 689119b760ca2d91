/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_SQLITE_H
#define STORE_DB_SQLITE_H

#include "store/db.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

/* Shared by db_sqlite.c (questions) and db_open_sqlite.c (opening) only. */

enum { DB_STATEMENTS = 96, DB_BUSY_MS = 10000 };

struct db {
	pthread_mutex_t mutex;
	const struct db_schema *schema;
	sqlite3 *handle;
	char *path;
	bool immutable; /* opened without locks, as nothing beside the file could be written */
	struct stat opened_as; /* immutable: the file when it was opened */
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} prepared[DB_STATEMENTS];
	size_t prepared_count;
};

/* Turn a result code into an error. */
int db_fail_(const struct db *db, int rc, struct err *err);
/* Finalise statements and close the connection. */
void db_shut_(struct db *db);
/* Immutable files: has the file changed since it was opened; open it again if so. */
bool db_is_stale_(const struct db *db);
int db_refresh_(struct db *db, struct err *err);

#endif
