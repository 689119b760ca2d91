/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's SQLite database: table Packages(hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL).
 * Source: rpm 4.16 and later, rpmdb.sqlite as written by rpm; docs/formats/rpm_header.md for the blobs.
 * Easy to miss: the newest rows may be in rpmdb.sqlite-wal only. */
#include "format/rpm_sqlite.h"

#include "format/sqlite.h"

struct rpm_sqlite {
	struct rpm_blobs blobs;
	struct sqlite_table table;
	struct sqlite_cursor *rows;
	int blob_column;
};

static int next_blob(struct rpm_blobs *b, struct str *blob, struct err *err)
{
	struct rpm_sqlite *r = (struct rpm_sqlite *)b;
	struct sqlite_row row;
	struct sqlite_value v;
	int got = sqlite_next(r->rows, &row, err);

	if (got <= 0)
		return got;
	v = sqlite_value(&row, r->blob_column);
	if (v.type != SQLITE_TYPE_BLOB)
		return err_set(err, E_FORMAT, "row %lld: no blob", (long long)row.rowid);
	*blob = v.bytes;
	return 1;
}

int rpm_sqlite_open(struct task *task, struct str file, struct str wal, struct rpm_blobs **out,
		    struct err *err)
{
	struct rpm_sqlite *r = ARENA_NEW(&task->arena, struct rpm_sqlite);
	struct sqlite *db;

	TRY(sqlite_open(task, file, wal, &db, err));
	if (sqlite_find_table(db, STR("Packages"), &r->table, err) < 0)
		return err_wrap(err, "table Packages");
	r->blob_column = sqlite_column(&r->table, STR("blob"));
	if (r->blob_column < 0)
		return err_set(err, E_FORMAT, "table Packages has no column blob");
	r->rows = sqlite_rows(db, &r->table);
	r->blobs.next = next_blob;
	*out = &r->blobs;
	return 0;
}
