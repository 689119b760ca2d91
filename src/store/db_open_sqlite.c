/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a database file of store/db.h with SQLite: directory, pragmas, schema version, and reading without
 * any permission to write. Source: sqlite.org, "Write-Ahead Logging" section "Read-Only Databases"; "Uniform
 * Resource Identifiers", immutable. What one would get wrong: a WAL file cannot be read where its -shm cannot
 * be made, unless it is declared immutable, and then a -wal beside it is not looked at: that is right only
 * when the -wal is empty. */
#include "store/db_sqlite.h"

#include "base/arena.h"
#include "base/cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CACHE_KIB 1024
#define WAL_BYTES (4 * 1024 * 1024) /* checkpoint above this much */

static int make_directory(struct str dir, struct err *err)
{
	autoarena struct arena scratch = { 0 };

	for (size_t i = 1; i <= dir.n; i++) {
		const char *path;

		if (i < dir.n && dir.p[i] != '/')
			continue;
		path = str_copy(&scratch, str_sub(dir, 0, i)).p;
		if (mkdir(path, 0755) < 0 && errno != EEXIST && (i == dir.n || errno != EROFS))
			return err_set(err, E_IO, "directory %s: %m", path);
	}
	return 0;
}

/* "file:" and the path with what a URI gives a meaning to written as %XX. */
static const char *uri_of(struct arena *a, const char *path, const char *query)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, *path == '/' ? STR("file://") : STR("file:")); /* so that "//dir" is no host */
	for (const char *p = path; *p; p++) {
		if (*p == '%' || *p == '?' || *p == '#')
			put_bytes(&b, str_format(a, "%%%02X", (unsigned)*p));
		else
			put_u8(&b, (uint8_t)*p);
	}
	put_bytes(&b, str_of(query));
	return str_copy(a, buffer_str(&b)).p;
}

void db_shut_(struct db *db)
{
	for (size_t i = 0; i < db->prepared_count; i++)
		sqlite3_finalize(db->prepared[i].statement);
	db->prepared_count = 0;
	sqlite3_close(db->handle);
	db->handle = NULL;
}

/* Plain pragmas fail only where a later statement will fail with a better error. */
static void set_up(struct db *db)
{
	autoarena struct arena scratch = { 0 };
	unsigned page = db->schema->page_bytes;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(db->handle,
		     str_format(&scratch,
				"PRAGMA page_size=%u;PRAGMA auto_vacuum=%s;PRAGMA synchronous=NORMAL;"
				"PRAGMA cache_size=-%d;PRAGMA secure_delete=OFF;PRAGMA trusted_schema=OFF;"
				"PRAGMA journal_size_limit=%d;PRAGMA wal_autocheckpoint=%u",
				page, db->schema->gives_back ? "INCREMENTAL" : "NONE", CACHE_KIB, WAL_BYTES,
				WAL_BYTES / page)
			     .p,
		     NULL, NULL, NULL);
}

static int connect_to(struct db *db, int flags, const char *uri_query)
{
	autoarena struct arena scratch = { 0 };
	int rc;

	db_shut_(db);
	/* SQLITE_OPEN_NOMUTEX: db_lock is the lock */
	rc = sqlite3_open_v2(uri_of(&scratch, db->path, uri_query), &db->handle,
			     flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK)
		set_up(db);
	return rc;
}

struct identity {
	int64_t version, application, tables;
};

static int number_of(struct db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int identify(struct db *db, struct identity *out)
{
	int rc = number_of(db, "PRAGMA user_version", &out->version);

	if (rc == SQLITE_OK)
		rc = number_of(db, "PRAGMA application_id", &out->application);
	if (rc == SQLITE_OK)
		rc = number_of(db, "SELECT count(*) FROM sqlite_schema", &out->tables);
	return rc;
}

/* 1: the schema is current, 0: it is older or empty. */
static int judge(const struct db *db, const struct identity *id, struct err *err)
{
	const struct db_schema *s = db->schema;

	if (id->tables && id->application != s->application_id)
		return err_set(err, E_FORMAT, "%s is not %s of Clair: remove it and %s", db->path, s->file,
			       s->advice);
	if (id->version > s->migration_count)
		return err_set(err, E_CONFIG,
			       "%s has schema version %lld, this program knows %u: use a newer program",
			       db->path, (long long)id->version, s->migration_count);
	return id->version == s->migration_count;
}

static int sql_run(struct db *db, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_fail_(db, rc, err);
}

static int migrate_locked(struct db *db, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct identity id = { 0 };
	int rc = identify(db, &id);
	int current;

	if (rc != SQLITE_OK)
		return db_fail_(db, rc, err);
	current = judge(db, &id, err);
	if (current)
		return current;
	for (int64_t v = id.version; v < db->schema->migration_count; v++)
		TRY(sql_run(db, db->schema->migrations[v], err));
	return sql_run(db,
		       str_format(&scratch, "PRAGMA application_id=%u;PRAGMA user_version=%u",
				  db->schema->application_id, db->schema->migration_count)
			       .p,
		       err);
}

static int migrate(struct db *db, struct err *err)
{
	TRY(sql_run(db, "BEGIN IMMEDIATE", err));
	TRY(migrate_locked(db, err)); /* closing the handle rolls back */
	return sql_run(db, "COMMIT", err);
}

/* Two processes that make the same file at once: the change of mode needs the file alone, and SQLite does not
 * wait for that everywhere, so wait here. */
static int set_wal_mode(struct db *db, struct err *err)
{
	struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int rc = SQLITE_BUSY;

	for (int i = 0; i < DB_BUSY_MS / 20; i++) {
		rc = sqlite3_exec(db->handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
		if ((rc & 0xff) != SQLITE_BUSY)
			break;
		nanosleep(&pause, NULL);
	}
	return rc == SQLITE_OK ? 0 : db_fail_(db, rc, err);
}

static int open_writable(struct db *db, struct err *err)
{
	struct identity id = { 0 };
	int rc = connect_to(db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
	int current;

	if (rc == SQLITE_OK)
		rc = identify(db, &id);
	if (rc != SQLITE_OK)
		return db_fail_(db, rc, err);
	current = judge(db, &id, err);
	if (current < 0)
		return current;
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return err_set(err, E_IO, "%s: no permission to write", db->path);
	TRY(set_wal_mode(db, err));
	return current ? 0 : migrate(db, err);
}

static bool wal_is_empty(const struct db *db)
{
	autoarena struct arena scratch = { 0 };
	struct stat st;

	return stat(str_format(&scratch, "%s-wal", db->path).p, &st) < 0 || st.st_size == 0;
}

static bool may_lack_permission(int rc)
{
	int primary = rc & 0xff;

	return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM ||
	       primary == SQLITE_IOERR;
}

/* With locks and the writer's log when that is possible; else, when there is no log, the file as it lies
 * there. */
static int open_readable(struct db *db, struct err *err)
{
	struct identity id = { 0 };
	bool can_write = access(db->path, W_OK) == 0;
	int rc = connect_to(db, can_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, "");
	int current;

	db->immutable = false;
	if (rc == SQLITE_OK)
		rc = identify(db, &id);
	if (may_lack_permission(rc) && wal_is_empty(db)) {
		db->immutable = stat(db->path, &db->opened_as) == 0;
		rc = connect_to(db, SQLITE_OPEN_READONLY, "?immutable=1");
		if (rc == SQLITE_OK)
			rc = identify(db, &id);
	}
	if (may_lack_permission(rc) && !wal_is_empty(db))
		return err_set(err, E_IO,
			       "%s: its log (%s-wal) cannot be read without permission to write there: %s",
			       db->path, db->schema->file, "run any clair command once with that permission");
	if (rc != SQLITE_OK)
		return db_fail_(db, rc, err);
	current = judge(db, &id, err);
	if (current < 0)
		return current;
	if (!current && !id.tables)
		return err_set(err, E_NOTFOUND, "%s is empty: %s", db->path, db->schema->advice);
	if (!current)
		return err_set(err, E_CONFIG, "%s has schema version %lld, this program needs %u: %s",
			       db->path, (long long)id.version, db->schema->migration_count,
			       db->schema->advice);
	return sql_run(db, "PRAGMA query_only=1", err);
}

bool db_is_stale_(const struct db *db)
{
	const struct stat *was = &db->opened_as;
	struct stat is;

	return stat(db->path, &is) < 0 || is.st_ino != was->st_ino || is.st_size != was->st_size ||
	       is.st_mtim.tv_sec != was->st_mtim.tv_sec || is.st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}

int db_refresh_(struct db *db, struct err *err)
{
	return db_is_stale_(db) ? open_readable(db, err) : 0;
}

static int open_as(struct db *db, struct str dir, bool writable, struct err *err)
{
	if (writable) {
		TRY(make_directory(dir, err));
		return open_writable(db, err);
	}
	if (access(db->path, F_OK) < 0 && errno == ENOENT)
		return err_set(err, E_NOTFOUND, "%s does not exist: %s", db->path, db->schema->advice);
	return open_readable(db, err);
}

int db_open(struct str dir, const struct db_schema *schema, bool writable, struct db **out, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct db *db;
	int rc;

	if (dir.n == 0 || memchr(dir.p, '\0', dir.n))
		return err_set(err, E_CONFIG, "data directory: \"" STR_FMT "\" is not a path", STR_ARG(dir));
	db = calloc(1, sizeof(*db));
	if (!db)
		abort();
	db->schema = schema;
	db->path = strdup(str_format(&scratch, STR_FMT "/%s", STR_ARG(dir), schema->file).p);
	pthread_mutex_init(&db->mutex, NULL);
	rc = open_as(db, dir, writable, err);
	if (rc < 0) {
		db_close(db);
		return rc;
	}
	*out = db;
	return 0;
}
