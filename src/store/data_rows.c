/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of advisories.db as lists of rows, and their digest. docs/formats/data-file.md has the encoding.
 * What one would get wrong: what the tables are is asked of a database made by our own migrations and never
 * of the file, so nothing that a file says becomes part of a statement; and a table without rowid or with an
 * INTEGER PRIMARY KEY is a tree in the order of its key, so nothing is sorted here. */
#include "store/data_rows.h"

#include "base/digest.h"
#include "base/limits.h"
#include "store/schema.h"

#define NOT_CONTENT "'lease', 'generation'"

/* ---- schema ---- */

/* A database in memory as our migrations make it. */
static int open_model(unsigned schema, sqlite3 **out, struct err *err)
{
	autosqlite sqlite3 *db = NULL;

	if (schema < 1 || schema > schema_advisories.migration_count)
		return err_set(
			err, E_CONFIG,
			"the data have schema version %u, this program knows 1 to %u: use a newer program",
			schema, schema_advisories.migration_count);
	TRY(data_db_open(":memory:", DATA_DB_MEMORY, &db, err));
	for (unsigned v = 0; v < schema; v++)
		TRY(data_db_run(db, schema_advisories.migrations[v], err));
	*out = db;
	db = NULL;
	return 0;
}

static int describe_table(struct arena *a, sqlite3 *db, struct data_table *t, struct err *err)
{
	autostatement sqlite3_stmt *s = NULL;
	struct buffer columns = { .arena = a };
	size_t key_bytes = 0;
	int got;

	TRY(data_db_prepare(db, STR("SELECT name, pk FROM pragma_table_info(?1) ORDER BY pk = 0, pk, cid"),
			    &s, err));
	sqlite3_bind_text(s, 1, t->name.p, (int)t->name.n, SQLITE_STATIC);
	while ((got = data_db_step(db, s, err)) > 0) {
		put_bytes(&columns, t->count++ ? STR(", ") : STR(""));
		put_bytes(&columns, data_column_text(s, 0));
		t->keys += sqlite3_column_int(s, 1) > 0;
		if (sqlite3_column_int(s, 1) > 0)
			key_bytes = columns.n;
	}
	t->columns = buffer_str(&columns);
	t->select = str_format(a, "SELECT " STR_FMT " FROM " STR_FMT " ORDER BY " STR_FMT,
			       STR_ARG(t->columns), STR_ARG(t->name),
			       STR_ARG(str_sub(t->columns, 0, key_bytes)));
	return got;
}

int data_tables_of(struct arena *a, unsigned schema, data_tables *out, struct err *err)
{
	autosqlite sqlite3 *model = NULL;
	autostatement sqlite3_stmt *s = NULL;
	data_tables tables = { 0 };
	int got;

	TRY(open_model(schema, &model, err));
	TRY(data_db_prepare(
		model,
		STR("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN (" NOT_CONTENT
		    ") ORDER BY name"),
		&s, err));
	while ((got = data_db_step(model, s, err)) > 0) {
		struct data_table t = { .name = str_copy(a, data_column_text(s, 0)) };

		TRY(describe_table(a, model, &t, err));
		VEC_PUSH(a, &tables, t);
	}
	TRY(got);
	*out = tables;
	return 0;
}

#define SCHEMA_SQL "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"

static bool is_same_row(sqlite3_stmt *x, sqlite3_stmt *y)
{
	for (int i = 0; i < 4; i++)
		if (!str_eq(data_column_text(x, i), data_column_text(y, i)))
			return false;
	return true;
}

static int compare_schemas(sqlite3 *db, sqlite3 *model, struct err *err)
{
	autostatement sqlite3_stmt *is = NULL, *wanted = NULL;

	TRY(data_db_prepare(db, STR(SCHEMA_SQL), &is, err));
	TRY(data_db_prepare(model, STR(SCHEMA_SQL), &wanted, err));
	for (;;) {
		int a = data_db_step(db, is, err), b = data_db_step(model, wanted, err);

		if (a < 0 || b < 0)
			return a < 0 ? a : b;
		if (a != b || (a && !is_same_row(is, wanted)))
			return err_set(err, E_FORMAT, "the data have other tables than this program makes");
		if (!a)
			return 0;
	}
}

int data_schema_check(sqlite3 *db, unsigned schema, struct err *err)
{
	autosqlite sqlite3 *model = NULL;
	int64_t version, application;

	TRY(open_model(schema, &model, err));
	TRY(data_db_number(db, "PRAGMA user_version", &version, err));
	TRY(data_db_number(db, "PRAGMA application_id", &application, err));
	if (application != schema_advisories.application_id)
		return err_set(err, E_FORMAT, "the data are not advisories of Clair");
	if (version != schema)
		return err_set(err, E_FORMAT, "the data have schema version %lld, and their manifest says %u",
			       (long long)version, schema);
	return compare_schemas(db, model, err);
}

int data_schema_migrate(sqlite3 *db, unsigned schema, struct err *err)
{
	char version[64];

	if (schema == schema_advisories.migration_count)
		return 0;
	TRY(data_db_run(db, "BEGIN IMMEDIATE", err));
	for (unsigned v = schema; v < schema_advisories.migration_count; v++)
		TRY(data_db_run(db, schema_advisories.migrations[v], err));
	sqlite3_snprintf(sizeof(version), version, "PRAGMA user_version=%u;COMMIT",
			 schema_advisories.migration_count);
	return data_db_run(db, version, err);
}

/* ---- rows ---- */

enum { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_BLOB };

static void put_bytes_of(sqlite3_stmt *s, int i, struct buffer *out)
{
	const void *p = sqlite3_column_blob(s, i);

	put_string(out, (struct str){ p, p ? (size_t)sqlite3_column_bytes(s, i) : 0 });
}

int data_row_encode(sqlite3_stmt *s, unsigned columns, struct buffer *out, struct err *err)
{
	for (int i = 0; i < (int)columns; i++) {
		switch (sqlite3_column_type(s, i)) {
		case SQLITE_NULL: put_u8(out, VALUE_NULL); break;
		case SQLITE_INTEGER:
			put_u8(out, VALUE_INTEGER);
			put_varint(out, zigzag(sqlite3_column_int64(s, i)));
			break;
		case SQLITE_TEXT:
			put_u8(out, VALUE_TEXT);
			put_bytes_of(s, i, out);
			break;
		case SQLITE_BLOB:
			put_u8(out, VALUE_BLOB);
			put_bytes_of(s, i, out);
			break;
		default: return err_set(err, E_FORMAT, "the data hold a value of an unknown type");
		}
	}
	return 0;
}

static bool bind_value(sqlite3_stmt *s, int i, struct cursor *in)
{
	uint8_t type = get_u8(in);
	struct str text;

	if (type == VALUE_NULL)
		return sqlite3_bind_null(s, i) == SQLITE_OK;
	if (type == VALUE_INTEGER)
		return sqlite3_bind_int64(s, i, zagzig(get_varint(in))) == SQLITE_OK;
	if (type != VALUE_TEXT && type != VALUE_BLOB)
		return false;
	text = get_string(in, LIMIT_DATA_ROW_BYTES);
	if (type == VALUE_TEXT)
		return sqlite3_bind_text(s, i, text.p ? text.p : "", (int)text.n, SQLITE_STATIC) == SQLITE_OK;
	return sqlite3_bind_blob(s, i, text.p ? text.p : "", (int)text.n, SQLITE_STATIC) == SQLITE_OK;
}

bool data_row_bind(sqlite3_stmt *s, unsigned columns, struct cursor *in)
{
	for (unsigned i = 0; i < columns; i++)
		if (!bind_value(s, (int)i + 1, in) || in->bad)
			return false;
	return true;
}

/* ---- digest ---- */

static int add_table(struct task *task, sqlite3 *db, const struct data_table *t, struct hasher *h,
		     struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct buffer row = { .arena = &scratch };
	autostatement sqlite3_stmt *s = NULL;
	int got;

	put_string(&row, t->name);
	hasher_add(h, row.p, row.n);
	TRY(data_db_prepare(db, t->select, &s, err));
	while ((got = data_db_step(db, s, err)) > 0) {
		row.n = 0;
		put_u8(&row, 1);
		TRY(data_row_encode(s, t->count, &row, err));
		hasher_add(h, row.p, row.n);
		TRY(task_check(task, err));
	}
	hasher_add(h, "", 1);
	return got;
}

int data_content(struct task *task, sqlite3 *db, const data_tables *tables, char out[72], struct err *err)
{
	autohasher struct hasher *h = hasher_new(HASH_SHA256);
	unsigned char raw[64];

	VEC_EACH (const struct data_table, t, tables)
		TRY(add_table(task, db, t, h, err));
	memcpy(out, "sha256:", 7);
	hex_of(raw, hasher_end(h, raw), out + 7);
	return 0;
}
