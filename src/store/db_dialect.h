/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_DIALECT_H
#define STORE_DB_DIALECT_H

#include "store/db_wire.h"

/* The stores' SQL in PostgreSQL's words. Texts are in the arena. */

/* A statement: ?N becomes $N. */
struct str dialect_statement(struct arena *a, const char *sql);
/* A migration: types, too; what SQLite alone has is dropped. */
struct str dialect_migration(struct arena *a, const char *sql);
/* A statement of db_batch over arrays: column i of n is parameter ?i+1 of all runs. SELECT has one column
 * more, the run from 1. Parameters $1, $2 ... are the columns that are not WIRE_UNKNOWN. */
struct str dialect_batch(struct arena *a, const char *sql, const struct wire_array *columns, size_t n);

#endif
