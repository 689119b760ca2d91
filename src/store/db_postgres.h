/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_POSTGRES_H
#define STORE_DB_POSTGRES_H

#include "base/arena.h"
#include "store/db_driver.h"

/* Shared by db_postgres.c (libpq) and db_open_postgres.c (plain SQL: schema, sizes, upkeep) only. */

struct pg_connection {
	struct db_connection base;
	struct pg_conn *pg; /* libpq's; NULL: not connected */
	bool is_lost;
	bool is_begun; /* from BEGIN to its end, also when the connection is lost meanwhile */
	int64_t changed;
	struct arena arena; /* its statements */
	struct db_statements statements;
	unsigned prepared;
};

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
int pg_open_(struct db_pool *pool, struct db_connection **first, struct err *err);
int pg_connect_(struct db_pool *pool, struct db_connection **out, struct err *err);
void pg_disconnect_(struct db_connection *c);
int pg_begin_(struct db_connection *c, enum db_transaction kind, struct err *err);
void pg_set_patient_(struct db_connection *c, bool patient);
int64_t pg_changes_(const struct db_connection *c);
/* Set pool->label. */
int pg_make_label_(struct db_pool *pool, struct err *err);
/* The error of an SQLSTATE and the server's first message; notes that the connection is lost. */
int pg_fail_(struct pg_connection *c, const char *state, const char *text, struct err *err);
/* A server that is not there is not asked at each question. */
bool pg_may_try_(struct db_pool *pool);
void pg_note_attempt_(struct db_pool *pool, bool ok);

#endif
