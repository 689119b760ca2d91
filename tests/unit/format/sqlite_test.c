/* SPDX-License-Identifier: Apache-2.0 */
/* Databases that SQLite 3.40 wrote (tests/data/rpm/make.py), whole and broken. */
#include "../source_file.h"
#include "../unit.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "format/sqlite.h"

struct fixture {
	struct task task;
	struct str types, rpmdb, wal;
};

static int open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->types = source_file(&f->task.arena, "tests/data/rpm/types.sqlite");
	f->rpmdb = source_file(&f->task.arena, "tests/data/rpm/rpmdb.sqlite");
	f->wal = source_file(&f->task.arena, "tests/data/rpm/rpmdb.sqlite-wal");
	*state = f;
	return f->types.p && f->rpmdb.p && f->wal.p ? 0 : -1;
}

static int close_fixture(void **state)
{
	struct fixture *f = *state;

	task_close(&f->task);
	free(f);
	return 0;
}

static struct sqlite *open_database(struct fixture *f, struct str file, struct str wal)
{
	struct sqlite *db;
	struct err err;

	if (sqlite_open(&f->task, file, wal, &db, &err) != 0)
		fail_msg("%s", err.text);
	return db;
}

static struct sqlite_table find_table(struct sqlite *db, const char *name)
{
	struct sqlite_table table;
	struct err err;

	if (sqlite_find_table(db, str_of(name), &table, &err) != 0)
		fail_msg("%s: %s", name, err.text);
	return table;
}

static void every_kind_of_value_is_read(void **state)
{
	struct fixture *f = *state;
	struct sqlite *db = open_database(f, f->types, STR(""));
	struct sqlite_table t = find_table(db, "ODD, (name");
	struct sqlite_cursor *c = sqlite_rows(db, &t);
	static const struct {
		int a;
		double real;
		int64_t id, d;
	} wanted[] = {
		{ SQLITE_TYPE_TEXT, -2.25, -5, 127 },
		{ SQLITE_TYPE_NULL, 1.5, 1, 0 },
		{ SQLITE_TYPE_TEXT, 0, 300, 128 },
		{ SQLITE_TYPE_TEXT, 3, 70000, 1 << 23 },
		{ SQLITE_TYPE_TEXT, 4, 70001, ((int64_t)1 << 47) - 1 },
		{ SQLITE_TYPE_TEXT, 0, 70002, -1 },
		{ SQLITE_TYPE_TEXT, 1, 70003, 1 },
		{ SQLITE_TYPE_TEXT, 1e300, (int64_t)1 << 40, -((int64_t)1 << 31) },
		{ SQLITE_TYPE_TEXT, 0, (int64_t)1 << 62, INT64_MAX },
	};
	struct sqlite_row row;
	struct err err;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct sqlite_value real;

		assert_int_equal(sqlite_next(c, &row, &err), 1);
		assert_int_equal(row.rowid, wanted[i].id);
		assert_int_equal(row.count, 4);
		assert_int_equal(sqlite_value(&row, sqlite_column(&t, STR("id"))).integer, wanted[i].id);
		assert_int_equal(sqlite_value(&row, 0).type, wanted[i].a);
		real = sqlite_value(&row, sqlite_column(&t, STR("B C")));
		assert_true(real.real + (double)real.integer ==
			    wanted[i].real); /* small ones are stored as integers */
		assert_int_equal(sqlite_value(&row, 3).integer, wanted[i].d);
		if (i == 1)
			assert_true(sqlite_value(&row, 3).type == SQLITE_TYPE_BLOB &&
				    str_eq(sqlite_value(&row, 3).bytes, STR("\0\xff")));
		if (i == 7)
			assert_int_equal(sqlite_value(&row, 0).bytes.n, 600); /* overflow pages */
	}
	assert_int_equal(sqlite_next(c, &row, &err), 0);
	assert_int_equal(sqlite_next(c, &row, &err), 0);
	assert_int_equal(sqlite_value(&row, -1).type, SQLITE_TYPE_NULL);
	assert_int_equal(sqlite_value(&row, 4).type, SQLITE_TYPE_NULL);
	assert_int_equal(sqlite_column(&t, STR("absent")), -1);
}

static void rows_of_many_pages_come_in_order(void **state)
{
	struct fixture *f = *state;
	struct sqlite *db = open_database(f, f->types, STR(""));
	struct sqlite_table t = find_table(db, "many");
	struct sqlite_cursor *c = sqlite_rows(db, &t);
	struct sqlite_row row;
	struct err err;

	for (int64_t i = 1; i <= 300; i++) {
		assert_int_equal(sqlite_next(c, &row, &err), 1);
		assert_int_equal(row.rowid, i);
		assert_int_equal(row.values[0].integer, i);
		assert_true(str_eq(row.values[1].bytes, str_format(&f->task.arena, "row %d", (int)i)));
	}
	assert_int_equal(sqlite_next(c, &row, &err), 0);
}

static void what_is_no_table_of_rows_is_told(void **state)
{
	struct fixture *f = *state;
	struct sqlite *db = open_database(f, f->types, STR(""));
	struct sqlite_table t;
	struct sqlite_row row;
	struct err err;

	assert_int_equal(sqlite_find_table(db, STR("none"), &t, &err), E_UNSUPPORTED);
	assert_int_equal(sqlite_find_table(db, STR("absent"), &t, &err), E_NOTFOUND);
	assert_int_equal(sqlite_find_table(db, STR("seen"), &t, &err), E_NOTFOUND);
	t = find_table(db, "empty");
	assert_int_equal(sqlite_next(sqlite_rows(db, &t), &row, &err), 0);
}

/* hnum of the last row, and how many there are. */
static int count_rows(struct fixture *f, struct str file, struct str wal, int64_t *last_bytes)
{
	struct sqlite *db = open_database(f, file, wal);
	struct sqlite_table t = find_table(db, "packages");
	struct sqlite_cursor *c = sqlite_rows(db, &t);
	struct sqlite_row row;
	struct err err;
	int n = 0;

	for (; sqlite_next(c, &row, &err) == 1; n++)
		*last_bytes = (int64_t)sqlite_value(&row, sqlite_column(&t, STR("blob"))).bytes.n;
	return n;
}

static void the_log_hides_the_file_as_far_as_it_is_committed(void **state)
{
	struct fixture *f = *state;
	struct str old = source_file(&f->task.arena, "tests/data/rpm/old.header"),
		   alpha = source_file(&f->task.arena, "tests/data/rpm/alpha.header");
	char *broken = (char *)str_copy(&f->task.arena, f->wal).p;
	int64_t bytes = 0;

	assert_int_equal(count_rows(f, f->rpmdb, STR(""), &bytes), 3);
	assert_int_equal(count_rows(f, f->rpmdb, f->wal, &bytes), 4);
	assert_int_equal(bytes, old.n);
	/* without its last frame the second transaction never was */
	assert_int_equal(count_rows(f, f->rpmdb, str_sub(f->wal, 0, f->wal.n - 1), &bytes), 4);
	assert_int_equal(bytes, alpha.n);
	/* nor was any when the first frame is damaged, or of another run */
	broken[32 + 24 + 100] ^= 1;
	assert_int_equal(count_rows(f, f->rpmdb, (struct str){ broken, f->wal.n }, &bytes), 3);
	broken[32 + 24 + 100] ^= 1;
	broken[32 + 8] ^= 1;
	assert_int_equal(count_rows(f, f->rpmdb, (struct str){ broken, f->wal.n }, &bytes), 3);
	assert_int_equal(count_rows(f, f->rpmdb, STR("not a log"), &bytes), 3);
}

/* Walk everything in a copy of the first n bytes. Returns how many rows; *damages how many errors. */
static int walk_cut(struct str file, size_t n, const char *table, int *damages)
{
	char *copy = malloc(n + 1);
	autotask struct task task = { 0 };
	struct sqlite_table t;
	struct sqlite *db;
	struct sqlite_row row;
	struct err err;
	int rows = 0, got;

	*damages = 1;
	memcpy(copy, file.p, n);
	if (sqlite_open(&task, (struct str){ copy, n }, STR(""), &db, &err) == 0 &&
	    sqlite_find_table(db, str_of(table), &t, &err) == 0) {
		struct sqlite_cursor *c = sqlite_rows(db, &t);

		for (*damages = 0; (got = sqlite_next(c, &row, &err)) != 0; rows += got > 0)
			*damages += got < 0;
	}
	free(copy);
	return rows;
}

static void a_cut_file_yields_what_is_left_and_says_so(void **state)
{
	struct fixture *f = *state;
	int damages, rows = 0, most = 0;

	for (size_t n = 0; n < f->types.n; n += 512) {
		rows = walk_cut(f->types, n, "many", &damages);
		assert_true(rows >= most && rows < 300 && damages > 0);
		most = rows;
	}
	assert_true(most > 0);
	assert_int_equal(walk_cut(f->types, f->types.n, "many", &damages), 300);
	assert_int_equal(damages, 0);
	for (size_t n = 0; n < 700; n++)
		walk_cut(f->types, n, "many", &damages);
}

static void no_single_damaged_byte_is_believed(void **state)
{
	struct fixture *f = *state;
	char *p = (char *)str_copy(&f->task.arena, f->types).p;
	int damages;

	for (size_t i = 0; i < f->types.n; i++) {
		p[i] ^= (char)(i % 3 ? 0xff : 0x80);
		assert_true(walk_cut((struct str){ p, f->types.n }, f->types.n, "many", &damages) <= 70000);
		p[i] = f->types.p[i];
	}
}

static void a_foreign_file_is_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		size_t at;
		const char *bytes;
		size_t n;
		int code;
	} cases[] = {
		{ 0, "sqlite", 6, E_FORMAT }, { 16, "\0\3", 2, E_FORMAT },    { 16, "\1\0", 2, E_FORMAT },
		{ 20, "\xff", 1, E_FORMAT },  { 19, "\3", 1, E_UNSUPPORTED }, { 59, "\2", 1, E_UNSUPPORTED },
	};
	struct sqlite *db;
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str copy = str_copy(&f->task.arena, f->types);

		memcpy((char *)copy.p + cases[i].at, cases[i].bytes, cases[i].n);
		assert_int_equal(sqlite_open(&f->task, copy, STR(""), &db, &err), cases[i].code);
	}
	assert_int_equal(sqlite_open(&f->task, STR(""), STR(""), &db, &err), E_FORMAT);
}

/* A database whose one table is a page of 65536 bytes made by the caller. */
static struct str one_page_table(struct fixture *f, struct str page, size_t pages)
{
	static const char schema[] = "\x16\1\6\27\17\17\1\35" /* 22 bytes, rowid 1; five serial types */
				     "table"
				     "t"
				     "t"
				     "\2"
				     "CREATE T";
	struct buffer b = { .arena = &f->task.arena };
	char first[65536] = "SQLite format 3\0\0\1\1\1\0";

	first[59] = 1; /* UTF-8 */
	memcpy(first + 100, "\x0d\0\0\0\1\0\0\0\0\x80", 10);
	memcpy(first + 128, schema, sizeof(schema) - 1);
	put_bytes(&b, (struct str){ first, sizeof(first) });
	for (size_t i = 0; i < pages; i++)
		put_bytes(&b, page);
	return buffer_str(&b);
}

static void a_row_above_the_limit_is_passed_over(void **state)
{
	struct fixture *f = *state;
	char page[65536] = "\x0d\0\0\0\2\0\0\0\1\0\1\x20"; /* two cells, at 256 and 288 */
	struct sqlite *db;
	struct sqlite_table t;
	struct sqlite_cursor *c;
	struct sqlite_row row;
	struct err err;

	memcpy(page + 256, "\x90\x80\x80\x01\1", 5); /* 32 MiB and a byte */
	memcpy(page + 288, "\2\2\2\11", 4); /* rowid 2, the integer 1 */
	db = open_database(f, one_page_table(f, (struct str){ page, sizeof(page) }, 1), STR(""));
	t = find_table(db, "t");
	c = sqlite_rows(db, &t);
	assert_int_equal(sqlite_next(c, &row, &err), E_FORMAT);
	assert_non_null(strstr(err.text, "33554433 bytes, limit 33554432"));
	assert_int_equal(sqlite_next(c, &row, &err), 1);
	assert_int_equal(row.values[0].integer, 1);
	assert_int_equal(sqlite_next(c, &row, &err), 0);
}

/* An interior page whose 32000 children are leaves with as many cells that lie outside of the page. */
static void a_file_of_nothing_but_damage_is_given_up(void **state)
{
	struct fixture *f = *state;
	char page[65536] = "\x0d\0\0\x7d\0"; /* 32000 cells at 0 */
	struct str file = one_page_table(f, (struct str){ page, sizeof(page) }, 6);
	char *root = (char *)file.p + 65536;
	struct sqlite_row row;
	struct sqlite_table t;
	struct sqlite_cursor *c;
	struct sqlite *db;
	unsigned damages = 0;
	struct err err;

	memcpy(root, "\5\0\0\0\4\0\0\0\0\0\0\7\1\0\1\10\1\20\1\30", 20); /* children 3, 4, 5, 6 and 7 */
	memcpy(root + 256, "\0\0\0\3\1\0\0\0\0\0\0\4\1\0\0\0\0\0\0\5\1\0\0\0\0\0\0\6\1", 29);
	memset(root + 32, 0, 200);
	db = open_database(f, file, STR(""));
	t = find_table(db, "t");
	c = sqlite_rows(db, &t);
	while (sqlite_next(c, &row, &err) != 0)
		damages++;
	assert_int_equal(damages, LIMIT_DATABASE_DAMAGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(rows_of_many_pages_come_in_order),
		cmocka_unit_test(what_is_no_table_of_rows_is_told),
		cmocka_unit_test(the_log_hides_the_file_as_far_as_it_is_committed),
		cmocka_unit_test(a_cut_file_yields_what_is_left_and_says_so),
		cmocka_unit_test(no_single_damaged_byte_is_believed),
		cmocka_unit_test(a_foreign_file_is_refused),
		cmocka_unit_test(a_row_above_the_limit_is_passed_over),
		cmocka_unit_test(a_file_of_nothing_but_damage_is_given_up),
	};

	return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
