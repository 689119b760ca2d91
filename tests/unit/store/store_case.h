/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CASE_H
#define STORE_CASE_H

/* A place for one test of the store, a directory or a database, and looking into it from outside with SQLite
 * or libpq. Tests that are set up by store_case_setup run on SQLite and on PostgreSQL, those set up by
 * store_case_setup_files only on SQLite: store_case_run(tests) runs them all. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/arena.h"
#include "base/str.h"
#include "places.h"
#include "store/place.h"

#include <sqlite3.h>

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
	struct store_place place; /* the directory, or the database */
};

static inline bool store_case_is_postgres(const struct store_case *c)
{
	return c->place.kind == STORE_POSTGRES;
}

static inline int store_case_setup_files(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct store_case *c = calloc(1, sizeof(*c));

	snprintf(c->dir, sizeof(c->dir), "%s/store-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(c->dir))
		return -1;
	chmod(c->dir, 0755);
	c->path = str_of(c->dir);
	c->place.dir = c->path;
	*state = c;
	return 0;
}

/* *state: not NULL for PostgreSQL. */
static inline int store_case_setup(void **state)
{
	bool is_postgres = *state != NULL;
	struct store_case *c;

	if (store_case_setup_files(state) < 0)
		return -1;
	c = *state;
	if (!is_postgres)
		return 0;
	c->place = (struct store_place){ .kind = STORE_POSTGRES, .conninfo = str_of(places_postgres()) };
	return places_empty() ? 0 : -1;
}

static inline int store_case_teardown(void **state)
{
	struct store_case *c = *state;

	chmod(c->dir, 0755);
	nftw(c->dir, places_remove_, 8, FTW_DEPTH | FTW_PHYS);
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

/* The schema of what SQLite has in the file `name`. */
static inline const char *store_case_schema(const char *name)
{
	return strcmp(name, "index.db") == 0 ? "clair_index, public" : "clair_advisories, public";
}

/* SQL as PostgreSQL has it: x'00' is '\x00'. */
static inline const char *store_case_words_(struct arena *a, const char *sql)
{
	struct str rest = str_of(sql), before = { NULL, 0 };
	const char *out = "";

	while (str_search(rest, STR("x'")) < rest.n) {
		size_t at = str_search(rest, STR("x'"));

		before = str_sub(rest, 0, at);
		rest = str_sub(rest, at + 2, rest.n - at - 2);
		out = str_format(a, "%s" STR_FMT "'\\x", out, STR_ARG(before)).p;
	}
	return str_format(a, "%s" STR_FMT, out, STR_ARG(rest)).p;
}

static inline void store_case_sql(const struct store_case *c, const char *name, const char *sql)
{
	autoarena struct arena scratch = { 0 };
	sqlite3 *db;

	if (store_case_is_postgres(c)) {
		if (!places_sql(store_case_schema(name), store_case_words_(&scratch, sql), NULL, 0))
			fail_msg("%s", sql);
		return;
	}
	db = store_case_open(c, name);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* The first column of the first row; -1 when there is none. */
static inline int64_t store_case_number(const struct store_case *c, const char *name, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;
	char text[64];
	sqlite3 *db;

	if (store_case_is_postgres(c)) {
		if (!places_sql(store_case_schema(name), sql, text, sizeof(text)))
			fail_msg("%s", sql);
		return text[0] == 't' ? 1 : text[0] == 'f' ? 0 : text[0] ? strtoll(text, NULL, 10) : -1;
	}
	db = store_case_open(c, name);
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
	if (store_case_is_postgres(c))
		return;
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

static inline int store_case_close_(void **state)
{
	(void)state;
	places_close(places_server());
	return 0;
}

/* Each test on SQLite, and then those that can on PostgreSQL. */
static inline int store_case_run_(const struct CMUnitTest *tests, size_t n)
{
	struct CMUnitTest *all = calloc(2 * n, sizeof(*all));
	autoarena struct arena names = { 0 };
	static char postgres[] = "postgres";
	size_t count = n;
	int rc;

	memcpy(all, tests, n * sizeof(*all));
	if (!places_postgres())
		print_message("skipped: no PostgreSQL\n");
	for (size_t i = 0; i < n && places_postgres(); i++) {
		if (tests[i].setup_func != store_case_setup)
			continue;
		all[count] = tests[i];
		all[count].name = str_format(&names, "%s_on_postgresql", tests[i].name).p;
		all[count++].initial_state = postgres;
	}
	rc = _cmocka_run_group_tests("store", all, count, NULL, store_case_close_);
	free(all);
	return rc;
}
#define store_case_run(tests) store_case_run_((tests), sizeof(tests) / sizeof((tests)[0]))

#endif
