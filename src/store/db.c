/* SPDX-License-Identifier: Apache-2.0 */
/* store/db.h for all databases: the use of a connection by a thread, and the calls of the driver; the pool is
 * in db_pool.c. What one would get wrong: a connection is not taken by db_lock but by the first question,
 * which can fail and can say so; and a writer queues before it takes one, so that those who wait leave the
 * connections to readers. */
#include "store/db.h"

#include "store/db_driver.h"

#include <assert.h>
#include <stdlib.h>

struct db {
	struct db_pool *pool;
	const struct db_driver *driver;
	struct db_connection *connection; /* NULL: none was needed yet */
	bool in_transaction, is_writer, is_patient;
};

/* ---- the use of a connection ---- */

struct db *db_lock(struct db_pool *pool)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		abort();
	db->pool = pool;
	db->driver = pool->driver;
	db->is_patient = true;
	return db;
}

static int take_connection(struct db *db, struct err *err)
{
	int rc;

	if (db->connection)
		return 0;
	db->connection = db_pool_take_(db->pool);
	if (db->connection)
		return 0;
	rc = db->driver->connect(db->pool, &db->connection, err);
	if (rc < 0)
		db_pool_return_(db->pool, NULL);
	return rc;
}

static int become_writer(struct db *db, struct err *err)
{
	struct db_pool *pool = db->pool;

	if (db->is_writer)
		return 0;
	db->is_writer = db_pool_begin_writing_(pool, db->is_patient);
	return db->is_writer ? 0
			     : err_set(err, E_CONFLICT, "%s is being written by this process: try again",
				       pool->label);
}

static void stop_writing(struct db *db)
{
	if (db->is_writer)
		db_pool_end_writing_(db->pool);
	db->is_writer = false;
}

void db_unlockp(struct db **place)
{
	struct db *db = *place;

	if (!db)
		return;
	*place = NULL;
	if (db->connection) {
		db->driver->rollback(db->connection);
		db_pool_return_(db->pool, db->connection);
	}
	stop_writing(db);
	free(db);
}

int db_begin(struct db *db, enum db_transaction kind, struct err *err)
{
	assert(!db->in_transaction);
	if (kind == DB_WRITE || (kind == DB_WRITE_TOGETHER && db->driver->has_one_writer))
		TRY(become_writer(db, err));
	TRY(take_connection(db, err));
	TRY(db->driver->begin(db->connection, kind, err));
	db->in_transaction = true;
	return 0;
}

int db_commit(struct db *db, struct err *err)
{
	int rc = db->driver->commit(db->connection, err);

	db->in_transaction = false;
	stop_writing(db);
	return rc;
}

/* ---- statements ---- */

void **db_statement_at(struct db_statements *s, const char *sql)
{
	size_t i = (size_t)((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15) >> 54);

	while (s->slots[i].sql && s->slots[i].sql != sql)
		i = (i + 1) % DB_STATEMENTS;
	if (!s->slots[i].sql) {
		assert(s->n < DB_STATEMENTS / 4 * 3);
		s->n++;
		s->slots[i].sql = sql;
	}
	return &s->slots[i].statement;
}

static bool is_writing(const char *sql)
{
	return *sql == 'I' || *sql == 'U' || *sql == 'D'; /* INSERT, UPDATE, DELETE */
}

/* What every statement needs first. */
static int ready(struct db *db, const char *sql, struct err *err)
{
	if (db->driver->has_one_writer && !db->in_transaction && is_writing(sql))
		TRY(become_writer(db, err));
	return take_connection(db, err);
}

int db_query(struct db *db, const char *sql, struct query *out, struct err *err)
{
	void *statement = NULL;

	TRY(ready(db, sql, err));
	TRY(db->driver->prepare(db->connection, sql, &statement, err));
	*out = (struct query){ .db = db, .statement = statement };
	return 0;
}

void query_stream(struct query *q)
{
	if (q->db->driver->stream && q->db->in_transaction)
		q->db->driver->stream(q->statement);
}

void query_again(struct query *q)
{
	q->db->driver->again(q->statement);
	q->bound = 0;
}

void query_end(struct query *q)
{
	if (!q->statement)
		return;
	q->db->driver->end(q->statement);
	if (!q->db->in_transaction)
		stop_writing(q->db);
	q->statement = NULL;
}

void query_bind_int(struct query *q, int64_t v)
{
	q->db->driver->bind_int(q->statement, ++q->bound, v);
}

void query_bind_text(struct query *q, struct str v)
{
	q->db->driver->bind_text(q->statement, ++q->bound, v);
}

void query_bind_optional(struct query *q, struct str v)
{
	if (v.n)
		query_bind_text(q, v);
	else
		query_bind_null(q);
}

void query_bind_blob(struct query *q, struct str v)
{
	q->db->driver->bind_blob(q->statement, ++q->bound, v);
}

void query_bind_null(struct query *q)
{
	q->db->driver->bind_null(q->statement, ++q->bound);
}

int query_step(struct query *q, struct err *err)
{
	return q->db->driver->step(q->db->connection, q->statement, err);
}

int64_t query_int(const struct query *q, int column)
{
	return q->db->driver->column_int(q->statement, column);
}

struct str query_text(const struct query *q, int column)
{
	return q->db->driver->column_text(q->statement, column);
}

struct str query_blob(const struct query *q, int column)
{
	return q->db->driver->column_blob(q->statement, column);
}

bool query_is_null(const struct query *q, int column)
{
	return q->db->driver->column_is_null(q->statement, column);
}

int query_id(struct query *q, int64_t *id, struct err *err)
{
	int64_t first = 0;
	int got = query_step(q, err);

	if (got > 0) {
		first = query_int(q, 0);
		while (got > 0)
			got = query_step(q, err);
	}
	if (got < 0)
		return got;
	*id = first;
	return 0;
}

/* ---- batches ---- */

static int run_by_run(struct query *q, const struct batch *b, struct err *err)
{
	for (size_t i = 0; i < b->n; i++) {
		int got;

		query_again(q);
		TRY(b->bind(b->ctx, i, q, err));
		while ((got = query_step(q, err)) > 0)
			if (b->row)
				TRY(b->row(b->ctx, i, q, err));
		if (got < 0)
			return got;
	}
	return 0;
}

int db_batch(struct db *db, const char *sql, const struct batch *b, struct err *err)
{
	autoquery struct query q = { .db = db };

	if (b->n == 0)
		return 0;
	if (!db->driver->batch) {
		TRY(db_query(db, sql, &q, err));
		return run_by_run(&q, b, err);
	}
	TRY(ready(db, sql, err));
	return db->driver->batch(db->connection, sql, b, &q, err);
}

/* ---- short forms ---- */

int db_run(struct db *db, const char *sql, struct err *err)
{
	return db_run_int(db, sql, NULL, 0, err);
}

int db_run_int(struct db *db, const char *sql, const int64_t *params, size_t n, struct err *err)
{
	int64_t ignored;

	return db_number(db, sql, params, n, &ignored, err);
}

int db_number(struct db *db, const char *sql, const int64_t *params, size_t n, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db, sql, &q, err));
	for (size_t i = 0; i < n; i++)
		query_bind_int(&q, params[i]);
	return query_id(&q, out, err);
}

int db_now(struct db *db, int64_t *out, struct err *err)
{
	return db_number(db, "SELECT unixepoch()", NULL, 0, out, err);
}

int64_t db_changes(const struct db *db)
{
	return db->driver->changes(db->connection);
}

void db_set_patient(struct db *db, bool patient)
{
	struct err ignored = { 0 };

	if (take_connection(db, &ignored) < 0)
		return;
	db->is_patient = patient;
	db->driver->set_patient(db->connection, patient);
}

int db_file_bytes(struct db *db, uint64_t *out, struct err *err)
{
	TRY(take_connection(db, err));
	return db->driver->file_bytes(db->connection, out, err);
}

int db_vacuum(struct db *db, struct err *err)
{
	TRY(take_connection(db, err));
	return db->driver->vacuum(db->connection, err);
}

int db_analyze(struct db *db, struct err *err)
{
	if (!db->driver->analyze)
		return 0;
	TRY(take_connection(db, err));
	return db->driver->analyze(db->connection, err);
}

int db_damaged(const struct db *db, const char *what, struct err *err)
{
	return db->driver->damaged(db->pool, what, err);
}
