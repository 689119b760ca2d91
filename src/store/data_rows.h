/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_ROWS_H
#define STORE_DATA_ROWS_H

#include "base/cursor.h"
#include "base/task.h"
#include "base/vec.h"
#include "store/data_sqlite.h"

/* advisories.db as rows: the tables of a version of the schema, each in the order of its key, and one digest
 * over all of them. What is only of this machine (leases, the numbers of generations) is not in it. Internal
 * to store/. */
struct data_table {
	struct str name;
	struct str columns; /* "a, b, c": those of the key first */
	unsigned count, keys;
	struct str select; /* all rows in the order of the key */
};
typedef VEC(struct data_table) data_tables;

/* The tables of that version, in the order of their names. */
int data_tables_of(struct arena *a, unsigned schema, data_tables *out, struct err *err);
/* Has the database that version, and exactly what our migrations make: no table, index, trigger or view more,
 * less or different? E_FORMAT. */
int data_schema_check(sqlite3 *db, unsigned schema, struct err *err);
/* Bring it to the newest version. */
int data_schema_migrate(sqlite3 *db, unsigned schema, struct err *err);

/* A row of a table as bytes: numbers, texts, blobs and NULL, each with its type. E_FORMAT: another type. */
int data_row_encode(sqlite3_stmt *s, unsigned columns, struct buffer *out, struct err *err);

/* Bind what data_row_encode wrote to a statement's first parameters; texts are borrowed. False: damaged. */
bool data_row_bind(sqlite3_stmt *s, unsigned columns, struct cursor *in);

/* "sha256:..." over all rows; out holds 72 bytes. */
int data_content(struct task *task, sqlite3 *db, const data_tables *tables, char out[72], struct err *err);

#endif
