/* SPDX-License-Identifier: Apache-2.0 */
/* store/db.h on PostgreSQL, through libpq: numbers, texts and blobs in binary, statements prepared once per
 * connection, batches as one statement over arrays, large answers through a cursor. Source: PostgreSQL
 * documentation, "libpq - C Library", "PostgreSQL Error Codes", "Advisory Locks". What one would get wrong:
 * a server that was restarted is noticed at the next question only, which is asked again on a new connection
 * when no transaction was open; and COMMIT of a transaction that failed succeeds, as a ROLLBACK. */
#include "base/time.h"
#include "store/db_dialect.h"
#include "store/db_params.h"
#include "store/db_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

enum { FETCH_ROWS = 2000 };

/* Locks, in the order of the waits; lock_timeout is the patience of a writer. */
#define SETTINGS                                                                                             \
	"SET search_path = %s; SET lock_timeout = '60s'; SET statement_timeout = '600s';"                    \
	"SET idle_in_transaction_session_timeout = '600s'; SET jit = off; SET cursor_tuple_fraction = 1;"    \
	"SET standard_conforming_strings = on; SET default_transaction_read_only = %s"

struct pg_statement {
	struct params params; /* the first: binding knows no more */
	struct pg_connection *c;
	unsigned number; /* names it */
	bool is_prepared, is_streamed, has_cursor, is_run;
	struct arena arena; /* what must outlive a call; emptied at the end */
	struct str sql;
	PGresult *result;
	int row, rows;
};

static struct pg_connection *of(struct db_connection *c)
{
	return (struct pg_connection *)c;
}

/* The error of a result, which is freed. Details and hints are left out, as they quote what is stored. */
static int fail(struct pg_connection *c, PGresult *result, struct err *err)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	c->is_lost |= PQstatus(c->pg) != CONNECTION_OK;
	pg_fail_(c, state ? state : "", text ? text : "no answer", err);
	PQclear(result);
	return err->code;
}

/* ---- connecting ---- */

static void ignore_notice(void *ctx, const PGresult *result)
{
	(void)ctx, (void)result;
}

/* Statements live on; the server's half of them is gone. */
static void hang_up(struct pg_connection *c)
{
	PQfinish(c->pg);
	c->pg = NULL;
	c->is_lost = false;
	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		struct pg_statement *s = c->statements.slots[i].statement;

		if (s)
			s->is_prepared = s->params.are_typed = s->has_cursor = false;
	}
}

/* The text of libpq's first line, unless it could show a secret. */
static int refuse(struct pg_connection *c, struct err *err)
{
	struct str text = str_of(PQerrorMessage(c->pg)), secret = str_of(PQpass(c->pg)), line = { NULL, 0 };
	int code = str_search(text, STR("authentication failed")) < text.n ? E_AUTH : E_IO;

	while (str_line(&text, &line) && line.n == 0)
		;
	if (secret.n && str_search(line, secret) < line.n)
		line = STR("connection refused");
	return err_set(err, code, "%s: " STR_FMT, c->base.pool->label, STR_ARG(line));
}

static int dial(struct pg_connection *c, struct err *err)
{
	/* what comes before dbname is only a default */
	static const char *const names[] = { "connect_timeout",		  "tcp_user_timeout",
					     "keepalives_idle",		  "keepalives_interval",
					     "fallback_application_name", "dbname",
					     "client_encoding",		  NULL };
	const char *const values[] = { "5", "30000", "30", "10", "clair", c->base.pool->place, "UTF8", NULL };
	const struct db_pool *pool = c->base.pool;
	char settings[512];
	PGresult *result;

	c->pg = PQconnectdbParams(names, values, 1);
	if (!c->pg)
		abort();
	if (PQstatus(c->pg) != CONNECTION_OK)
		return refuse(c, err);
	PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
	snprintf(settings, sizeof(settings), SETTINGS, pool->schema->name, pool->writable ? "off" : "on");
	result = PQexec(c->pg, settings);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return fail(c, result, err);
	PQclear(result);
	return 0;
}

/* Make the connection usable; a lost one is made anew, but not within a transaction. */
static int ready(struct pg_connection *c, struct err *err)
{
	struct db_pool *pool = c->base.pool;
	int rc;

	if (c->pg && !c->is_lost && PQstatus(c->pg) == CONNECTION_OK)
		return 0;
	if (c->is_begun)
		return err_set(err, E_IO, "%s: the connection was lost: try again", pool->label);
	hang_up(c);
	if (!pg_may_try_(pool))
		return err_set(err, E_IO, "%s could not be reached: try again in some seconds", pool->label);
	rc = dial(c, err);
	pg_note_attempt_(pool, rc == 0);
	if (rc < 0)
		hang_up(c);
	return rc;
}

int pg_connect_(struct db_pool *pool, struct db_connection **out, struct err *err)
{
	struct pg_connection *c = calloc(1, sizeof(*c));

	(void)err;
	if (!c)
		abort();
	c->base.pool = pool;
	*out = &c->base;
	return 0;
}

void pg_disconnect_(struct db_connection *base)
{
	struct pg_connection *c = of(base);

	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		struct pg_statement *s = c->statements.slots[i].statement;

		if (s) {
			arena_reset(&s->arena);
			arena_reset(&s->params.arena);
		}
	}
	PQfinish(c->pg);
	arena_reset(&c->arena);
	free(c);
}

/* ---- statements ---- */

static int prepare(struct db_connection *base, const char *sql, void **out, struct err *err)
{
	struct pg_connection *c = of(base);
	void **known = db_statement_at(&c->statements, sql);
	struct pg_statement *s = *known;

	(void)err;
	if (!s) {
		*known = s = ARENA_NEW(&c->arena, struct pg_statement);
		s->c = c;
		s->number = ++c->prepared;
		s->sql = dialect_statement(&c->arena, sql);
	}
	*out = s;
	return 0;
}

static void stream(void *statement)
{
	((struct pg_statement *)statement)->is_streamed = true;
}

static void again(void *statement)
{
	struct pg_statement *s = statement;
	char text[64];

	if (s->has_cursor && !s->c->is_lost && PQtransactionStatus(s->c->pg) == PQTRANS_INTRANS) {
		snprintf(text, sizeof(text), "CLOSE c%u", s->number);
		PQclear(PQexec(s->c->pg, text));
	}
	PQclear(s->result);
	s->result = NULL;
	s->has_cursor = s->is_run = false;
	params_clear(&s->params);
	arena_reset(&s->arena);
}

static void end(void *statement)
{
	struct pg_statement *s = statement;

	again(s);
	s->is_streamed = false;
}

/* ---- running ---- */

static int send_prepare(struct pg_connection *c, struct pg_statement *s, struct err *err)
{
	char name[16];
	PGresult *result;

	if (s->is_prepared)
		return 0;
	snprintf(name, sizeof(name), "s%u", s->number);
	result = PQprepare(c->pg, name, s->sql.p, s->params.n, s->params.types);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return fail(c, result, err);
	PQclear(result);
	s->is_prepared = s->params.are_typed = true;
	return 0;
}

/* Take over an answer: rows, or none. */
static int take(struct pg_connection *c, struct pg_statement *s, PGresult *result, struct err *err)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		return fail(c, result, err);
	PQclear(s->result);
	s->result = result;
	s->row = -1;
	s->rows = PQntuples(result);
	c->changed = (int64_t)strtoll(PQcmdTuples(result), NULL, 10);
	return 0;
}

static int fetch(struct pg_connection *c, struct pg_statement *s, struct err *err)
{
	char text[64];

	snprintf(text, sizeof(text), "FETCH %d FROM c%u", FETCH_ROWS, s->number);
	return take(c, s, PQexecParams(c->pg, text, 0, NULL, NULL, NULL, NULL, 1), err);
}

static int run_cursor(struct pg_connection *c, struct pg_statement *s, struct err *err)
{
	const struct params *p = &s->params;
	struct str sql = str_format(&s->arena, "DECLARE c%u NO SCROLL CURSOR FOR %s", s->number, s->sql.p);
	PGresult *result = PQexecParams(c->pg, sql.p, p->n, p->types, p->values, p->lengths, p->formats, 1);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return fail(c, result, err);
	PQclear(result);
	s->has_cursor = true;
	return fetch(c, s, err);
}

static int run_prepared(struct pg_connection *c, struct pg_statement *s, struct err *err)
{
	const struct params *p = &s->params;
	char name[16];

	TRY(send_prepare(c, s, err));
	snprintf(name, sizeof(name), "s%u", s->number);
	return take(c, s, PQexecPrepared(c->pg, name, p->n, p->values, p->lengths, p->formats, 1), err);
}

static int run(struct pg_connection *c, struct pg_statement *s, struct err *err)
{
	bool may_repeat = !c->is_begun;
	int rc = 0;

	for (int attempt = 0; attempt < 2; attempt++) {
		TRY(ready(c, err));
		rc = s->is_streamed ? run_cursor(c, s, err) : run_prepared(c, s, err);
		if (rc == 0 || !c->is_lost || !may_repeat)
			break;
	}
	return rc;
}

static int step(struct db_connection *base, void *statement, struct err *err)
{
	struct pg_statement *s = statement;

	if (!s->is_run)
		TRY(run(of(base), s, err));
	s->is_run = true;
	if (++s->row < s->rows)
		return 1;
	if (!s->has_cursor || s->rows < FETCH_ROWS)
		return 0;
	TRY(fetch(of(base), s, err));
	return ++s->row < s->rows;
}

static struct str column_blob(void *statement, int column)
{
	const struct pg_statement *s = statement;
	size_t n = (size_t)PQgetlength(s->result, s->row, column);

	return (struct str){ n ? PQgetvalue(s->result, s->row, column) : NULL, n };
}

static int64_t column_int(void *statement, int column)
{
	const struct pg_statement *s = statement;

	return wire_int(PQftype(s->result, column), column_blob(statement, column));
}

static bool column_is_null(void *statement, int column)
{
	const struct pg_statement *s = statement;

	return PQgetisnull(s->result, s->row, column) != 0;
}

/* ---- batches ---- */

static int run_arrays(struct pg_connection *c, struct pg_statement *s, const char *sql, struct err *err)
{
	struct params *p = &s->params;
	struct str text = dialect_batch(&s->arena, sql, p->arrays, (size_t)p->n);
	int n = params_end_arrays(p);

	TRY(ready(c, err));
	return take(c, s, PQexecParams(c->pg, text.p, n, NULL, p->values, p->lengths, p->formats, 1), err);
}

static int hand_out(struct pg_statement *s, const struct batch *b, size_t from, struct query *q,
		    struct err *err)
{
	int last = PQnfields(s->result) - 1;
	bool knows_run = last >= 0 && strcmp(PQfname(s->result, last), "run") == 0;

	for (s->row = 0; b->row && s->row < s->rows; s->row++)
		TRY(b->row(b->ctx, knows_run ? from + (size_t)column_int(s, last) - 1 : SIZE_MAX, q, err));
	return 0;
}

static void end_batch(struct pg_statement *s)
{
	arena_reset(&s->arena);
	arena_reset(&s->params.arena);
	PQclear(s->result);
}

static int run_batch(struct pg_statement *s, const char *sql, const struct batch *b, struct query *q,
		     struct err *err)
{
	for (size_t from = 0, runs = 0; from < b->n; from += runs) {
		TRY(params_collect(&s->params, b, from, q, &runs, err));
		TRY(run_arrays(s->c, s, sql, err));
		TRY(hand_out(s, b, from, q, err));
		arena_reset(&s->arena);
	}
	return 0;
}

static int batch(struct db_connection *base, const char *sql, const struct batch *b, struct query *q,
		 struct err *err)
{
	__attribute__((cleanup(end_batch))) struct pg_statement s = { .c = of(base) };
	int rc;

	params_of_batch(&s.params);
	q->statement = &s;
	rc = run_batch(&s, sql, b, q, err);
	q->statement = NULL;
	return rc;
}

/* ---- plain SQL and transactions ---- */

static int run_text(struct pg_connection *c, const char *sql, PGresult **out, struct err *err)
{
	PGresult *result = PQexec(c->pg, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		return fail(c, result, err);
	*out = result;
	return 0;
}

int pg_run_(struct db_connection *base, const char *sql, struct err *err)
{
	PGresult *result = NULL;

	TRY(ready(of(base), err));
	TRY(run_text(of(base), sql, &result, err));
	PQclear(result);
	return 0;
}

int pg_ask_(struct db_connection *base, const char *sql, struct arena *a, struct str *out, struct err *err)
{
	PGresult *result = NULL;
	bool has_row;

	TRY(ready(of(base), err));
	TRY(run_text(of(base), sql, &result, err));
	has_row = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
	*out = has_row ? str_copy(a, str_of(PQgetvalue(result, 0, 0))) : (struct str){ NULL, 0 };
	PQclear(result);
	return has_row;
}

static int commit(struct db_connection *base, struct err *err)
{
	struct pg_connection *c = of(base);
	PGresult *result = NULL;
	bool is_done;

	TRY(ready(c, err));
	TRY(run_text(c, "COMMIT", &result, err));
	is_done = strcmp(PQcmdStatus(result), "COMMIT") == 0;
	PQclear(result);
	c->is_begun = false;
	return is_done ? 0 : err_set(err, E_IO, "%s: the transaction had failed", base->pool->label);
}

static void rollback(struct db_connection *base)
{
	struct pg_connection *c = of(base);

	if (c->pg && PQtransactionStatus(c->pg) > PQTRANS_IDLE && PQstatus(c->pg) == CONNECTION_OK)
		PQclear(PQexec(c->pg, "ROLLBACK"));
	c->is_begun = false;
}

/* Host and database, for messages. */
int pg_make_label_(struct db_pool *pool, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	PQconninfoOption *options = PQconninfoParse(pool->place, NULL);
	const char *host = getenv("PGHOST"), *name = getenv("PGDATABASE");

	for (PQconninfoOption *o = options; o && o->keyword; o++) {
		if (o->val && strcmp(o->keyword, "host") == 0)
			host = str_copy(&scratch, str_of(o->val)).p;
		if (o->val && strcmp(o->keyword, "dbname") == 0)
			name = str_copy(&scratch, str_of(o->val)).p;
	}
	PQconninfoFree(options);
	if (!options || (host && strchr(host, '@')))
		return err_set(
			err, E_CONFIG,
			"the connection string of PostgreSQL is not understood: in a URL, write special "
			"characters of names and passwords as %%XX");
	pool->label = strdup(str_format(&scratch, "PostgreSQL database %s at %s", name ? name : "(default)",
					host ? host : "the local socket")
				     .p);
	return 0;
}

const struct db_driver db_postgres = {
	.kind = STORE_POSTGRES,
	.open = pg_open_,
	.connect = pg_connect_,
	.disconnect = pg_disconnect_,
	.begin = pg_begin_,
	.commit = commit,
	.rollback = rollback,
	.set_patient = pg_set_patient_,
	.changes = pg_changes_,
	.file_bytes = pg_file_bytes_,
	.vacuum = pg_vacuum_,
	.analyze = pg_analyze_,
	.damaged = pg_damaged_,
	.prepare = prepare,
	.stream = stream,
	.again = again,
	.end = end,
	.bind_int = params_bind_int,
	.bind_text = params_bind_text,
	.bind_blob = params_bind_blob,
	.bind_null = params_bind_null,
	.step = step,
	.column_int = column_int,
	.column_text = column_blob,
	.column_blob = column_blob,
	.column_is_null = column_is_null,
	.batch = batch,
};
