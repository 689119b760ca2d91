/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_SQLITE_H
#define STORE_DATA_SQLITE_H

#include "base/err.h"
#include "base/str.h"

#include <sqlite3.h>

/* A database file as a whole, for export, import and deltas, beside the pools of store/db.h; internal to
 * store/. Nothing in the file is run: no triggers, no functions in the schema. */

enum data_db_mode { DATA_DB_READ, DATA_DB_WRITE, DATA_DB_MEMORY };
int data_db_open(const char *path, enum data_db_mode mode, sqlite3 **out, struct err *err);
void data_db_closep(sqlite3 **db);
#define autosqlite __attribute__((cleanup(data_db_closep)))

/* The last trouble of a connection as an error. */
int data_db_fail(sqlite3 *db, struct err *err);
int data_db_run(sqlite3 *db, const char *sql, struct err *err);
/* The first column of the first row; 0 when there is none. */
int data_db_number(sqlite3 *db, const char *sql, int64_t *out, struct err *err);
int data_db_prepare(sqlite3 *db, struct str sql, sqlite3_stmt **out, struct err *err);
void data_statement_endp(sqlite3_stmt **s);
#define autostatement __attribute__((cleanup(data_statement_endp)))
/* 1 a row, 0 no more, or an error. */
int data_db_step(sqlite3 *db, sqlite3_stmt *s, struct err *err);
/* Borrowed until the next step. */
struct str data_column_text(sqlite3_stmt *s, int column);

#endif
