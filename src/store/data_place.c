/* SPDX-License-Identifier: Apache-2.0 */
/* A new database in the place of the old one. Source: sqlite.org, "Online Backup API", "How To Corrupt An
 * SQLite Database File", section 1.4 "Unlinking or renaming a database file while in use". What one would get
 * wrong: a rename puts a new file beside the old one's log. Who opened the old file goes on writing to a log
 * that the next who opens takes for the new file's. So a file is only renamed to where there is none; else
 * its pages are written over those of the old one in one transaction of SQLite, which readers, writers,
 * crashes and full disks respect. */
#include "store/data_place.h"

#include "base/io.h"
#include "store/advisories.h"
#include "store/process.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PIECE_PAGES = 4096, CHECKPOINT_MS = 2000 };

/* ---- what is there ---- */

int data_check_leases(sqlite3 *db, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autostatement sqlite3_stmt *s = NULL;
	const struct process self = process_self(&scratch);
	int got;

	TRY(data_db_prepare(db,
			    STR("SELECT updater, host, pid, started FROM lease WHERE expires > unixepoch() "
				"ORDER BY updater"),
			    &s, err));
	while ((got = data_db_step(db, s, err)) > 0) {
		const struct process holder = { str_copy(&scratch, data_column_text(s, 1)),
						sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3) };

		if (process_may_run(&self, &holder))
			return err_set(err, E_CONFLICT,
				       "process %lld is updating " STR_FMT ": try again when it is done",
				       (long long)holder.pid, STR_ARG(data_column_text(s, 0)));
	}
	return got;
}

int data_generation(sqlite3 *db, int64_t *out, struct err *err)
{
	return data_db_number(db,
			      "SELECT max(id) FROM (SELECT id FROM generation UNION ALL"
			      " SELECT id FROM update_operation)",
			      out, err);
}

int data_generation_raise(sqlite3 *db, int64_t above, struct err *err)
{
	autostatement sqlite3_stmt *s = NULL;
	int64_t own;

	TRY(data_generation(db, &own, err));
	TRY(data_db_prepare(db, STR("UPDATE generation SET id = ?1 + (kind = 'enrichment')"), &s, err));
	sqlite3_bind_int64(s, 1, (own > above ? own : above) + 1);
	return data_db_step(db, s, err);
}

/* ---- where there is none ---- */

static int sync_directory(struct str dir, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autoclose int fd = open(str_copy(&scratch, dir).p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0 ? 0 : err_set(err, E_IO, STR_FMT ": %m", STR_ARG(dir));
}

/* In the mode that the store keeps its files in, so that the first who opens it need not change it. */
static int make_ready(const char *path, struct err *err)
{
	autosqlite sqlite3 *db = NULL;
	autoclose int fd = -1;

	TRY(data_db_open(path, DATA_DB_WRITE, &db, err));
	TRY(data_db_run(db, "PRAGMA journal_mode=WAL", err));
	data_db_closep(&db);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? 0 : err_set(err, E_IO, "%s: %m", path);
}

/* 1: done, 0: there is a file now. */
static int move_into(struct str dir, const char *path, const char *to, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	int rc;

	if (access(to, F_OK) == 0)
		return 0;
	TRY(make_ready(path, err));
	/* what an earlier database may have left when it was removed by hand */
	(void)unlink(str_format(&scratch, "%s-wal", to).p);
	(void)unlink(str_format(&scratch, "%s-shm", to).p);
	rc = renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE);
	if (rc < 0 && (errno == EINVAL || errno == ENOSYS))
		rc = rename(path, to); /* a file system without it; the lock keeps others of our kind away */
	if (rc < 0 && errno == EEXIST)
		return 0;
	if (rc < 0)
		return err_set(err, E_IO, "%s: %m", to);
	TRY(sync_directory(dir, err));
	return 1;
}

/* ---- where there is one ---- */

struct replacing {
	sqlite3 *from, *to;
	sqlite3_backup *backup;
};

static void replacing_endp(struct replacing *r)
{
	if (r->backup)
		sqlite3_backup_finish(r->backup); /* not complete: rolled back */
	data_db_closep(&r->from);
	data_db_closep(&r->to);
}
#define autoreplacing __attribute__((cleanup(replacing_endp)))

static int step(struct replacing *r, int pages, struct err *err)
{
	int rc = sqlite3_backup_step(r->backup, pages);

	if (rc == SQLITE_OK || rc == SQLITE_DONE)
		return rc == SQLITE_OK;
	if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
		return err_set(err, E_CONFLICT, "the data are being written by another process");
	if ((rc & 0xff) == SQLITE_READONLY)
		return err_set(err, E_FORMAT,
			       "the data have pages of another size than those that are there");
	return err_set(err, E_IO, "writing the data: %s%s", sqlite3_errstr(rc),
		       (rc & 0xff) == SQLITE_FULL ? ": no space left" : "");
}

/* Under the write lock: nobody updates, and what comes is numbered behind what was. */
static int settle(struct replacing *r, const char *to, struct err *err)
{
	autosqlite sqlite3 *there = NULL;
	int64_t was;

	TRY(data_db_open(to, DATA_DB_READ, &there, err));
	TRY(data_check_leases(there, err));
	TRY(data_generation(there, &was, err));
	return data_generation_raise(r->from, was, err);
}

static int copy_pages(struct task *task, struct replacing *r, struct err *err)
{
	int more;

	do {
		TRY(task_check(task, err));
		more = step(r, PIECE_PAGES, err);
	} while (more > 0);
	TRY(more);
	if (sqlite3_backup_finish(r->backup) != SQLITE_OK) {
		r->backup = NULL;
		return data_db_fail(r->to, err);
	}
	r->backup = NULL;
	return 0;
}

static int overwrite(struct task *task, const char *path, const char *to, struct err *err)
{
	autoreplacing struct replacing r = { 0 };

	TRY(data_db_open(path, DATA_DB_WRITE, &r.from, err));
	TRY(data_db_run(r.from, "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF", err));
	TRY(data_db_open(to, DATA_DB_WRITE, &r.to, err));
	TRY(data_db_run(r.to, "PRAGMA synchronous=NORMAL", err));
	r.backup = sqlite3_backup_init(r.to, "main", r.from, "main");
	if (!r.backup)
		return data_db_fail(r.to, err);
	TRY(step(&r, 0, err)); /* takes the write lock */
	TRY(settle(&r, to, err));
	TRY(copy_pages(task, &r, err));
	sqlite3_busy_timeout(r.to,
			     CHECKPOINT_MS); /* whoever reads on keeps the log; the next writer tries again */
	(void)sqlite3_wal_checkpoint_v2(r.to, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return 0;
}

int data_place(struct task *task, struct str dir, const char *path, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	const char *to = str_format(&scratch, STR_FMT "/%s", STR_ARG(dir), schema_advisories.file).p;
	struct advisory_store *store = NULL;
	int moved = move_into(dir, path, to, err);

	if (moved)
		return moved < 0 ? moved : 0;
	TRY(advisories_open(dir, STORE_WRITE, &store, err)); /* brings it to our schema */
	advisories_close(store);
	return overwrite(task, path, to, err);
}
