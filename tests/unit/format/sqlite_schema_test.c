/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of CREATE TABLE statements; the wanted ones were asked of SQLite 3.40 (pragma_table_info). */
#include "../unit.h"

#include "base/arena.h"
#include "base/limits.h"
#include "format/sqlite_schema.h"

#include <stdio.h>

static const struct {
	const char *sql, *columns;
	int rowid;
} cases[] = {
	{ "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)", "hnum|blob|",
	  0 },
	{ "CREATE TABLE t(a, b INTEGER PRIMARY KEY)", "a|b|", 1 },
	{ "create table t(a integer primary key)", "a|", 0 },
	{ "CREATE TABLE t(a INTEGER PRIMARY KEY DESC)", "a|", -1 },
	{ "CREATE TABLE t(a INT PRIMARY KEY)", "a|", -1 },
	{ "CREATE TABLE t(a INTEGER(4) PRIMARY KEY)", "a|", -1 },
	{ "CREATE TABLE t(a BIG INTEGER PRIMARY KEY)", "a|", -1 },
	{ "CREATE TABLE t(a INTEGER NOT NULL CONSTRAINT k PRIMARY KEY)", "a|", 0 },
	{ "CREATE TABLE t(a INTEGER, b, PRIMARY KEY (a))", "a|b|", 0 },
	{ "CREATE TABLE t(a INTEGER, b INTEGER, CONSTRAINT k PRIMARY KEY (B DESC))", "a|b|", 1 },
	{ "CREATE TABLE t(a INTEGER, b INTEGER, PRIMARY KEY (a, b))", "a|b|", -1 },
	{ "CREATE TABLE t(a TEXT, PRIMARY KEY (a))", "a|", -1 },
	{ "CREATE TABLE t(a INTEGER, UNIQUE (a), FOREIGN KEY (a) REFERENCES u(b), CHECK (a > 1))", "a|", -1 },
	{ "CREATE TABLE \"t(\" ([b c] REAL, `d` DECIMAL(10,2), 'e', \"f,)\" DEFAULT 'x,)')", "b c|d|e|f,)|",
	  -1 },
	{ "CREATE TABLE t -- (\n(a /* , */, b -- ,\n, c DEFAULT 'it''s,')", "a|b|c|", -1 },
	{ "CREATE TABLE t(a CHECK (a IN (1,(2),3)), b DEFAULT (1+2))", "a|b|", -1 },
	{ "CREATE TABLE t(a, b AS (a+1), c GENERATED ALWAYS AS (a) STORED, d AS (a) VIRTUAL, e)", "a|c|e|",
	  -1 },
	{ "CREATE TABLE t(\"primary\" INTEGER, é)", "primary|é|", -1 },
	{ "CREATE TABLE t(a, b", "a|", -1 },
	{ "CREATE TABLE t(a, \"b", "a|", -1 },
	{ "CREATE TABLE t(,a,)", "a|", -1 },
	{ "CREATE TABLE t /* (a, b)", "", -1 },
	{ "", "", -1 },
};

static void columns_are_found(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sqlite_columns c;
		char text[256] = "";

		sqlite_schema_columns(&a, str_of(cases[i].sql), &c);
		for (size_t k = 0; k < c.count; k++) {
			size_t n = strlen(text);

			snprintf(text + n, sizeof(text) - n, STR_FMT "|", STR_ARG(c.names[k]));
		}
		if (strcmp(text, cases[i].columns) != 0 || c.rowid != cases[i].rowid)
			fail_msg("%s: %s, rowid %d", cases[i].sql, text, c.rowid);
	}
}

static void columns_above_the_limit_are_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	struct sqlite_columns c;
	struct str sql = STR("CREATE TABLE t(a");

	(void)state;
	for (int i = 0; i < 12; i++) /* 4096 columns */
		sql = str_format(&a, STR_FMT ",a" STR_FMT, STR_ARG(sql),
				 STR_ARG(str_sub(sql, 15, sql.n - 15)));
	sqlite_schema_columns(&a, str_format(&a, STR_FMT ")", STR_ARG(sql)), &c);
	assert_int_equal(c.count, LIMIT_SQLITE_COLUMNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found),
		cmocka_unit_test(columns_above_the_limit_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
