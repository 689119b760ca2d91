/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_SQLITE_SCHEMA_H
#define FORMAT_SQLITE_SCHEMA_H

#include "base/str.h"

struct arena;

/* Columns of a table in the order in which records store them. */
struct sqlite_columns {
	const struct str *names;
	size_t count;
	int rowid; /* position of the INTEGER PRIMARY KEY, which records store as NULL; -1: none */
};

/* Read the columns from the text of a CREATE TABLE statement, tolerantly: what is not understood gives fewer
 * columns, never an error. Virtual generated columns are left out, as records do not hold them. Names borrow
 * from sql (quotes removed, doubled quotes inside a name stay doubled); the list is the arena's. */
void sqlite_schema_columns(struct arena *a, struct str sql, struct sqlite_columns *out);

#endif
