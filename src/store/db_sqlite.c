/* SPDX-License-Identifier: Apache-2.0 */
/* store/db.h on SQLite. Files are in WAL mode, so that readers never wait for the writer nor it for them, and
 * a process that dies leaves its half transaction behind unread. Source: sqlite.org, "C-language Interface",
 * "Write-Ahead Logging" (section "Read-Only Databases"), "PRAGMA Statements". What one would get wrong:
 * SQLite reports most trouble at the first step, not at open, and a bound NULL pointer is SQL NULL whatever
 * its length. Opening is in db_open_sqlite.c. */
#include "store/db_sqlite.h"

#include "base/arena.h"

#include <assert.h>
#include <string.h>

static struct sqlite_connection *of(struct db_connection *c)
{
	return (struct sqlite_connection *)c;
}

static int damaged(const struct db_pool *pool, const char *what, struct err *err)
{
	return err_set(err, E_FORMAT, "%s is damaged (%s): remove it and %s", pool->label, what,
		       pool->schema->advice);
}

int sqlite_fail_(const struct sqlite_connection *c, int rc, struct err *err)
{
	const char *path = c->path;
	int cause = sqlite3_system_errno(c->handle);

	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return damaged(c->base.pool, sqlite3_errmsg(c->handle), err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return err_set(err, E_CONFLICT, "%s is being written by another process", path);
	case SQLITE_FULL: return err_set(err, E_IO, "%s: no space left to write", path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return err_set(err, E_IO, "%s: %s%s%s", path, sqlite3_errmsg(c->handle), cause ? ": " : "",
			       cause ? strerror(cause) : "");
	default: return err_set(err, E_IO, "%s: %s", path, sqlite3_errmsg(c->handle));
	}
}

/* ---- transactions ---- */

static int run(struct sqlite_connection *c, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sqlite_fail_(c, rc, err);
}

static int prepare(struct db_connection *base, const char *sql, void **statement, struct err *err)
{
	struct sqlite_connection *c = of(base);
	sqlite3_stmt *made = NULL;
	void **known;
	int rc;

	if (c->immutable && sqlite3_get_autocommit(c->handle))
		TRY(sqlite_refresh_(c, err));
	known = db_statement_at(&c->statements, sql);
	if (!*known) {
		rc = sqlite3_prepare_v3(c->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL);
		if (rc != SQLITE_OK)
			return sqlite_fail_(c, rc, err);
		*known = made;
	}
	assert(!sqlite3_stmt_busy(*known));
	*statement = *known;
	return 0;
}

static int step(struct db_connection *c, void *statement, struct err *err)
{
	int rc = sqlite3_step(statement);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : sqlite_fail_(of(c), rc, err);
}

static int run_prepared(struct db_connection *c, const char *sql, struct err *err)
{
	void *statement = NULL;
	int rc;

	TRY(prepare(c, sql, &statement, err));
	rc = step(c, statement, err);
	sqlite3_reset(statement);
	return rc;
}

static int begin(struct db_connection *c, enum db_transaction kind, struct err *err)
{
	return run_prepared(c, kind == DB_READ ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

static int commit(struct db_connection *c, struct err *err)
{
	TRY(run_prepared(c, "COMMIT", err));
	if (of(c)->immutable && sqlite_is_stale_(of(c)))
		return err_set(err, E_CONFLICT, "%s was written while it was read: try again", of(c)->path);
	return 0;
}

static void rollback(struct db_connection *c)
{
	if (!sqlite3_get_autocommit(of(c)->handle))
		sqlite3_exec(of(c)->handle, "ROLLBACK", NULL, NULL, NULL);
}

static void set_patient(struct db_connection *c, bool patient)
{
	sqlite3_busy_timeout(of(c)->handle, patient ? DB_BUSY_MS : 0);
}

static int64_t changes(const struct db_connection *c)
{
	return sqlite3_changes64(((const struct sqlite_connection *)c)->handle);
}

static int file_bytes(struct db_connection *c, uint64_t *out, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	const char *path = of(c)->path, *wal = str_format(&scratch, "%s-wal", path).p;
	struct stat st, beside = { 0 };

	if (stat(path, &st) < 0)
		return err_set(err, E_IO, "%s: %m", path);
	*out = (uint64_t)st.st_size + (stat(wal, &beside) == 0 ? (uint64_t)beside.st_size : 0);
	return 0;
}

static int vacuum(struct db_connection *c, struct err *err)
{
	TRY(run(of(c), "PRAGMA incremental_vacuum", err));
	return run(of(c), "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

/* ---- statements ---- */

static void again(void *statement)
{
	sqlite3_reset(statement);
}

static void end(void *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static void bind_int(void *statement, int i, int64_t v)
{
	sqlite3_bind_int64(statement, i, v);
}

static void bind_text(void *statement, int i, struct str v)
{
	sqlite3_bind_text64(statement, i, v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
}

static void bind_blob(void *statement, int i, struct str v)
{
	sqlite3_bind_blob64(statement, i, v.n ? v.p : "", v.n, SQLITE_STATIC);
}

static void bind_null(void *statement, int i)
{
	sqlite3_bind_null(statement, i);
}

static int64_t column_int(void *statement, int column)
{
	return sqlite3_column_int64(statement, column);
}

static struct str column_text(void *statement, int column)
{
	const unsigned char *p = sqlite3_column_text(statement, column);

	return p ? (struct str){ (const char *)p, (size_t)sqlite3_column_bytes(statement, column) }
		 : (struct str){ NULL, 0 };
}

static struct str column_blob(void *statement, int column)
{
	const void *p = sqlite3_column_blob(statement, column);

	return p ? (struct str){ p, (size_t)sqlite3_column_bytes(statement, column) }
		 : (struct str){ NULL, 0 };
}

static bool column_is_null(void *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL;
}

const struct db_driver db_sqlite = {
	.kind = STORE_SQLITE,
	.has_one_writer = true,
	.open = sqlite_open_,
	.connect = sqlite_connect_,
	.disconnect = sqlite_disconnect_,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.set_patient = set_patient,
	.changes = changes,
	.file_bytes = file_bytes,
	.vacuum = vacuum,
	.damaged = damaged,
	.prepare = prepare,
	.again = again,
	.end = end,
	.bind_int = bind_int,
	.bind_text = bind_text,
	.bind_blob = bind_blob,
	.bind_null = bind_null,
	.step = step,
	.column_int = column_int,
	.column_text = column_text,
	.column_blob = column_blob,
	.column_is_null = column_is_null,
};
