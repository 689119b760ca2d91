/* SPDX-License-Identifier: Apache-2.0 */
/* What a store needs of PostgreSQL besides its questions, in plain SQL: a schema of its own with a table that
 * says which version it has, migrations, sizes, upkeep. Source: PostgreSQL documentation, "Schemas", "System
 * Catalogs", "PostgreSQL Error Codes". What one would get wrong: CREATE ... IF NOT EXISTS of two programs at
 * once can fail, so migrations wait for one another with an advisory lock; and a program that need not
 * migrate may have no permission to create anything. */
#include "base/time.h"
#include "store/db_dialect.h"
#include "store/db_postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCK_WRITER, LOCK_MIGRATION }; /* advisory locks: (application id, one of these) */
#define PAUSE_MIN_NS UINT64_C(100000000) /* between attempts to reach a server that is not there */
#define PAUSE_MAX_NS UINT64_C(2000000000)

static bool is_loss(const char *state)
{
	return strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0 || strcmp(state, "25P03") == 0;
}

static int code_of(const char *state)
{
	static const struct {
		char state[6];
		int code;
	} codes[] = {
		{ "40001", E_CONFLICT }, { "40P01", E_CONFLICT }, { "55P03", E_CONFLICT },
		{ "57014", E_TIMEOUT },	 { "XX001", E_FORMAT },	  { "XX002", E_FORMAT },
		{ "42501", E_CONFIG },	 { "28P01", E_AUTH },	  { "28000", E_AUTH },
		{ "42P01", E_CONFIG },	 { "42703", E_CONFIG },	  { "3D000", E_CONFIG },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(state, codes[i].state) == 0)
			return codes[i].code;
	return E_IO;
}

int pg_damaged_(const struct db_pool *pool, const char *what, struct err *err)
{
	return err_set(err, E_FORMAT, "%s is damaged (%s): drop the schema %s there and %s", pool->label,
		       what, pool->schema->name, pool->schema->advice);
}

int pg_fail_(struct pg_connection *c, const char *state, const char *text, struct err *err)
{
	const struct db_pool *pool = c->base.pool;
	int code = code_of(state);

	c->is_lost |= is_loss(state);
	if (c->is_lost)
		return err_set(err, E_IO, "%s: the connection was lost: try again", pool->label);
	if (code == E_FORMAT)
		return pg_damaged_(pool, text, err);
	if (strcmp(state, "53100") == 0)
		return err_set(err, E_IO, "%s: no space left to write", pool->label);
	return err_set(err, code, "%s: %s%s%s%s%s", pool->label, text, *state ? " (SQLSTATE " : "", state,
		       *state ? ")" : "", code == E_CONFLICT ? ": try again" : "");
}

/* ---- connections ---- */

bool pg_may_try_(struct db_pool *pool)
{
	bool may;

	pthread_mutex_lock(&pool->mutex);
	may = time_monotonic_ns() >= pool->retry_at_ns;
	pthread_mutex_unlock(&pool->mutex);
	return may;
}

void pg_note_attempt_(struct db_pool *pool, bool ok)
{
	pthread_mutex_lock(&pool->mutex);
	pool->pause_ns = ok ? 0 : pool->pause_ns ? pool->pause_ns * 2 : PAUSE_MIN_NS;
	if (pool->pause_ns > PAUSE_MAX_NS)
		pool->pause_ns = PAUSE_MAX_NS;
	pool->retry_at_ns = ok ? 0 : time_monotonic_ns() + pool->pause_ns;
	pthread_mutex_unlock(&pool->mutex);
}

int pg_open_(struct db_pool *pool, struct db_connection **first, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	unsigned connections = 0;
	char *place = strdup(store_place_conninfo(&scratch, str_of(pool->place), &connections).p);
	int rc;

	free(pool->place);
	pool->place = place;
	if (!place)
		abort();
	if (pool->limit == 0)
		pool->limit = connections ? connections : db_connections;
	TRY(pg_make_label_(pool, err));
	TRY(pg_connect_(pool, first, err));
	rc = pg_migrate_(*first, err);
	if (rc < 0) {
		pg_disconnect_(*first);
		*first = NULL;
	}
	return rc;
}

/* ---- transactions ---- */

int pg_begin_(struct db_connection *base, enum db_transaction kind, struct err *err)
{
	struct pg_connection *c = (struct pg_connection *)base;
	struct err ignored = { 0 };
	char sql[128];
	int rc;

	if (kind == DB_READ)
		snprintf(sql, sizeof(sql), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	else
		snprintf(sql, sizeof(sql), "BEGIN; SELECT pg_advisory_xact_lock%s(%u, %d)",
			 kind == DB_WRITE ? "" : "_shared", base->pool->schema->application_id, LOCK_WRITER);
	rc = pg_run_(base, sql, err);
	if (rc < 0 && c->is_lost)
		rc = pg_run_(base, sql, err);
	if (rc < 0 && !c->is_lost && pg_run_(base, "ROLLBACK", &ignored) < 0)
		c->is_lost = true;
	c->is_begun = rc == 0;
	return rc;
}

void pg_set_patient_(struct db_connection *base, bool patient)
{
	struct err ignored = { 0 };

	(void)pg_run_(base, patient ? "SET lock_timeout = '60s'" : "SET lock_timeout = '1ms'", &ignored);
}

int64_t pg_changes_(const struct db_connection *c)
{
	return ((const struct pg_connection *)c)->changed;
}

/* ---- migrations ---- */

/* 0: there is none yet. */
static int read_version(struct db_connection *c, struct arena *a, uint64_t *out, struct err *err)
{
	const char *name = c->pool->schema->name;
	struct str text = { NULL, 0 };
	int got;

	*out = 0;
	/* not to_regclass: it may remember that there was none */
	TRY(pg_ask_(c,
		    str_format(a,
			       "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
			       " WHERE n.nspname = '%s' AND c.relname = 'meta'",
			       name)
			    .p,
		    a, &text, err));
	if (!text.n)
		return 0;
	got = pg_ask_(c, str_format(a, "SELECT version FROM %s.meta", name).p, a, &text, err);
	if (got < 0)
		return got;
	if (got == 0 || !str_u64(text, UINT32_MAX, out))
		return pg_damaged_(c->pool, "no version of the schema", err);
	return 0;
}

/* 1: the schema is current, 0: it is older or not there. */
static int judge(const struct db_pool *pool, uint64_t version, struct err *err)
{
	const struct db_schema *s = pool->schema;

	if (version > s->migration_count)
		return err_set(
			err, E_CONFIG,
			"%s has version %llu of the schema %s, this program knows %u: use a newer program",
			pool->label, (unsigned long long)version, s->name, s->migration_count);
	return version == s->migration_count;
}

static int refuse(const struct db_pool *pool, uint64_t version, struct err *err)
{
	const struct db_schema *s = pool->schema;

	if (pool->writable)
		return err_set(
			err, E_CONFIG,
			"%s has version %llu of the schema %s, this program needs %u, and migrations are "
			"switched off: start one program with migrations",
			pool->label, (unsigned long long)version, s->name, s->migration_count);
	if (version == 0)
		return err_set(err, E_NOTFOUND, "%s has no schema %s: %s", pool->label, s->name, s->advice);
	return err_set(err, E_CONFIG, "%s has version %llu of the schema %s, this program needs %u: %s",
		       pool->label, (unsigned long long)version, s->name, s->migration_count, s->advice);
}

static int make_schema(struct db_connection *c, struct arena *a, struct err *err)
{
	const char *name = c->pool->schema->name;

	return pg_run_(
		c,
		str_format(a,
			   "CREATE SCHEMA IF NOT EXISTS %s; CREATE TABLE %s.meta(version BIGINT NOT NULL);"
			   "INSERT INTO %s.meta(version) VALUES(0)",
			   name, name, name)
			.p,
		err);
}

static int migrate_locked(struct db_connection *c, struct arena *a, struct err *err)
{
	const struct db_schema *s = c->pool->schema;
	uint64_t version;
	int current;

	TRY(pg_run_(
		c, str_format(a, "SELECT pg_advisory_xact_lock(%u, %d)", s->application_id, LOCK_MIGRATION).p,
		err));
	TRY(read_version(c, a, &version, err));
	current = judge(c->pool, version, err);
	if (current)
		return current;
	if (version == 0)
		TRY(make_schema(c, a, err));
	for (uint64_t v = version; v < s->migration_count; v++)
		TRY(pg_run_(c, dialect_migration(a, s->migrations[v]).p, err));
	return pg_run_(c, str_format(a, "UPDATE %s.meta SET version = %u", s->name, s->migration_count).p,
		       err);
}

int pg_migrate_(struct db_connection *c, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	uint64_t version;
	int current;

	TRY(read_version(c, &scratch, &version, err));
	current = judge(c->pool, version, err);
	if (current)
		return current < 0 ? current : 0;
	if (!c->pool->writable || c->pool->no_migration)
		return refuse(c->pool, version, err);
	TRY(pg_run_(c, "BEGIN", err));
	TRY(migrate_locked(c, &scratch, err)); /* closing the connection rolls back */
	return pg_run_(c, "COMMIT", err);
}

/* ---- sizes and upkeep ---- */

int pg_file_bytes_(struct db_connection *c, uint64_t *out, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct str text = { NULL, 0 };
	int got = pg_ask_(c,
			  "SELECT CAST(sum(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c"
			  " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace",
			  &scratch, &text, err);

	if (got < 0)
		return got;
	if (!str_u64(text, UINT64_MAX, out))
		*out = 0;
	return 0;
}

static int on_tables(struct db_connection *c, const char *command, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct str names = { NULL, 0 };

	TRY(pg_ask_(c,
		    "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
		    " WHERE schemaname = current_schema() AND tableowner = current_user",
		    &scratch, &names, err));
	if (!names.n)
		return 0;
	return pg_run_(c, str_format(&scratch, "%s " STR_FMT, command, STR_ARG(names)).p, err);
}

int pg_vacuum_(struct db_connection *c, struct err *err)
{
	return on_tables(c, "VACUUM (ANALYZE)", err);
}

int pg_analyze_(struct db_connection *c, struct err *err)
{
	return on_tables(c, "ANALYZE", err);
}
