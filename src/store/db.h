/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/err.h"
#include "base/str.h"
#include "store/place.h"

/* The little of a database that both stores use; internal to store/. db.c is the same for all databases, a
 * driver (db_driver.h) is one of them, and only its files know its library. SQL is handed over as literals:
 * statements are prepared once for each. docs/store.md says which SQL all databases understand. */

/* What a database is. Migration i leads from version i to i + 1; the last version is migration_count. */
struct db_schema {
	const char *file; /* SQLite: name in the data directory */
	const char *name; /* PostgreSQL: name of the schema in the database */
	uint32_t application_id; /* tells our files from others' */
	unsigned page_bytes; /* of a new file */
	bool gives_back; /* free pages can be given back to the file system */
	const char *const *migrations;
	unsigned migration_count;
	const char *advice; /* what to do when the file is missing, old or damaged: "run clair update" */
};

/* Some connections to one database, shared by threads. */
struct db_pool;

/* Open what is there. writable: make directory, file and schema, migrate forward. Otherwise nothing is ever
 * written, and a file or directory without permission to write will do. Errors: see advisories_open_at. */
int db_open(const struct store_place *place, const struct db_schema *schema, bool writable,
	    struct db_pool **out, struct err *err);
void db_close(struct db_pool *pool);
void db_usage(struct db_pool *pool, struct store_usage *out);

/* One thread's use of a pool: `autodb struct db *db = db_lock(store->db);` to the end of the scope, where a
 * transaction that was not committed is rolled back. A connection is taken when the first question is asked,
 * waiting while all are busy. Never hold two of one pool. */
struct db;
struct db *db_lock(struct db_pool *pool);
void db_unlockp(struct db **db);
#define autodb __attribute__((cleanup(db_unlockp)))

enum db_transaction {
	DB_READ, /* all questions see one snapshot */
	DB_WRITE, /* the only writer from here on; waits for others for some seconds, then E_CONFLICT */
	/* A writer beside others of this kind, where the database can; never beside DB_WRITE. A row may
	 * appear between a question and its answer's use: ON CONFLICT says what then. Rows that others may
	 * write too are written in a stated order, so that no two wait for each other. */
	DB_WRITE_TOGETHER,
};
int db_begin(struct db *db, enum db_transaction kind, struct err *err);
int db_commit(struct db *db, struct err *err);

/* A statement being run; parameters are bound in order, ?1 first, and borrowed until query_end. Outside of a
 * transaction each is one of its own, and is asked again, once, when the connection was lost. */
struct query {
	struct db *db;
	void *statement; /* NULL: ended */
	int bound;
};
int db_query(struct db *db, const char *sql, struct query *out, struct err *err);
/* The answer may be large: fetch it by pieces. In a transaction, before the first step. */
void query_stream(struct query *q);
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
/* Run to the end; the first column of the first row: "... RETURNING id". */
int query_id(struct query *q, int64_t *id, struct err *err);
/* Columns of the row, from 0; text and blobs are borrowed until the next step. NULL reads as 0 or empty. */
int64_t query_int(const struct query *q, int column);
struct str query_text(const struct query *q, int column);
struct str query_blob(const struct query *q, int column);
bool query_is_null(const struct query *q, int column);

/* One statement run many times: one after the other, or many with one message to the server. */
struct batch {
	size_t n; /* runs */
	void *ctx;
	/* Bind all parameters of run i, in order of i; they are borrowed until the next call. */
	int (*bind)(void *ctx, size_t i, struct query *q, struct err *err);
	/* A row of run i, in order of i and then of the statement; NULL: there are none. With INSERT ...
	 * RETURNING i is not known: the row must say what it is about. */
	int (*row)(void *ctx, size_t i, struct query *q, struct err *err);
};
/* sql is a SELECT, "INSERT ... VALUES(...)" with each ?N in the list only (behind ON CONFLICT say
 * excluded.x), "UPDATE ... WHERE" or "DELETE ... WHERE". No two runs of one batch may write the same row, but
 * for ON CONFLICT DO NOTHING. */
int db_batch(struct db *db, const char *sql, const struct batch *b, struct err *err);

/* Run a statement to its end: with no parameters, or with integers only. */
int db_run(struct db *db, const char *sql, struct err *err);
int db_run_int(struct db *db, const char *sql, const int64_t *params, size_t n, struct err *err);
/* The first column of the first row, or 0 when there is no row. */
int db_number(struct db *db, const char *sql, const int64_t *params, size_t n, int64_t *out, struct err *err);
/* Seconds since 1970 by the database's clock, which all its users share. */
int db_now(struct db *db, int64_t *out, struct err *err);
/* Rows changed by the last statement. */
int64_t db_changes(const struct db *db);
/* Do not wait for another writer (until set back). */
void db_set_patient(struct db *db, bool patient);
/* Size of the tables; SQLite: of the file and of what waits beside it. */
int db_file_bytes(struct db *db, uint64_t *out, struct err *err);
/* Give free pages back to the file system. */
int db_vacuum(struct db *db, struct err *err);
/* After large changes: let the database look at its tables, so that it plans well. */
int db_analyze(struct db *db, struct err *err);
/* E_FORMAT: a stored value that cannot be, with the advice of the schema. */
int db_damaged(const struct db *db, const char *what, struct err *err);

#endif
