/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/err.h"
#include "base/str.h"

/* The little of a database that both stores use; internal to store/. One file per driver implements it, and
 * only such a file knows the driver's library. SQL is handed over as literals: statements are prepared once
 * for each. */

/* What a database file is. Migration i leads from version i to i + 1; the last version is migration_count. */
struct db_schema {
	const char *file; /* name in the data directory */
	uint32_t application_id; /* tells our files from others' */
	unsigned page_bytes; /* of a new file */
	bool gives_back; /* free pages can be given back to the file system */
	const char *const *migrations;
	unsigned migration_count;
	const char *advice; /* what to do when the file is missing, old or damaged: "run clair update" */
};

struct db;

/* Open DIR/file. writable: make directory, file and schema, migrate forward. Otherwise nothing is ever
 * written, and a file or directory without permission to write will do. Errors: see advisories_open. */
int db_open(struct str dir, const struct db_schema *schema, bool writable, struct db **out, struct err *err);
void db_close(struct db *db);

/* A handle may be shared by threads, one at a time: `autodb struct db *db = db_lock(store->db);` holds it to
 * the end of the scope, where a transaction that was not committed is rolled back. */
struct db *db_lock(struct db *db);
void db_unlockp(struct db **db);
#define autodb __attribute__((cleanup(db_unlockp)))

enum db_transaction {
	DB_READ, /* all questions see one snapshot */
	DB_WRITE, /* the only writer from here on; waits for another one for some seconds, then E_CONFLICT */
};
int db_begin(struct db *db, enum db_transaction kind, struct err *err);
int db_commit(struct db *db, struct err *err);

/* A statement being run; parameters are bound in order, ?1 first, and borrowed until query_end. */
struct query {
	struct db *db;
	void *statement; /* NULL: ended */
	int bound;
};
int db_query(struct db *db, const char *sql, struct query *out, struct err *err);
/* Forget the parameters, to run the same statement again. */
void query_again(struct query *q);
void query_end(struct query *q);
#define autoquery __attribute__((cleanup(query_end)))
void query_bind_int(struct query *q, int64_t v);
void query_bind_text(struct query *q, struct str v);
/* Empty becomes NULL. */
void query_bind_optional(struct query *q, struct str v);
void query_bind_blob(struct query *q, struct str v);
void query_bind_null(struct query *q);
/* 1 a row, 0 no more rows, or an error. */
int query_step(struct query *q, struct err *err);
/* Columns of the row, from 0; text and blobs are borrowed until the next step. NULL reads as 0 or empty. */
int64_t query_int(const struct query *q, int column);
struct str query_text(const struct query *q, int column);
struct str query_blob(const struct query *q, int column);
bool query_is_null(const struct query *q, int column);

/* Run a statement to its end: with no parameters, or with integers only. */
int db_run(struct db *db, const char *sql, struct err *err);
int db_run_int(struct db *db, const char *sql, const int64_t *params, size_t n, struct err *err);
/* The first column of the first row, or 0 when there is no row. */
int db_number(struct db *db, const char *sql, const int64_t *params, size_t n, int64_t *out, struct err *err);
/* Of the last statement: rows changed, and the id given to the row inserted. */
int64_t db_changes(const struct db *db);
int64_t db_last_id(const struct db *db);
/* Do not wait for another writer (until set back). */
void db_set_patient(struct db *db, bool patient);
/* Size of the file and of what waits beside it. */
int db_file_bytes(struct db *db, uint64_t *out, struct err *err);
/* Give free pages back to the file system. */
int db_vacuum(struct db *db, struct err *err);
/* E_FORMAT: a stored value that cannot be, with the advice of the schema. */
int db_damaged(const struct db *db, const char *what, struct err *err);

#endif
