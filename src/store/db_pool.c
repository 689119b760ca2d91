/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of connections to one database: opening it, taking and returning a connection, and the queue of the
 * process's writers. What one would get wrong: a connection that could not be opened must be returned too, or
 * the pool shrinks. */
#include "store/db_driver.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define WRITER_SECONDS 60 /* a writer waits for others of its process */

static const struct db_driver *driver_of(enum store_kind kind)
{
	for (size_t i = 0; db_drivers[i]; i++)
		if (db_drivers[i]->kind == kind)
			return db_drivers[i];
	return NULL;
}

bool store_knows(enum store_kind kind)
{
	return driver_of(kind) != NULL;
}

static char *place_of(const struct store_place *place, const struct db_schema *schema)
{
	autoarena struct arena scratch = { 0 };
	struct str s = place->kind == STORE_SQLITE
			       ? str_format(&scratch, STR_FMT "/%s", STR_ARG(place->dir), schema->file)
			       : str_copy(&scratch, place->conninfo);
	char *copy = strdup(s.p);

	if (!copy)
		abort();
	return copy;
}

static int check_place(const struct store_place *place, const struct db_driver *driver, struct err *err)
{
	struct str s = place->kind == STORE_SQLITE ? place->dir : place->conninfo;

	if (!driver)
		return err_set(err, E_UNSUPPORTED, "this program does not know %s: clair-server does",
			       place->kind == STORE_POSTGRES ? "PostgreSQL" : "this database");
	if (place->kind == STORE_SQLITE && (s.n == 0 || memchr(s.p, '\0', s.n)))
		return err_set(err, E_CONFIG, "data directory: \"" STR_FMT "\" is not a path", STR_ARG(s));
	if (s.n && memchr(s.p, '\0', s.n))
		return err_set(err, E_CONFIG, "a connection string holds a NUL byte");
	return 0;
}

static struct db_pool *new_pool(const struct store_place *place, const struct db_driver *driver,
				const struct db_schema *schema, bool writable)
{
	struct db_pool *pool = calloc(1, sizeof(*pool));
	pthread_condattr_t clock;

	if (!pool)
		abort();
	pool->driver = driver;
	pool->schema = schema;
	pool->place = place_of(place, schema);
	pool->writable = writable;
	pool->no_migration = place->no_migration;
	pool->limit = place->connections;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->returned, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->written, &clock);
	pthread_condattr_destroy(&clock);
	return pool;
}

int db_open(const struct store_place *place, const struct db_schema *schema, bool writable,
	    struct db_pool **out, struct err *err)
{
	const struct db_driver *driver = driver_of(place->kind);
	struct db_pool *pool;
	int rc;

	TRY(check_place(place, driver, err));
	pool = new_pool(place, driver, schema, writable);
	rc = driver->open(pool, &pool->idle, err);
	if (rc < 0) {
		db_close(pool);
		return rc;
	}
	pool->open = pool->idle_count = pool->idle != NULL;
	*out = pool;
	return 0;
}

void db_close(struct db_pool *pool)
{
	if (!pool)
		return;
	while (pool->idle) {
		struct db_connection *c = pool->idle;

		pool->idle = c->next;
		pool->driver->disconnect(c);
	}
	pthread_cond_destroy(&pool->returned);
	pthread_cond_destroy(&pool->written);
	pthread_mutex_destroy(&pool->mutex);
	free(pool->place);
	free(pool->label);
	free(pool);
}

void db_usage(struct db_pool *pool, struct store_usage *out)
{
	pthread_mutex_lock(&pool->mutex);
	*out = (struct store_usage){ pool->limit, pool->open, pool->open - pool->idle_count, pool->taken,
				     pool->waits };
	pthread_mutex_unlock(&pool->mutex);
}

struct db_connection *db_pool_take_(struct db_pool *pool)
{
	struct db_connection *c;

	pthread_mutex_lock(&pool->mutex);
	pool->taken++;
	pool->waits += !pool->idle && pool->open >= pool->limit;
	while (!pool->idle && pool->open >= pool->limit)
		pthread_cond_wait(&pool->returned, &pool->mutex);
	c = pool->idle;
	if (c) {
		pool->idle = c->next;
		pool->idle_count--;
	} else {
		pool->open++;
	}
	pthread_mutex_unlock(&pool->mutex);
	return c;
}

void db_pool_return_(struct db_pool *pool, struct db_connection *c)
{
	pthread_mutex_lock(&pool->mutex);
	if (c) {
		c->next = pool->idle;
		pool->idle = c;
		pool->idle_count++;
	} else {
		pool->open--;
	}
	pthread_cond_signal(&pool->returned);
	pthread_mutex_unlock(&pool->mutex);
}

/* Wait for the pool's writer to end; false: too long. */
static bool wait_for_writer(struct db_pool *pool, bool is_patient)
{
	struct timespec end;
	int rc = is_patient ? 0 : ETIMEDOUT;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += WRITER_SECONDS;
	while (pool->has_writer && rc == 0)
		rc = pthread_cond_timedwait(&pool->written, &pool->mutex, &end);
	return !pool->has_writer;
}

bool db_pool_begin_writing_(struct db_pool *pool, bool is_patient)
{
	bool may;

	pthread_mutex_lock(&pool->mutex);
	may = wait_for_writer(pool, is_patient);
	pool->has_writer = true;
	pthread_mutex_unlock(&pool->mutex);
	return may;
}

void db_pool_end_writing_(struct db_pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	pool->has_writer = false;
	pthread_cond_signal(&pool->written);
	pthread_mutex_unlock(&pool->mutex);
}
