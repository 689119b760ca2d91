/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_SQLITE_H
#define FORMAT_SQLITE_H

#include "base/str.h"
#include "base/task.h"
#include "format/sqlite_schema.h"

/* Reads the rows of ordinary (rowid) tables of a SQLite 3 database that lies in memory, with its write-ahead
 * log. No SQL, no indexes, nothing is ever written. All memory is the task's. */
struct sqlite;

enum sqlite_type {
	SQLITE_TYPE_NULL,
	SQLITE_TYPE_INTEGER,
	SQLITE_TYPE_REAL,
	SQLITE_TYPE_TEXT,
	SQLITE_TYPE_BLOB
};

/* A stored value, without the conversions that a column's declared type asks for: a REAL column may hold an
 * integer. Text is not checked to be UTF-8. */
struct sqlite_value {
	enum sqlite_type type;
	int64_t integer;
	double real;
	struct str bytes; /* text or blob */
};

/* A table as the schema describes it. */
struct sqlite_table {
	struct str name, sql;
	uint32_t root_page;
	struct sqlite_columns columns;
};

/* values[0..count) are the record's columns in stored order; a record written before ALTER TABLE ADD COLUMN
 * has fewer than its table. Valid until the next sqlite_next of the same cursor. */
struct sqlite_row {
	int64_t rowid;
	const struct sqlite_value *values;
	size_t count;
};

/* database and wal (may be empty) are borrowed. Frames of the log that its checksums confirm, up to the last
 * commit, hide the pages of the database; a log without any such frame is ignored.
 * Returns 0, E_FORMAT (not a SQLite database), E_UNSUPPORTED (UTF-16 text, unknown file version). */
int sqlite_open(struct task *task, struct str database, struct str wal, struct sqlite **out, struct err *err);

/* Look a table up by name, ASCII case ignored. Fields of *out borrow from the reader.
 * Returns 0; E_NOTFOUND; E_UNSUPPORTED (WITHOUT ROWID, virtual table); E_FORMAT when the schema is damaged
 * and what could be read of it does not have the table. */
int sqlite_find_table(struct sqlite *db, struct str name, struct sqlite_table *out, struct err *err);

/* Position of a column in sqlite_row.values, or -1. ASCII case ignored. */
int sqlite_column(const struct sqlite_table *table, struct str name);

/* The value of a column (-1 or one that the row does not have: NULL). */
struct sqlite_value sqlite_value(const struct sqlite_row *row, int column);

/* Walk all rows in rowid order. table is borrowed. */
struct sqlite_cursor;
struct sqlite_cursor *sqlite_rows(struct sqlite *db, const struct sqlite_table *table);

/* Returns 1; 0 at the end; E_FORMAT for damage: err names the page (from 1), that page or row is skipped, and
 * the next call goes on behind it; or what task_check says, which is final. */
int sqlite_next(struct sqlite_cursor *c, struct sqlite_row *row, struct err *err);

#endif
