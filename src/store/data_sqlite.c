/* SPDX-License-Identifier: Apache-2.0 */
/* Whole database files. Source: sqlite.org, "Defense Against The Dark Arts" for the settings. What one would
 * get wrong: a file that came from elsewhere may hold triggers, views and expressions that run when its
 * tables are touched; trusted_schema off and "defensive" keep them from doing harm until data_tables.c has
 * seen that there are none. */
#include "store/data_sqlite.h"

#include "store/db_driver.h"

#include <string.h>

enum { CACHE_KIB = 16384 };

int data_db_fail(sqlite3 *db, struct err *err)
{
	int cause = sqlite3_system_errno(db), rc = sqlite3_errcode(db) & 0xff;

	switch (rc) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return err_set(err, E_FORMAT, "the database is damaged: %s", sqlite3_errmsg(db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, E_CONFLICT, "the database is being written by another process");
	case SQLITE_FULL: return err_set(err, E_IO, "no space left to write the database");
	case SQLITE_CONSTRAINT: return err_set(err, E_CONFLICT, "%s", sqlite3_errmsg(db));
	case SQLITE_INTERRUPT: return err_set(err, E_CANCELED, "canceled");
	default:
		return err_set(err, E_IO, "database: %s%s%s", sqlite3_errmsg(db), cause ? ": " : "",
			       cause ? strerror(cause) : "");
	}
}

static const int flags[] = {
	[DATA_DB_READ] = SQLITE_OPEN_READONLY,
	[DATA_DB_WRITE] = SQLITE_OPEN_READWRITE,
	[DATA_DB_MEMORY] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY,
};

int data_db_open(const char *path, enum data_db_mode mode, sqlite3 **out, struct err *err)
{
	autosqlite sqlite3 *db = NULL;
	char settings[128];
	int rc = sqlite3_open_v2(path, &db, flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return db ? data_db_fail(db, err) : err_set(err, E_IO, "database: out of memory");
	sqlite3_busy_timeout(db, DB_BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_snprintf(sizeof(settings), settings, "PRAGMA cache_size=-%d;PRAGMA cell_size_check=1",
			 CACHE_KIB);
	sqlite3_exec(db, settings, NULL, NULL, NULL);
	*out = db;
	db = NULL;
	return 0;
}

void data_db_closep(sqlite3 **db)
{
	sqlite3_close(*db);
	*db = NULL;
}

int data_db_run(sqlite3 *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : data_db_fail(db, err);
}

int data_db_prepare(sqlite3 *db, struct str sql, sqlite3_stmt **out, struct err *err)
{
	return sqlite3_prepare_v2(db, sql.p, (int)sql.n, out, NULL) == SQLITE_OK ? 0 : data_db_fail(db, err);
}

void data_statement_endp(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
	*s = NULL;
}

int data_db_step(sqlite3 *db, sqlite3_stmt *s, struct err *err)
{
	int rc = sqlite3_step(s);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : data_db_fail(db, err);
}

int data_db_number(sqlite3 *db, const char *sql, int64_t *out, struct err *err)
{
	autostatement sqlite3_stmt *s = NULL;
	int got;

	TRY(data_db_prepare(db, str_of(sql), &s, err));
	got = data_db_step(db, s, err);
	if (got < 0)
		return got;
	*out = got ? sqlite3_column_int64(s, 0) : 0;
	return 0;
}

struct str data_column_text(sqlite3_stmt *s, int column)
{
	const unsigned char *p = sqlite3_column_text(s, column);

	return p ? (struct str){ (const char *)p, (size_t)sqlite3_column_bytes(s, column) }
		 : (struct str){ NULL, 0 };
}
