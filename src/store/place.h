/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include "base/err.h"
#include "base/str.h"

/* Where a store is: "sqlite:DIR" or a plain directory, or PostgreSQL's connection strings in both of libpq's
 * forms ("postgresql://user@host/db?sslmode=require", "postgres://...", "host=db user=clair dbname=clair").
 * What is left out of the latter comes from PG* variables. */
enum store_kind { STORE_SQLITE, STORE_POSTGRES };
struct store_place {
	enum store_kind kind;
	struct str dir; /* STORE_SQLITE */
	struct str conninfo; /* STORE_POSTGRES; holds a password: never logged */
	unsigned connections; /* at once at most; 0: pool_max_conns of the conninfo, or 1 in `clair`, 4 in
				 `clair-server` */
	bool no_migration; /* an old schema is E_CONFIG instead of being migrated */
};
/* E_CONFIG: neither (what: the key it came from). Borrows text. */
int store_place_parse(struct str text, const char *what, struct store_place *out, struct err *err);

/* The connection string for libpq: without the pool_* parameters that Clair's own driver takes.
 * pool_max_conns, when it is there, goes to *connections. */
struct arena;
struct str store_place_conninfo(struct arena *a, struct str text, unsigned *connections);

/* Connections of a store: at most, there, in use; how often one was taken, and how often somebody waited. */
struct store_usage {
	unsigned limit, open, busy;
	uint64_t taken, waits;
};

/* Does this program know PostgreSQL (clair-server does)? */
bool store_knows(enum store_kind kind);

#endif
