/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite itself as the oracle: where both read a table to its end without an error, the rows are the same. */
#include "format/sqlite.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_TABLES = 16, MAX_ROWS = 4096 };

struct value {
	int type;
	int64_t integer;
	double real;
	struct str bytes;
};
struct row {
	int64_t rowid;
	struct value *values;
	size_t count;
};
struct rows {
	struct row rows[MAX_ROWS];
	size_t n;
};

static void fail(struct str table, size_t row, const char *why)
{
	fprintf(stderr, "table " STR_FMT ", row %zu: %s\n", STR_ARG(table), row, why);
	abort();
}

/* Ours. False when there was any error. */
static bool read_ours(struct task *task, struct sqlite *db, const struct sqlite_table *table,
		      struct rows *out)
{
	struct sqlite_cursor *rows = sqlite_rows(db, table);
	struct sqlite_row row;
	struct err err;
	int got;

	out->n = 0;
	while ((got = sqlite_next(rows, &row, &err)) > 0) {
		struct row *r = &out->rows[out->n];

		if (out->n++ == MAX_ROWS)
			return false;
		*r = (struct row){ row.rowid, ARENA_ARRAY(&task->arena, struct value, row.count), row.count };
		for (size_t i = 0; i < row.count; i++) {
			const struct sqlite_value *v = &row.values[i];

			r->values[i] = (struct value){ (int)v->type, v->integer, v->real,
						       str_copy(&task->arena, v->bytes) };
		}
	}
	return got == 0;
}

static struct value value_of(sqlite3_stmt *s, int i)
{
	static const int types[] = { [SQLITE_NULL] = SQLITE_TYPE_NULL,
				     [SQLITE_INTEGER] = SQLITE_TYPE_INTEGER,
				     [SQLITE_FLOAT] = SQLITE_TYPE_REAL,
				     [SQLITE_TEXT] = SQLITE_TYPE_TEXT,
				     [SQLITE_BLOB] = SQLITE_TYPE_BLOB };
	struct value v = { .type = types[sqlite3_column_type(s, i)] };

	if (v.type == SQLITE_TYPE_INTEGER)
		v.integer = sqlite3_column_int64(s, i);
	else if (v.type == SQLITE_TYPE_REAL)
		v.real = sqlite3_column_double(s, i);
	else if (v.type != SQLITE_TYPE_NULL)
		v.bytes = (struct str){ sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i) };
	return v;
}

/* A REAL column may hold an integer, and NaN reads as NULL. */
static bool same(const struct value *ours, const struct value *theirs)
{
	if (ours->type == SQLITE_TYPE_REAL && isnan(ours->real))
		return theirs->type == SQLITE_TYPE_NULL;
	if (ours->type == SQLITE_TYPE_INTEGER && theirs->type == SQLITE_TYPE_REAL)
		return (double)ours->integer == theirs->real;
	return ours->type == theirs->type && ours->integer == theirs->integer &&
	       (ours->real == theirs->real) && str_eq(ours->bytes, theirs->bytes);
}

static void compare(sqlite3_stmt *s, struct str name, const struct rows *ours, size_t row)
{
	const struct row *r = &ours->rows[row];

	if (row >= ours->n)
		fail(name, row, "only SQLite has it");
	if (r->rowid != sqlite3_column_int64(s, 0))
		fail(name, row, "rowids differ");
	for (int i = 1; i < sqlite3_column_count(s); i++) {
		struct value theirs = value_of(s, i);

		if ((size_t)i <= r->count && !same(&r->values[i - 1], &theirs))
			fail(name, row, "values differ");
	}
}

/* A column named rowid hides the rowid; generated ones are not for us. */
static bool is_plain(const struct sqlite_table *table)
{
	if (table->columns.count == 0 || sqlite_column(table, STR("rowid")) >= 0)
		return false;
	for (size_t i = 0; i + 2 <= table->sql.n; i++)
		if (str_eq_nocase(str_sub(table->sql, i, 2), STR("as")))
			return false;
	return true;
}

static sqlite3_stmt *prepare(sqlite3 *oracle, const struct sqlite_table *table)
{
	char *sql = sqlite3_mprintf("SELECT rowid, * FROM \"%w\" NOT INDEXED", table->name.p);
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(oracle, sql, -1, &s, NULL) != SQLITE_OK)
		s = NULL;
	sqlite3_free(sql);
	return s;
}

static void compare_table(struct task *task, struct sqlite *db, sqlite3 *oracle, struct str name)
{
	struct rows *ours = ARENA_NEW(&task->arena, struct rows);
	struct sqlite_table table;
	sqlite3_stmt *s;
	struct err err;
	size_t row = 0;
	int got;

	if (sqlite_find_table(db, name, &table, &err) < 0 || !is_plain(&table) ||
	    !read_ours(task, db, &table, ours))
		return;
	s = prepare(oracle, &table);
	if (!s)
		return;
	while ((got = sqlite3_step(s)) == SQLITE_ROW && row < MAX_ROWS)
		row++;
	if (got == SQLITE_DONE && sqlite3_reset(s) == SQLITE_OK) {
		if (row != ours->n)
			fail(name, row, "numbers of rows differ");
		for (row = 0; sqlite3_step(s) == SQLITE_ROW; row++)
			compare(s, name, ours, row);
	}
	sqlite3_finalize(s);
}

static void compare_all(struct task *task, struct sqlite *db, sqlite3 *oracle)
{
	sqlite3_stmt *s = NULL;
	struct str names[MAX_TABLES];
	size_t n = 0;

	if (sqlite3_prepare_v2(oracle, "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &s, NULL) !=
	    SQLITE_OK)
		return;
	while (n < MAX_TABLES && sqlite3_step(s) == SQLITE_ROW)
		names[n++] = str_copy(&task->arena, value_of(s, 0).bytes);
	sqlite3_finalize(s);
	for (size_t i = 0; i < n; i++)
		compare_table(task, db, oracle, names[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct sqlite *db;
	sqlite3 *oracle;
	uint8_t *copy;
	struct err err;

	if (size < 512)
		return 0;
	copy = sqlite3_malloc64(size);
	memcpy(copy, data, size);
	copy[18] = copy[19] = 1; /* a database in memory cannot have a log */
	if (sqlite_open(&task, str_copy(&task.arena, (struct str){ (const char *)copy, size }), STR(""), &db,
			&err) < 0) {
		sqlite3_free(copy);
		return 0;
	}
	if (sqlite3_open(":memory:", &oracle) != SQLITE_OK)
		abort();
	if (sqlite3_deserialize(oracle, "main", copy, (sqlite3_int64)size, (sqlite3_int64)size,
				SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) == SQLITE_OK)
		compare_all(&task, db, oracle);
	sqlite3_close(oracle);
	return 0;
}
