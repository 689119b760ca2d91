/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_SQLITE_H
#define STORE_DB_SQLITE_H

#include "store/db_driver.h"

#include <sqlite3.h>
#include <sys/stat.h>

/* Shared by db_sqlite.c (questions) and db_open_sqlite.c (opening) only. */

struct sqlite_connection {
	struct db_connection base;
	sqlite3 *handle;
	const char *path; /* the pool's */
	bool immutable; /* opened without locks, as nothing beside the file could be written */
	struct stat opened_as; /* immutable: the file when it was opened */
	struct db_statements statements;
};

/* The driver's open, connect and disconnect. */
int sqlite_open_(struct db_pool *pool, struct db_connection **first, struct err *err);
int sqlite_connect_(struct db_pool *pool, struct db_connection **out, struct err *err);
void sqlite_disconnect_(struct db_connection *c);
/* Turn a result code into an error. */
int sqlite_fail_(const struct sqlite_connection *c, int rc, struct err *err);
/* Immutable files: has the file changed since it was opened; open it again if so. */
bool sqlite_is_stale_(const struct sqlite_connection *c);
int sqlite_refresh_(struct sqlite_connection *c, struct err *err);

#endif
