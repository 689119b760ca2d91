/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_DRIVER_H
#define STORE_DB_DRIVER_H

#include "store/db.h"

#include <pthread.h>

/* What a driver does for db.c: one kind of database behind store/db.h. */

enum { DB_BUSY_MS = 10000 }; /* a writer waits for another process's */

/* A driver's connection begins with this. */
struct db_connection {
	struct db_pool *pool;
	struct db_connection *next; /* free ones */
};

struct db_driver {
	enum store_kind kind;
	bool has_one_writer; /* DB_WRITE_TOGETHER is DB_WRITE */
	/* Once: see to the schema; *first: a connection, when one came of it. The pool has its place. */
	int (*open)(struct db_pool *pool, struct db_connection **first, struct err *err);
	int (*connect)(struct db_pool *pool, struct db_connection **out, struct err *err);
	void (*disconnect)(struct db_connection *c);

	int (*begin)(struct db_connection *c, enum db_transaction kind, struct err *err);
	int (*commit)(struct db_connection *c, struct err *err);
	void (*rollback)(struct db_connection *c); /* when in a transaction */
	void (*set_patient)(struct db_connection *c, bool patient);
	int64_t (*changes)(const struct db_connection *c);
	int (*file_bytes)(struct db_connection *c, uint64_t *out, struct err *err);
	int (*vacuum)(struct db_connection *c, struct err *err);
	int (*analyze)(struct db_connection *c, struct err *err); /* may be NULL */
	int (*damaged)(const struct db_pool *pool, const char *what, struct err *err);

	/* The connection's statement of this text, made when new. */
	int (*prepare)(struct db_connection *c, const char *sql, void **statement, struct err *err);
	void (*stream)(void *statement); /* may be NULL */
	/* Forget the answer, to bind and step again; end: the parameters too. */
	void (*again)(void *statement);
	void (*end)(void *statement);
	/* Parameters from 1. */
	void (*bind_int)(void *statement, int i, int64_t v);
	void (*bind_text)(void *statement, int i, struct str v);
	void (*bind_blob)(void *statement, int i, struct str v);
	void (*bind_null)(void *statement, int i);
	int (*step)(struct db_connection *c, void *statement, struct err *err);
	int64_t (*column_int)(void *statement, int column);
	struct str (*column_text)(void *statement, int column);
	struct str (*column_blob)(void *statement, int column);
	bool (*column_is_null)(void *statement, int column);
	/* db_batch at once; NULL: run by run. q: what bind and row are given. */
	int (*batch)(struct db_connection *c, const char *sql, const struct batch *b, struct query *q,
		     struct err *err);
};
extern const struct db_driver db_sqlite, db_postgres;
/* The drivers of this program, ending with NULL: drivers_client.c, drivers_server.c. */
extern const struct db_driver *const db_drivers[];
/* Of a pool, when the place does not say. */
extern const unsigned db_connections;

struct db_pool {
	const struct db_driver *driver;
	const struct db_schema *schema;
	char *place; /* SQLite: the file's path; PostgreSQL: the connection string, a secret */
	char *label; /* what messages call it; the driver's to set in open */
	bool writable, no_migration;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t returned;
	struct db_connection *idle;
	unsigned limit; /* of connections; 0: the driver's open says */
	unsigned open, idle_count;
	uint64_t taken, waits;
	uint64_t retry_at_ns, pause_ns; /* PostgreSQL: the server was not there; not again before */
	bool has_writer; /* of this process: in DB_WRITE */
	pthread_cond_t written;
};

/* A free connection, waiting for one; NULL: the caller may open one more. */
struct db_connection *db_pool_take_(struct db_pool *pool);
/* c NULL: the connection that was not opened. */
void db_pool_return_(struct db_pool *pool, struct db_connection *c);
/* Become the one writer of this process; false: somebody else is, for long, or at all when not patient. */
bool db_pool_begin_writing_(struct db_pool *pool, bool is_patient);
void db_pool_end_writing_(struct db_pool *pool);

/* A connection's statements, by the address of their text: texts are literals. */
enum { DB_STATEMENTS = 1024 };
struct db_statements {
	struct {
		const char *sql; /* NULL: free */
		void *statement;
	} slots[DB_STATEMENTS];
	size_t n;
};
/* The place of this text's statement, NULL when it is new. */
void **db_statement_at(struct db_statements *s, const char *sql);

#endif
