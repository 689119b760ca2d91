/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_POSTGRES_H
#define STORE_DB_POSTGRES_H

#include "base/arena.h"
#include "store/db_driver.h"

/* Shared by db_postgres.c (libpq) and db_open_postgres.c (plain SQL: schema, sizes, upkeep) only. */

/* Run statements without parameters. */
int pg_run_(struct db_connection *c, const char *sql, struct err *err);
/* 1 and the first column of the first row as text, or 0 when there is no row or it is NULL. */
int pg_ask_(struct db_connection *c, const char *sql, struct arena *a, struct str *out, struct err *err);
/* The driver's: */
int pg_migrate_(struct db_connection *c, struct err *err);
int pg_file_bytes_(struct db_connection *c, uint64_t *out, struct err *err);
int pg_vacuum_(struct db_connection *c, struct err *err);
int pg_analyze_(struct db_connection *c, struct err *err);
int pg_damaged_(const struct db_pool *pool, const char *what, struct err *err);
/* What an SQLSTATE means: a code of errors, and that the connection is gone. */
int pg_code_(const char *state);
bool pg_is_loss_(const char *state);

#endif
