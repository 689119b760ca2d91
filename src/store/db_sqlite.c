/* SPDX-License-Identifier: Apache-2.0 */
/* store/db.h on SQLite. Files are in WAL mode, so that readers never wait for the writer nor it for them, and
 * a process that dies leaves its half transaction behind unread. Source: sqlite.org, "C-language Interface",
 * "Write-Ahead Logging" (section "Read-Only Databases"), "PRAGMA Statements". What one would get wrong:
 * SQLite reports most trouble at the first step, not at open, and a bound NULL pointer is SQL NULL whatever
 * its length. Opening is in db_open_sqlite.c. */
#include "store/db_sqlite.h"

#include "base/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int db_fail_(const struct db *db, int rc, struct err *err)
{
	const char *path = db->path;
	int cause = sqlite3_system_errno(db->handle);

	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return db_damaged(db, sqlite3_errmsg(db->handle), err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return err_set(err, E_CONFLICT, "%s is being written by another process", path);
	case SQLITE_FULL: return err_set(err, E_IO, "%s: no space left to write", path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return err_set(err, E_IO, "%s: %s%s%s", path, sqlite3_errmsg(db->handle), cause ? ": " : "",
			       cause ? strerror(cause) : "");
	default: return err_set(err, E_IO, "%s: %s", path, sqlite3_errmsg(db->handle));
	}
}

int db_damaged(const struct db *db, const char *what, struct err *err)
{
	return err_set(err, E_FORMAT, "%s is damaged (%s): remove it and %s", db->path, what,
		       db->schema->advice);
}

struct db *db_lock(struct db *db)
{
	pthread_mutex_lock(&db->mutex);
	return db;
}

void db_unlockp(struct db **db)
{
	if (!*db)
		return;
	if (!sqlite3_get_autocommit((*db)->handle))
		sqlite3_exec((*db)->handle, "ROLLBACK", NULL, NULL, NULL);
	pthread_mutex_unlock(&(*db)->mutex);
	*db = NULL;
}

int db_begin(struct db *db, enum db_transaction kind, struct err *err)
{
	if (db->immutable)
		TRY(db_refresh_(db, err));
	return db_run(db, kind == DB_READ ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
	TRY(db_run(db, "COMMIT", err));
	if (db->immutable && db_is_stale_(db))
		return err_set(err, E_CONFLICT, "%s was written while it was read: try again", db->path);
	return 0;
}

/* Statements are few and their texts are literals, so the address of the text names the statement. */
static int statement_of(struct db *db, const char *sql, sqlite3_stmt **out, struct err *err)
{
	size_t i = 0;
	int rc;

	while (i < db->prepared_count && db->prepared[i].sql != sql)
		i++;
	if (i == db->prepared_count) {
		assert(i < DB_STATEMENTS);
		rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
					&db->prepared[i].statement, NULL);
		if (rc != SQLITE_OK)
			return db_fail_(db, rc, err);
		db->prepared[i].sql = sql;
		db->prepared_count++;
	}
	*out = db->prepared[i].statement;
	return 0;
}

int db_query(struct db *db, const char *sql, struct query *out, struct err *err)
{
	sqlite3_stmt *statement = NULL;

	TRY(statement_of(db, sql, &statement, err));
	assert(!sqlite3_stmt_busy(statement));
	*out = (struct query){ .db = db, .statement = statement };
	return 0;
}

void query_again(struct query *q)
{
	sqlite3_reset(q->statement);
	q->bound = 0;
}

void query_end(struct query *q)
{
	if (!q->statement)
		return;
	sqlite3_reset(q->statement);
	sqlite3_clear_bindings(q->statement);
	q->statement = NULL;
}

void query_bind_int(struct query *q, int64_t v)
{
	sqlite3_bind_int64(q->statement, ++q->bound, v);
}

void query_bind_text(struct query *q, struct str v)
{
	sqlite3_bind_text64(q->statement, ++q->bound, v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
}

void query_bind_optional(struct query *q, struct str v)
{
	if (v.n)
		query_bind_text(q, v);
	else
		query_bind_null(q);
}

void query_bind_blob(struct query *q, struct str v)
{
	sqlite3_bind_blob64(q->statement, ++q->bound, v.n ? v.p : "", v.n, SQLITE_STATIC);
}

void query_bind_null(struct query *q)
{
	sqlite3_bind_null(q->statement, ++q->bound);
}

int query_step(struct query *q, struct err *err)
{
	int rc = sqlite3_step(q->statement);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : db_fail_(q->db, rc, err);
}

int64_t query_int(const struct query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

struct str query_text(const struct query *q, int column)
{
	const unsigned char *p = sqlite3_column_text(q->statement, column);

	return p ? (struct str){ (const char *)p, (size_t)sqlite3_column_bytes(q->statement, column) }
		 : (struct str){ NULL, 0 };
}

struct str query_blob(const struct query *q, int column)
{
	const void *p = sqlite3_column_blob(q->statement, column);

	return p ? (struct str){ p, (size_t)sqlite3_column_bytes(q->statement, column) }
		 : (struct str){ NULL, 0 };
}

bool query_is_null(const struct query *q, int column)
{
	return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

int db_run(struct db *db, const char *sql, struct err *err)
{
	return db_run_int(db, sql, NULL, 0, err);
}

int db_run_int(struct db *db, const char *sql, const int64_t *params, size_t n, struct err *err)
{
	int64_t ignored;

	return db_number(db, sql, params, n, &ignored, err);
}

int db_number(struct db *db, const char *sql, const int64_t *params, size_t n, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t number = 0;
	int got;

	TRY(db_query(db, sql, &q, err));
	for (size_t i = 0; i < n; i++)
		query_bind_int(&q, params[i]);
	got = query_step(&q, err);
	if (got > 0) {
		number = query_int(&q, 0);
		while (got > 0)
			got = query_step(&q, err);
	}
	if (got < 0)
		return got;
	*out = number;
	return 0;
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

void db_set_patient(struct db *db, bool patient)
{
	sqlite3_busy_timeout(db->handle, patient ? DB_BUSY_MS : 0);
}

int db_file_bytes(struct db *db, uint64_t *out, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	const char *wal = str_format(&scratch, "%s-wal", db->path).p;
	struct stat st, beside = { 0 };

	if (stat(db->path, &st) < 0)
		return err_set(err, E_IO, "%s: %m", db->path);
	*out = (uint64_t)st.st_size + (stat(wal, &beside) == 0 ? (uint64_t)beside.st_size : 0);
	return 0;
}

int db_vacuum(struct db *db, struct err *err)
{
	TRY(db_run(db, "PRAGMA incremental_vacuum", err));
	return db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_shut_(db);
	pthread_mutex_destroy(&db->mutex);
	free(db->path);
	free(db);
}
