/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a database out of a store. Source: sqlite.org, "VACUUM", section "VACUUM with an INTO clause". What
 * one would get wrong: the copy says nothing of this machine. Who updates what, what failed here, and stamps
 * of local feed files (fetch.c writes "file:..." as the second line of a fingerprint) mean nothing elsewhere.
 */
#include "store/data.h"

#include "base/time.h"
#include "store/data_pack.h"
#include "store/data_rows.h"
#include "store/schema.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WITHOUT_STAMP "CASE WHEN instr(fingerprint, char(10) || 'file:') THEN '' ELSE fingerprint END"
#define FORGET                                                                                               \
	"PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF;"                                                    \
	"DELETE FROM lease;"                                                                                 \
	"UPDATE updater SET last_attempt = last_success, last_error = '', revision = 0,"                     \
	" fingerprint = " WITHOUT_STAMP ";"                                                                  \
	"UPDATE update_operation SET fingerprint = " WITHOUT_STAMP

int data_copy_database(struct str dir, const char *path, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	const char *from = str_format(&scratch, STR_FMT "/%s", STR_ARG(dir), schema_advisories.file).p;
	autosqlite sqlite3 *db = NULL;
	autostatement sqlite3_stmt *s = NULL;

	TRY(data_db_open(from, DATA_DB_READ, &db, err));
	TRY(data_db_prepare(db, STR("VACUUM INTO ?1"), &s, err));
	sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
	return data_db_step(db, s, err);
}

static int read_updaters(struct arena *a, sqlite3 *db, struct data_manifest *m, struct err *err)
{
	autostatement sqlite3_stmt *s = NULL;
	int got;

	TRY(data_db_prepare(
		db,
		STR("SELECT name, valid, enrichments, changed_at, last_success FROM updater ORDER BY name"),
		&s, err));
	while ((got = data_db_step(db, s, err)) > 0)
		VEC_PUSH(a, &m->updaters,
			 ((struct data_updater){ str_copy(a, data_column_text(s, 0)),
						 (uint64_t)sqlite3_column_int64(s, 1),
						 (uint64_t)sqlite3_column_int64(s, 2),
						 sqlite3_column_int64(s, 3), sqlite3_column_int64(s, 4) }));
	return got;
}

static int describe(struct task *task, const char *path, struct data_manifest *m, struct err *err)
{
	autosqlite sqlite3 *db = NULL;
	data_tables tables = { 0 };
	char content[72];

	*m = (struct data_manifest){ .program = STR(CLAIR_VERSION),
				     .schema = schema_advisories.migration_count,
				     .created = time_now() };
	TRY(data_db_open(path, DATA_DB_WRITE, &db, err));
	TRY(data_db_run(db, FORGET, err));
	TRY(data_schema_check(db, m->schema, err));
	TRY(data_tables_of(&task->arena, m->schema, &tables, err));
	TRY(data_content(task, db, &tables, content, err));
	m->content = str_copy(&task->arena, str_of(content));
	return read_updaters(&task->arena, db, m, err);
}

int data_copy_open(struct task *task, struct str dir, const char *beside, struct data_copy *out,
		   struct err *err)
{
	autoadvisories struct advisory_store *store = NULL;
	autocopy struct data_copy c = { 0 };
	autoclose int fd = -1;

	TRY(advisories_open(dir, STORE_READ, &store, err)); /* there, and of our schema */
	c.path = strdup(str_format(&task->arena, "%s.XXXXXX", beside).p);
	if (!c.path)
		abort();
	fd = mkostemp(c.path, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, E_IO, "%s: %m", beside);
	TRY(data_copy_database(dir, c.path, err));
	TRY(describe(task, c.path, &c.manifest, err));
	*out = c;
	c.path = NULL;
	return 0;
}

void data_copy_close(struct data_copy *c)
{
	if (c->path)
		(void)unlink(c->path);
	free(c->path);
	c->path = NULL;
}

static int pass_on(struct task *task, int fd, struct writer *to, struct err *err)
{
	struct fd_reader from;
	enum { PIECE = 256 * 1024 };
	char *buf = arena_alloc_raw(&task->arena, PIECE);
	ssize_t n;

	fd_reader_open(&from, fd, 0, UINT64_MAX);
	while ((n = reader_read(&from.reader, buf, PIECE, err)) > 0) {
		TRY(task_check(task, err));
		TRY(to->write(to, buf, (size_t)n, err));
	}
	return (int)n;
}

int data_copy_pack(struct task *task, const struct data_copy *c, struct str sign_key, int fd,
		   struct data_packed *out, struct err *err)
{
	autopacker struct data_packer *packer = NULL;
	autoclose int database = open(c->path, O_RDONLY | O_CLOEXEC);

	if (database < 0)
		return err_set(err, E_IO, "%s: %m", c->path);
	TRY(data_packer_open(fd, &c->manifest, sign_key, &packer, err));
	TRY(pass_on(task, database, data_packer_writer(packer), err));
	return data_packer_end(packer, &task->arena, out, err);
}
