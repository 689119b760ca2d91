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

#define CACHE_KIB 1024 /* of a program for one user */
#define CACHE_MANY_KIB 4096 /* of each connection, where there are many */
#define MAP_BYTES (UINT64_C(1) << 30) /* there, of a file that never shrinks */
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

static void shut(struct sqlite_connection *c)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(c->statements.slots[i].statement);
	c->statements = (struct db_statements){ 0 };
	sqlite3_close(c->handle);
	c->handle = NULL;
}

/* Plain pragmas fail only where a later statement will fail with a better error. */
static void set_up(struct sqlite_connection *c)
{
	autoarena struct arena scratch = { 0 };
	const struct db_pool *pool = c->base.pool;
	unsigned page = pool->schema->page_bytes;
	bool is_many = pool->limit > 1;

	sqlite3_extended_result_codes(c->handle, 1);
	sqlite3_busy_timeout(c->handle, DB_BUSY_MS);
	sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(c->handle,
		     str_format(&scratch,
				"PRAGMA page_size=%u;PRAGMA auto_vacuum=%s;PRAGMA synchronous=NORMAL;"
				"PRAGMA cache_size=-%d;PRAGMA mmap_size=%llu;PRAGMA secure_delete=OFF;PRAGMA "
				"trusted_schema=OFF;"
				"PRAGMA journal_size_limit=%d;PRAGMA wal_autocheckpoint=%u",
				page, pool->schema->gives_back ? "INCREMENTAL" : "NONE",
				is_many ? CACHE_MANY_KIB : CACHE_KIB,
				(unsigned long long)(is_many && !pool->schema->gives_back ? MAP_BYTES : 0),
				WAL_BYTES, WAL_BYTES / page)
			     .p,
		     NULL, NULL, NULL);
}

static int connect_to(struct sqlite_connection *c, int flags, const char *uri_query)
{
	autoarena struct arena scratch = { 0 };
	int rc;

	shut(c);
	/* SQLITE_OPEN_NOMUTEX: db_lock is the lock */
	rc = sqlite3_open_v2(uri_of(&scratch, c->path, uri_query), &c->handle,
			     flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK)
		set_up(c);
	return rc;
}

struct identity {
	int64_t version, application, tables;
};

static int number_of(struct sqlite_connection *c, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(c->handle, sql, -1, &s, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int identify(struct sqlite_connection *c, struct identity *out)
{
	int rc = number_of(c, "PRAGMA user_version", &out->version);

	if (rc == SQLITE_OK)
		rc = number_of(c, "PRAGMA application_id", &out->application);
	if (rc == SQLITE_OK)
		rc = number_of(c, "SELECT count(*) FROM sqlite_schema", &out->tables);
	return rc;
}

/* 1: the schema is current, 0: it is older or empty. */
static int judge(const struct sqlite_connection *c, const struct identity *id, struct err *err)
{
	const struct db_schema *s = c->base.pool->schema;

	if (id->tables && id->application != s->application_id)
		return err_set(err, E_FORMAT, "%s is not %s of Clair: remove it and %s", c->path, s->file,
			       s->advice);
	if (id->version > s->migration_count)
		return err_set(err, E_CONFIG,
			       "%s has schema version %lld, this program knows %u: use a newer program",
			       c->path, (long long)id->version, s->migration_count);
	return id->version == s->migration_count;
}

static int sql_run(struct sqlite_connection *c, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sqlite_fail_(c, rc, err);
}

static int migrate_locked(struct sqlite_connection *c, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct identity id = { 0 };
	int rc = identify(c, &id);
	int current;

	if (rc != SQLITE_OK)
		return sqlite_fail_(c, rc, err);
	current = judge(c, &id, err);
	if (current)
		return current;
	for (int64_t v = id.version; v < c->base.pool->schema->migration_count; v++)
		TRY(sql_run(c, c->base.pool->schema->migrations[v], err));
	return sql_run(c,
		       str_format(&scratch, "PRAGMA application_id=%u;PRAGMA user_version=%u",
				  c->base.pool->schema->application_id, c->base.pool->schema->migration_count)
			       .p,
		       err);
}

static int migrate(struct sqlite_connection *c, struct err *err)
{
	TRY(sql_run(c, "BEGIN IMMEDIATE", err));
	TRY(migrate_locked(c, err)); /* closing the handle rolls back */
	return sql_run(c, "COMMIT", err);
}

/* Two processes that make the same file at once: the change of mode needs the file alone, and SQLite does not
 * wait for that everywhere, so wait here. */
static int set_wal_mode(struct sqlite_connection *c, struct err *err)
{
	struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int rc = SQLITE_BUSY;

	for (int i = 0; i < DB_BUSY_MS / 20; i++) {
		rc = sqlite3_exec(c->handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
		if ((rc & 0xff) != SQLITE_BUSY)
			break;
		nanosleep(&pause, NULL);
	}
	return rc == SQLITE_OK ? 0 : sqlite_fail_(c, rc, err);
}

static int open_writable(struct sqlite_connection *c, struct err *err)
{
	struct identity id = { 0 };
	int rc = connect_to(c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
	int current;

	if (rc == SQLITE_OK)
		rc = identify(c, &id);
	if (rc != SQLITE_OK)
		return sqlite_fail_(c, rc, err);
	current = judge(c, &id, err);
	if (current < 0)
		return current;
	if (!current && id.tables && c->base.pool->no_migration)
		return err_set(
			err, E_CONFIG,
			"%s has schema version %lld, this program needs %u, and migrations are switched "
			"off: start one program with migrations",
			c->path, (long long)id.version, c->base.pool->schema->migration_count);
	if (sqlite3_db_readonly(c->handle, "main") == 1)
		return err_set(err, E_IO, "%s: no permission to write", c->path);
	TRY(set_wal_mode(c, err));
	return current ? 0 : migrate(c, err);
}

static bool wal_is_empty(const struct sqlite_connection *c)
{
	autoarena struct arena scratch = { 0 };
	struct stat st;

	return stat(str_format(&scratch, "%s-wal", c->path).p, &st) < 0 || st.st_size == 0;
}

static bool may_lack_permission(int rc)
{
	int primary = rc & 0xff;

	return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM ||
	       primary == SQLITE_IOERR;
}

/* With locks and the writer's log when that is possible; else, when there is no log, the file as it lies
 * there. */
static int open_readable(struct sqlite_connection *c, struct err *err)
{
	struct identity id = { 0 };
	bool can_write = access(c->path, W_OK) == 0;
	int rc = connect_to(c, can_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, "");
	int current;

	c->immutable = false;
	if (rc == SQLITE_OK)
		rc = identify(c, &id);
	if (may_lack_permission(rc) && wal_is_empty(c)) {
		c->immutable = stat(c->path, &c->opened_as) == 0;
		rc = connect_to(c, SQLITE_OPEN_READONLY, "?immutable=1");
		if (rc == SQLITE_OK)
			rc = identify(c, &id);
	}
	if (may_lack_permission(rc) && !wal_is_empty(c))
		return err_set(err, E_IO,
			       "%s: its log (%s-wal) cannot be read without permission to write there: %s",
			       c->path, c->base.pool->schema->file,
			       "run any clair command once with that permission");
	if (rc != SQLITE_OK)
		return sqlite_fail_(c, rc, err);
	current = judge(c, &id, err);
	if (current < 0)
		return current;
	if (!current && !id.tables)
		return err_set(err, E_NOTFOUND, "%s is empty: %s", c->path, c->base.pool->schema->advice);
	if (!current)
		return err_set(err, E_CONFIG, "%s has schema version %lld, this program needs %u: %s",
			       c->path, (long long)id.version, c->base.pool->schema->migration_count,
			       c->base.pool->schema->advice);
	return sql_run(c, "PRAGMA query_only=1", err);
}

bool sqlite_is_stale_(const struct sqlite_connection *c)
{
	const struct stat *was = &c->opened_as;
	struct stat is;

	return stat(c->path, &is) < 0 || is.st_ino != was->st_ino || is.st_size != was->st_size ||
	       is.st_mtim.tv_sec != was->st_mtim.tv_sec || is.st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}

int sqlite_refresh_(struct sqlite_connection *c, struct err *err)
{
	return sqlite_is_stale_(c) ? open_readable(c, err) : 0;
}

static int open_as(struct sqlite_connection *c, bool writable, struct err *err)
{
	const char *path = c->path, *slash = strrchr(path, '/');

	if (writable) {
		TRY(make_directory((struct str){ path, (size_t)(slash - path) }, err));
		return open_writable(c, err);
	}
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return err_set(err, E_NOTFOUND, "%s does not exist: %s", path, c->base.pool->schema->advice);
	return open_readable(c, err);
}

void sqlite_disconnect_(struct db_connection *base)
{
	struct sqlite_connection *c = (struct sqlite_connection *)base;

	shut(c);
	free(c);
}

int sqlite_connect_(struct db_pool *pool, struct db_connection **out, struct err *err)
{
	struct sqlite_connection *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		abort();
	c->base.pool = pool;
	c->path = pool->place;
	rc = open_as(c, pool->writable, err);
	if (rc < 0)
		sqlite_disconnect_(&c->base);
	else
		*out = &c->base;
	return rc;
}

int sqlite_open_(struct db_pool *pool, struct db_connection **first, struct err *err)
{
	if (pool->limit == 0)
		pool->limit = db_connections;
	pool->label = strdup(pool->place);
	if (!pool->label)
		abort();
	return sqlite_connect_(pool, first, err);
}
