/* SPDX-License-Identifier: Apache-2.0 */
/* Changes between two prebuilt databases, as rows. Format: docs/formats/data-file.md. Both are walked table
 * by table in the order of their keys, side by side, so nothing is held in memory. What one would get wrong:
 * a row is compared as a whole, not by what an update would change; so a delta is right whatever made the
 * difference, and the digest of all rows at its end says that it was. */
#include "store/data_delta.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "store/data_place.h"
#include "store/data_rows.h"
#include "store/schema.h"

#include <stdlib.h>
#include <unistd.h>

enum change { CHANGE_DELETE = 1, CHANGE_PUT = 2 };

/* A database in a file of its own, beside the one of the store. */
struct scratch_file {
	const char *path;
};

static void scratch_endp(struct scratch_file *f)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
	autoarena struct arena a = { 0 };

	for (size_t i = 0; f->path && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		(void)unlink(str_format(&a, "%s%s", f->path, suffixes[i]).p);
}
#define autoscratch __attribute__((cleanup(scratch_endp)))

/* ---- writing ---- */

struct differ {
	struct task *task;
	struct writer *to;
	struct buffer was, is; /* rows, encoded */
};

static int write_record(struct differ *d, size_t table, enum change change, const struct buffer *row,
			struct err *err)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };

	if (row->n > LIMIT_DATA_ROW_BYTES)
		return err_set(err, E_LIMIT, "a row of the data has %zu bytes, limit %llu", row->n,
			       LIMIT_DATA_ROW_BYTES);
	put_le32(&b, (uint32_t)(row->n + 2));
	put_u8(&b, (uint8_t)table);
	put_u8(&b, (uint8_t)change);
	put_bytes(&b, buffer_str(row));
	return writer_str(d->to, buffer_str(&b), err);
}

static int rank(int type)
{
	return type == SQLITE_NULL ? 0 : type == SQLITE_INTEGER ? 1 : type == SQLITE_TEXT ? 2 : 3;
}

/* As SQLite orders a key. */
static int compare_values(sqlite3_stmt *x, sqlite3_stmt *y, int i)
{
	int a = rank(sqlite3_column_type(x, i)), b = rank(sqlite3_column_type(y, i));
	sqlite3_int64 m, n;

	if (a != b || a == 0)
		return (a > b) - (a < b);
	if (a > 1)
		return str_cmp(data_column_text(x, i), data_column_text(y, i));
	m = sqlite3_column_int64(x, i);
	n = sqlite3_column_int64(y, i);
	return (m > n) - (m < n);
}

static int compare_keys(sqlite3_stmt *x, sqlite3_stmt *y, unsigned keys)
{
	int c = 0;

	for (unsigned i = 0; c == 0 && i < keys; i++)
		c = compare_values(x, y, (int)i);
	return c;
}

static int encode(struct buffer *b, sqlite3_stmt *s, unsigned columns, struct err *err)
{
	b->n = 0;
	return data_row_encode(s, columns, b, err);
}

/* Which of the two is to be read on: < 0 the earlier, > 0 the later, 0 both. */
static int write_difference(struct differ *d, size_t table, const struct data_table *t, sqlite3_stmt *was,
			    sqlite3_stmt *is, int *side, struct err *err)
{
	*side = !was ? 1 : !is ? -1 : compare_keys(was, is, t->keys);
	if (*side < 0) {
		TRY(encode(&d->was, was, t->keys, err));
		return write_record(d, table, CHANGE_DELETE, &d->was, err);
	}
	TRY(encode(&d->is, is, t->count, err));
	if (*side == 0) {
		TRY(encode(&d->was, was, t->count, err));
		if (str_eq(buffer_str(&d->was), buffer_str(&d->is)))
			return 0;
	}
	return write_record(d, table, CHANGE_PUT, &d->is, err);
}

static int write_table(struct differ *d, size_t table, const struct data_table *t, sqlite3 *from, sqlite3 *to,
		       struct err *err)
{
	autostatement sqlite3_stmt *was = NULL, *is = NULL;
	int more_was, more_is, side;

	TRY(data_db_prepare(from, t->select, &was, err));
	TRY(data_db_prepare(to, t->select, &is, err));
	more_was = data_db_step(from, was, err);
	more_is = data_db_step(to, is, err);
	while (more_was > 0 || more_is > 0) {
		TRY(more_was < 0 ? more_was : more_is);
		TRY(write_difference(d, table, t, more_was ? was : NULL, more_is ? is : NULL, &side, err));
		if (side <= 0)
			more_was = data_db_step(from, was, err);
		if (side >= 0)
			more_is = data_db_step(to, is, err);
		TRY(task_check(d->task, err));
	}
	return more_was < 0 ? more_was : more_is;
}

static int write_changes(struct task *task, const char *from, const char *to, struct writer *out,
			 struct err *err)
{
	autoarena struct arena a = { 0 };
	struct differ d = { task, out, { .arena = &a }, { .arena = &a } };
	autosqlite sqlite3 *was = NULL, *is = NULL;
	data_tables tables = { 0 };

	TRY(data_db_open(from, DATA_DB_READ, &was, err));
	TRY(data_db_open(to, DATA_DB_READ, &is, err));
	TRY(data_tables_of(&a, schema_advisories.migration_count, &tables, err));
	for (size_t i = 0; i < tables.n; i++)
		TRY(write_table(&d, i, &tables.p[i], was, is, err));
	return 0;
}

int data_delta_pack(struct task *task, int fd, const struct data_head *from, const struct data_copy *c,
		    struct str sign_key, int to, struct data_packed *out, struct err *err)
{
	autoscratch struct scratch_file was = { 0 };
	autopacker struct data_packer *packer = NULL;
	struct data_manifest m = c->manifest;

	if (from->manifest.kind != DATA_FULL || from->manifest.schema != m.schema)
		return err_set(err, E_CONFLICT, "the earlier export has another schema");
	m.kind = DATA_DELTA;
	m.from = from->manifest.content;
	was.path = str_format(&task->arena, "%s.was", c->path).p;
	TRY(data_inflate(task, from, fd, was.path, err));
	TRY(data_packer_open(to, &m, sign_key, &packer, err));
	TRY(write_changes(task, was.path, c->path, data_packer_writer(packer), err));
	return data_packer_end(packer, &task->arena, out, err);
}

/* ---- applying ---- */

struct applied_table {
	const struct data_table *table;
	sqlite3_stmt *put, *erase;
};

struct applier {
	struct task *task;
	sqlite3 *db;
	struct applied_table *tables;
	size_t n;
};

static void applier_endp(struct applier *p)
{
	for (size_t i = 0; p->tables && i < p->n; i++) {
		sqlite3_finalize(p->tables[i].put);
		sqlite3_finalize(p->tables[i].erase);
	}
}
#define autoapplier __attribute__((cleanup(applier_endp)))

static int prepare_table(struct applier *p, struct applied_table *t, struct err *err)
{
	autoarena struct arena a = { 0 };
	struct buffer put = { .arena = &a }, erase = { .arena = &a };
	struct str columns = t->table->columns, column;

	put_bytes(&put, str_format(&a, "INSERT OR REPLACE INTO " STR_FMT "(" STR_FMT ") VALUES(",
				   STR_ARG(t->table->name), STR_ARG(columns)));
	put_bytes(&erase, str_format(&a, "DELETE FROM " STR_FMT " WHERE ", STR_ARG(t->table->name)));
	for (unsigned i = 0; i < t->table->count; i++) {
		str_cut(columns, ',', &column, &columns);
		put_bytes(&put, str_format(&a, "%s?%u", i ? ", " : "", i + 1));
		if (i < t->table->keys)
			put_bytes(&erase, str_format(&a, "%s" STR_FMT " = ?%u", i ? " AND " : "",
						     STR_ARG(str_trim(column)), i + 1));
	}
	put_bytes(&put, STR(")"));
	TRY(data_db_prepare(p->db, buffer_str(&put), &t->put, err));
	return data_db_prepare(p->db, buffer_str(&erase), &t->erase, err);
}

static int wrong(struct err *err)
{
	return err_set(err, E_FORMAT, "the changes are damaged");
}

static int apply_record(struct applier *p, struct str record, struct err *err)
{
	struct cursor c = cursor_of(record);
	uint8_t table = get_u8(&c), change = get_u8(&c);
	const struct applied_table *t;
	sqlite3_stmt *s;
	int rc;

	if (c.bad || table >= p->n || (change != CHANGE_DELETE && change != CHANGE_PUT))
		return wrong(err);
	t = &p->tables[table];
	s = change == CHANGE_PUT ? t->put : t->erase;
	if (!data_row_bind(s, change == CHANGE_PUT ? t->table->count : t->table->keys, &c) || cursor_left(&c))
		return wrong(err);
	rc = data_db_step(p->db, s, err);
	sqlite3_reset(s);
	return rc;
}

struct record {
	struct arena arena;
	char *p;
	size_t n, cap;
};

static void make_room(struct record *r, size_t n)
{
	r->n = n;
	if (n <= r->cap)
		return;
	arena_reset(&r->arena);
	r->cap = n + n / 2;
	r->p = arena_alloc_raw(&r->arena, r->cap);
}

static int read_record(struct reader *in, struct record *r, struct err *err)
{
	unsigned char raw[4];
	struct cursor c = { raw, raw + sizeof(raw), false };
	int got = reader_full(in, raw, sizeof(raw), err);
	uint32_t n;

	if (got <= 0)
		return got;
	n = get_le32(&c);
	if (n == 0 || n > LIMIT_DATA_ROW_BYTES)
		return err_set(err, E_LIMIT, "a row of the changes has %u bytes, limit %llu", n,
			       LIMIT_DATA_ROW_BYTES);
	make_room(r, n);
	got = reader_full(in, r->p, n, err);
	return got == 0 ? wrong(err) : got;
}

static int apply_records(struct applier *p, struct reader *in, struct err *err)
{
	struct record record = { 0 };
	int more;

	while ((more = read_record(in, &record, err)) > 0) {
		more = apply_record(p, (struct str){ record.p, record.n }, err);
		if (more == 0)
			more = task_check(p->task, err);
		if (more < 0)
			break;
	}
	arena_reset(&record.arena);
	return more;
}

static int check_content(struct task *task, sqlite3 *db, const data_tables *tables, struct str wanted,
			 struct err *err)
{
	char content[72];

	TRY(data_content(task, db, tables, content, err));
	return str_eq(str_of(content), wanted)
		       ? 0
		       : err_set(err, E_CONFLICT,
				 "the changes do not lead from what is there to what they promise");
}

static int apply(struct task *task, const char *path, const struct data_head *h, int fd, struct err *err)
{
	autosqlite sqlite3 *db = NULL;
	autopayload struct data_payload *payload = NULL;
	data_tables tables = { 0 };
	autoapplier struct applier p = { .task = task };

	TRY(data_db_open(path, DATA_DB_WRITE, &db, err));
	TRY(data_db_run(db, "PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF;BEGIN", err));
	TRY(data_tables_of(&task->arena, h->manifest.schema, &tables, err));
	p.db = db;
	p.n = tables.n;
	p.tables = ARENA_ARRAY(&task->arena, struct applied_table, tables.n);
	for (size_t i = 0; i < tables.n; i++) {
		p.tables[i].table = &tables.p[i];
		TRY(prepare_table(&p, &p.tables[i], err));
	}
	TRY(data_payload_open(fd, h, &payload, err));
	TRY(apply_records(&p, data_payload_reader(payload), err));
	TRY(check_content(task, db, &tables, h->manifest.content, err));
	applier_endp(&p);
	p.tables = NULL;
	return data_db_run(db, "COMMIT", err);
}

static int read_delta(struct task *task, int fd, const struct data_trust *trust, struct data_head *out,
		      struct err *err)
{
	struct fd_reader file;

	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(data_head_read(&task->arena, &file.reader, out, err));
	TRY(data_head_check(out, trust, err));
	if (out->manifest.kind != DATA_DELTA)
		return err_set(err, E_FORMAT, "not changes but a whole database");
	if (out->manifest.schema != schema_advisories.migration_count)
		return err_set(err, E_CONFLICT, "the changes are of schema version %u, not %u",
			       out->manifest.schema, schema_advisories.migration_count);
	return 0;
}

int data_delta_apply(struct task *task, struct str dir, int fd, const struct data_trust *trust,
		     struct data_manifest *out, struct err *err)
{
	autoscratch struct scratch_file file = { 0 };
	struct data_head h = { 0 };

	TRY(read_delta(task, fd, trust, &h, err));
	file.path = str_format(&task->arena, STR_FMT "/advisories.new", STR_ARG(dir)).p;
	scratch_endp(&file);
	TRY(data_copy_database(dir, file.path, err));
	TRY(apply(task, file.path, &h, fd, err));
	TRY(data_place(task, dir, file.path, err));
	*out = h.manifest;
	return 0;
}

int data_local_content(struct task *task, struct str dir, struct str *out, struct err *err)
{
	const char *path = str_format(&task->arena, STR_FMT "/%s", STR_ARG(dir), schema_advisories.file).p;
	autosqlite sqlite3 *db = NULL;
	data_tables tables = { 0 };
	int64_t schema;
	char content[72];

	if (access(path, F_OK) < 0)
		return err_set(err, E_NOTFOUND, "%s: %m", path);
	TRY(data_db_open(path, DATA_DB_READ, &db, err));
	TRY(data_db_run(db, "BEGIN", err));
	TRY(data_db_number(db, "PRAGMA user_version", &schema, err));
	TRY(data_tables_of(&task->arena, schema > 0 && schema < INT32_MAX ? (unsigned)schema : 0, &tables,
			   err));
	TRY(data_content(task, db, &tables, content, err));
	*out = str_copy(&task->arena, str_of(content));
	return 0;
}
