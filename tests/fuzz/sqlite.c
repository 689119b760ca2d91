/* SPDX-License-Identifier: Apache-2.0 */
/* Every table of a database, with a log: four bytes length of the database (little endian), database, log. */
#include "base/cursor.h"
#include "format/sqlite.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum_of(struct str s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

static void read_table(struct sqlite *db, struct str name, struct err *err)
{
	struct sqlite_table table;
	struct sqlite_cursor *rows;
	struct sqlite_row row;
	uint64_t sum = 0; /* every byte is looked at */
	int got;

	if (sqlite_find_table(db, name, &table, err) < 0)
		return;
	rows = sqlite_rows(db, &table);
	while ((got = sqlite_next(rows, &row, err)) != 0)
		for (size_t i = 0; got > 0 && i < row.count; i++)
			sum += sum_of(sqlite_value(&row, (int)i).bytes);
	for (size_t i = 0; i < table.columns.count; i++)
		if (sqlite_column(&table, table.columns.names[i]) > (int)i)
			abort();
	if (sum == UINT64_MAX) /* not so, but the compiler does not know */
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "Packages", "odd, (name",	    "many",  "none",
					     "empty",	 "sqlite_sequence", "absent" };
	struct cursor c = { data, data + size, false };
	size_t n = get_le32(&c);
	struct str file = get_bytes(&c, n < cursor_left(&c) ? n : cursor_left(&c));
	struct str wal = get_bytes(&c, cursor_left(&c));
	autotask struct task task = { 0 };
	struct sqlite *db;
	struct err err;

	if (sqlite_open(&task, file, wal, &db, &err) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		read_table(db, str_of(names[i]), &err);
	return 0;
}
