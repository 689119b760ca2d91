/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CASE_H
#define STORE_CASE_H

/* A directory for one test of the store, and looking into its files from outside with SQLite itself. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ok(call, err)                                                                                        \
	do {                                                                                                 \
		int ok_ = (call);                                                                            \
		if (ok_ < 0)                                                                                 \
			fail_msg("%s: %s", #call, (err)->text);                                              \
	} while (0)
#define assert_str(a, b)                                                                                     \
	do {                                                                                                 \
		struct str a_ = (a), b_ = (b);                                                               \
		if (!str_eq(a_, b_))                                                                         \
			fail_msg("\"" STR_FMT "\" is not \"" STR_FMT "\"", STR_ARG(a_), STR_ARG(b_));        \
	} while (0)
#define assert_in(text, part)                                                                                \
	do {                                                                                                 \
		if (!strstr((text), (part)))                                                                 \
			fail_msg("\"%s\" does not say \"%s\"", (text), (part));                              \
	} while (0)

struct store_case {
	char dir[256];
	struct str path;
};

static inline int store_case_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct store_case *c = calloc(1, sizeof(*c));

	snprintf(c->dir, sizeof(c->dir), "%s/store-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(c->dir))
		return -1;
	chmod(c->dir, 0755);
	c->path = str_of(c->dir);
	*state = c;
	return 0;
}

static inline int store_case_remove_(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static inline int store_case_teardown(void **state)
{
	struct store_case *c = *state;

	chmod(c->dir, 0755);
	nftw(c->dir, store_case_remove_, 8, FTW_DEPTH | FTW_PHYS);
	free(c);
	return 0;
}

static inline const char *store_case_file(const struct store_case *c, const char *name, char path[512])
{
	snprintf(path, 512, "%s/%s", c->dir, name);
	return path;
}

static inline sqlite3 *store_case_open(const struct store_case *c, const char *name)
{
	char path[512];
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(store_case_file(c, name, path), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	return db;
}

static inline void store_case_sql(const struct store_case *c, const char *name, const char *sql)
{
	sqlite3 *db = store_case_open(c, name);

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* The first column of the first row. */
static inline int64_t store_case_number(const struct store_case *c, const char *name, const char *sql)
{
	sqlite3 *db = store_case_open(c, name);
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

static inline void store_case_intact(const struct store_case *c, const char *name)
{
	assert_int_equal(
		store_case_number(c, name, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

/* Overwrite n bytes at offset with noise. */
static inline void store_case_damage(const struct store_case *c, const char *name, long offset, size_t n)
{
	char path[512];
	FILE *f = fopen(store_case_file(c, name, path), "r+");

	assert_non_null(f);
	assert_int_equal(fseek(f, offset, SEEK_SET), 0);
	for (size_t i = 0; i < n; i++)
		fputc((int)(i * 37 + 11) & 0xff, f);
	fclose(f);
}

#endif
