/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_THING_H
#define STORE_THING_H

#include "store/db.h"

/* A schema for tests of store/db.h. */
static const char *const thing_migrations[] = {
	"CREATE TABLE thing(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER NOT NULL, bytes "
	"BLOB);"
	"CREATE TABLE pair(a INTEGER NOT NULL REFERENCES thing, b TEXT NOT NULL, PRIMARY KEY(a, b)) WITHOUT "
	"ROWID;",
	"ALTER TABLE thing ADD COLUMN note TEXT;",
};

static const struct db_schema thing_schema = {
	.file = "thing.db",
	.name = "clair_thing",
	.application_id = 0x436c6154,
	.page_bytes = 4096,
	.migrations = thing_migrations,
	.migration_count = 2,
	.advice = "make things again",
};

#endif
