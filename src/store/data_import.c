/* SPDX-License-Identifier: Apache-2.0 */
/* From a file to a database in force. What one would get wrong: right digests say that the bytes are those
 * that somebody wrote, not that he meant well. What he wrote must also be a sound database with exactly our
 * tables, before any of our questions is asked of it. */
#include "store/data.h"

#include "base/limits.h"
#include "store/data_delta.h"
#include "store/data_place.h"
#include "store/data_rows.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_SECONDS = 600, SPARE_BYTES = 16 * 1024 * 1024, PIECE = 256 * 1024 };

/* ---- one at a time ---- */

static int make_directory(const char *path, struct err *err)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : err_set(err, E_IO, "directory %s: %m", path);
}

int data_lock(struct task *task, struct str dir, int *out, struct err *err)
{
	const char *path = str_format(&task->arena, STR_FMT "/import.lock", STR_ARG(dir)).p;
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	autoclose int fd = -1;

	TRY(make_directory(str_copy(&task->arena, dir).p, err));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, E_IO, "%s: %m", path);
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK)
			return err_set(err, E_IO, "%s: %m", path);
		if (i > LOCK_SECONDS * 10)
			return err_set(err, E_CONFLICT, "another process is importing data: try again later");
		TRY(task_check(task, err));
		nanosleep(&pause, NULL);
	}
	*out = take_fd(&fd);
	return 0;
}

/* ---- the database as a file ---- */

struct import {
	struct task *task;
	struct str dir;
	const char *path; /* of the new file */
	struct data_head head;
};

static void forget_files(const struct import *i)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
	autoarena struct arena scratch = { 0 };

	for (size_t n = 0; n < sizeof(suffixes) / sizeof(suffixes[0]); n++)
		(void)unlink(str_format(&scratch, "%s%s", i->path, suffixes[n]).p);
}

/* The new file, and beside an old one as much again for the transaction's log. */
static int check_space(const struct import *i, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	uint64_t bytes = i->head.manifest.inflated.size_bytes, wanted = bytes + SPARE_BYTES, free;
	struct statvfs fs;

	if (access(str_format(&scratch, STR_FMT "/%s", STR_ARG(i->dir), schema_advisories.file).p, F_OK) == 0)
		wanted += bytes + bytes / 32;
	if (statvfs(str_copy(&scratch, i->dir).p, &fs) < 0)
		return err_set(err, E_IO, STR_FMT ": %m", STR_ARG(i->dir));
	free = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (free < wanted)
		return err_set(err, E_IO, STR_FMT ": %llu MiB are needed and %llu are free", STR_ARG(i->dir),
			       (unsigned long long)(wanted / MIB), (unsigned long long)(free / MIB));
	return 0;
}

int data_inflate(struct task *task, const struct data_head *h, int from, const char *path, struct err *err)
{
	autopayload struct data_payload *payload = NULL;
	autoclose int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	char *buf = arena_alloc_raw(&task->arena, PIECE);
	ssize_t n;

	if (to < 0)
		return err_set(err, E_IO, "%s: %m", path);
	TRY(data_payload_open(from, h, &payload, err));
	while ((n = reader_read(data_payload_reader(payload), buf, PIECE, err)) > 0) {
		TRY(task_check(task, err));
		if (fd_write_all(to, buf, (size_t)n, err) < 0)
			return err_wrap(err, "%s", path);
	}
	return (int)n;
}

static int check_structure(sqlite3 *db, struct err *err)
{
	autostatement sqlite3_stmt *s = NULL;
	int64_t size;
	int got;

	TRY(data_db_number(db, "PRAGMA page_size", &size, err));
	if (size != schema_advisories.page_bytes)
		return err_set(err, E_FORMAT, "the database has pages of %lld bytes, not %u", (long long)size,
			       schema_advisories.page_bytes);
	TRY(data_db_prepare(db, STR("PRAGMA quick_check(1)"), &s, err));
	got = data_db_step(db, s, err);
	if (got < 0)
		return got;
	if (!got || !str_eq(data_column_text(s, 0), STR("ok")))
		return err_set(err, E_FORMAT, "the database is damaged: %.200s",
			       got ? (const char *)sqlite3_column_text(s, 0) : "");
	return 0;
}

static int check_database(const struct import *i, struct err *err)
{
	const struct data_manifest *m = &i->head.manifest;
	autosqlite sqlite3 *db = NULL;

	TRY(data_db_open(i->path, DATA_DB_WRITE, &db, err));
	TRY(data_schema_check(db, m->schema, err));
	TRY(data_db_run(db, "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF", err));
	TRY(check_structure(db, err));
	TRY(data_db_run(db, "DELETE FROM lease", err));
	return data_schema_migrate(db, m->schema, err);
}

/* ---- all of it ---- */

static int read_head(struct import *i, int fd, const struct data_trust *trust, struct err *err)
{
	struct fd_reader file;

	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(data_head_read(&i->task->arena, &file.reader, &i->head, err));
	TRY(data_head_check(&i->head, trust, err));
	if (i->head.manifest.schema > schema_advisories.migration_count)
		return err_set(err, E_CONFIG,
			       "the data have schema version %u, this program knows %u: use a newer program",
			       i->head.manifest.schema, schema_advisories.migration_count);
	return 0;
}

int data_import(struct task *task, struct str dir, int fd, const struct data_trust *trust,
		struct data_manifest *out, struct err *err)
{
	struct import i = { .task = task, .dir = dir };
	int rc;

	TRY(read_head(&i, fd, trust, err));
	if (i.head.manifest.kind == DATA_DELTA)
		return data_delta_apply(task, dir, fd, trust, out, err);
	i.path = str_format(&task->arena, STR_FMT "/advisories.new", STR_ARG(dir)).p;
	forget_files(&i);
	TRY(check_space(&i, err));
	rc = data_inflate(task, &i.head, fd, i.path, err);
	if (rc == 0)
		rc = check_database(&i, err);
	if (rc == 0)
		rc = data_place(task, dir, i.path, err);
	forget_files(&i);
	TRY(rc);
	*out = i.head.manifest;
	return 0;
}
