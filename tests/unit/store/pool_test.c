/* SPDX-License-Identifier: Apache-2.0 */
/* What store/db.h promises of every database: pools, batches, values. What only PostgreSQL can get wrong,
 * losing a server above all, is in postgres_test.c. */
#include "store_case.h"
#include "thing.h"

#include "base/vec.h"

#include <pthread.h>
#include <stdatomic.h>

static struct db_pool *open_pool(const struct store_case *c, unsigned connections)
{
	struct store_place place = c->place;
	struct db_pool *pool = NULL;
	struct err err = { 0 };

	place.connections = connections;
	ok(db_open(&place, &thing_schema, true, &pool, &err), &err);
	return pool;
}

static int64_t ask(struct db_pool *pool, const char *sql)
{
	autodb struct db *db = db_lock(pool);
	int64_t n = 0;
	struct err err = { 0 };

	ok(db_number(db, sql, NULL, 0, &n, &err), &err);
	return n;
}

static void run_sql(struct db_pool *pool, const char *sql)
{
	autodb struct db *db = db_lock(pool);
	struct err err = { 0 };

	ok(db_run(db, sql, &err), &err);
}

/* ---- many threads ---- */

struct crowd {
	struct db_pool *pool;
	const struct store_place *place;
	atomic_int failed;
};

static int count_up(struct db_pool *pool, struct err *err)
{
	autodb struct db *db = db_lock(pool);
	int64_t n;

	TRY(db_begin(db, DB_WRITE, err));
	TRY(db_number(db, "SELECT n FROM thing WHERE name = 'counter'", NULL, 0, &n, err));
	n++;
	TRY(db_run_int(db, "UPDATE thing SET n = ?1 WHERE name = 'counter'", &n, 1, err));
	return db_commit(db, err);
}

static void *count_up_in_thread(void *arg)
{
	struct crowd *crowd = arg;
	struct err err = { 0 };

	if (count_up(crowd->pool, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		crowd->failed++;
	}
	return NULL;
}

static void two_hundred_writers_queue(void **state)
{
	struct crowd crowd = { .pool = open_pool(*state, 4) };
	pthread_t threads[200];

	run_sql(crowd.pool, "INSERT INTO thing(name, n) VALUES('counter', 0)");
	for (int i = 0; i < 200; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up_in_thread, &crowd), 0);
	for (int i = 0; i < 200; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(ask(crowd.pool, "SELECT n FROM thing WHERE name = 'counter'"), 200);
	db_close(crowd.pool);
}

static void *read_in_thread(void *arg)
{
	struct crowd *crowd = arg;
	autodb struct db *db = db_lock(crowd->pool);
	struct err err = { 0 };
	int64_t n;

	if (db_begin(db, DB_READ, &err) < 0 ||
	    db_number(db, "SELECT count(*) FROM thing", NULL, 0, &n, &err) < 0 || n != 0 ||
	    db_commit(db, &err) < 0)
		crowd->failed++;
	return NULL;
}

static void readers_do_not_wait_for_a_writer_nor_see_half_of_it(void **state)
{
	struct crowd crowd = { .pool = open_pool(*state, 3) };
	autodb struct db *db = db_lock(crowd.pool);
	pthread_t threads[20];
	struct err err = { 0 };

	ok(db_begin(db, DB_WRITE, &err), &err);
	ok(db_run(db, "INSERT INTO thing(name, n) VALUES('new', 1)", &err), &err);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, &crowd), 0);
	for (int i = 0; i < 20; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.failed, 0);
	ok(db_commit(db, &err), &err);
	db_unlockp(&db);
	assert_int_equal(ask(crowd.pool, "SELECT count(*) FROM thing"), 1);
	db_close(crowd.pool);
}

static void a_pool_has_no_more_connections_than_it_may(void **state)
{
	struct crowd crowd = { .pool = open_pool(*state, 2) };
	struct store_usage usage;
	pthread_t threads[40];

	for (int i = 0; i < 40; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, &crowd), 0);
	for (int i = 0; i < 40; i++)
		pthread_join(threads[i], NULL);
	db_usage(crowd.pool, &usage);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(usage.limit, 2);
	assert_in_range(usage.open, 1, 2);
	assert_int_equal(usage.busy, 0);
	assert_int_equal(usage.taken, 40);
	db_close(crowd.pool);
}

static void what_was_not_committed_is_rolled_back(void **state)
{
	struct db_pool *pool = open_pool(*state, 1);
	struct err err = { 0 };

	for (int i = 0; i < 3; i++) {
		autodb struct db *db = db_lock(pool);

		ok(db_begin(db, i == 1 ? DB_WRITE_TOGETHER : DB_WRITE, &err), &err);
		ok(db_run(db, "INSERT INTO thing(name, n) VALUES('gone', 1)", &err), &err);
	}
	assert_int_equal(ask(pool, "SELECT count(*) FROM thing"), 0);
	db_close(pool);
}

static void a_failed_statement_fails_the_transaction(void **state)
{
	struct db_pool *pool = open_pool(*state, 1);
	struct err err = { 0 };
	autodb struct db *db = db_lock(pool);

	ok(db_begin(db, DB_WRITE, &err), &err);
	ok(db_run(db, "INSERT INTO thing(name, n) VALUES('one', 1)", &err), &err);
	assert_true(db_run(db, "INSERT INTO thing(name, n) VALUES('one', 2)", &err) < 0);
	db_unlockp(&db);
	assert_int_equal(ask(pool, "SELECT count(*) FROM thing"), 0);
	db_close(pool);
}

/* ---- values ---- */

static void add(struct db *db, struct str name, struct str blob)
{
	autoquery struct query q = { 0 };
	struct err err = { 0 };
	int64_t id = 0;

	ok(db_query(db, "INSERT INTO thing(name, n, bytes) VALUES(?1, ?2, ?3) RETURNING id", &q, &err), &err);
	query_bind_text(&q, name);
	query_bind_int(&q, INT64_MIN);
	query_bind_blob(&q, blob);
	ok(query_id(&q, &id, &err), &err);
	assert_true(id > 0);
}

static void values_come_back_and_text_is_in_order_of_bytes(void **state)
{
	static const char *const names[] = { "", "B", "_", "a", "a b", "ab", "\xc3\xa9" };
	struct db_pool *pool = open_pool(*state, 1);
	autodb struct db *db = db_lock(pool);
	autoquery struct query q = { 0 };
	struct err err = { 0 };

	for (int i = 6; i >= 0; i--)
		add(db, str_of(names[i]), STR("\0\xff' \\x"));
	ok(db_query(db, "SELECT name, n, bytes, note FROM thing ORDER BY name", &q, &err), &err);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(query_step(&q, &err), 1);
		assert_str(query_text(&q, 0), str_of(names[i]));
		assert_false(query_is_null(&q, 0));
		assert_true(query_int(&q, 1) == INT64_MIN);
		assert_str(query_blob(&q, 2), STR("\0\xff' \\x"));
		assert_true(query_is_null(&q, 3));
		assert_int_equal(query_int(&q, 3), 0);
		assert_int_equal(query_text(&q, 3).n, 0);
	}
	assert_int_equal(query_step(&q, &err), 0);
	query_end(&q);
	db_unlockp(&db);
	db_close(pool);
}

static void text_that_is_no_text_is_found_as_it_was_stored(void **state)
{
	struct db_pool *pool = open_pool(*state, 1);
	autodb struct db *db = db_lock(pool);
	struct err err = { 0 };

	add(db, STR("a\0b"), STR(""));
	add(db, STR("bad \xff"), STR(""));
	for (int i = 0; i < 2; i++) {
		autoquery struct query q = { 0 };

		ok(db_query(db, "SELECT id FROM thing WHERE name = ?1", &q, &err), &err);
		query_bind_text(&q, i ? STR("a\0b") : STR("bad \xff"));
		assert_int_equal(query_step(&q, &err), 1);
	}
	db_unlockp(&db);
	db_close(pool);
}

/* ---- batches and streams ---- */

enum { RUNS = 2500 }; /* more than one message takes */

struct runs {
	int seen[RUNS];
	size_t last;
	int64_t ids[RUNS];
};

static struct str name_of(size_t i)
{
	static char text[32];

	snprintf(text, sizeof(text), "thing %zu", i);
	return str_of(text);
}

static int bind_new(void *ctx, size_t i, struct query *q, struct err *err)
{
	(void)ctx, (void)err;
	query_bind_text(q, name_of(i));
	query_bind_int(q, (int64_t)i);
	query_bind_optional(q, i % 3 ? STR("note") : STR(""));
	query_bind_null(q);
	return 0;
}

static int take_new(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct runs *runs = ctx;

	(void)i, (void)err;
	runs->ids[query_int(q, 1)] = query_int(q, 0);
	return 0;
}

static int bind_name(void *ctx, size_t i, struct query *q, struct err *err)
{
	(void)ctx, (void)err;
	query_bind_text(q, name_of(i * 2)); /* only half of them are there */
	return 0;
}

static int take_row(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct runs *runs = ctx;

	assert_true(i >= runs->last && i < RUNS);
	runs->last = i;
	assert_int_equal(query_int(q, 1), i * 2);
	assert_int_equal(query_int(q, 0), runs->ids[i * 2]);
	assert_int_equal(query_is_null(q, 2), i * 2 % 3 == 0);
	runs->seen[i]++;
	(void)err;
	return 0;
}

static int bind_change(void *ctx, size_t i, struct query *q, struct err *err)
{
	(void)ctx, (void)err;
	query_bind_text(q, name_of(i));
	query_bind_int(q, (int64_t)i + 1);
	return 0;
}

static int bind_gone(void *ctx, size_t i, struct query *q, struct err *err)
{
	(void)ctx, (void)err;
	query_bind_text(q, name_of(i + 10));
	return 0;
}

static void a_batch_is_its_runs_in_order(void **state)
{
	static struct runs runs;
	struct db_pool *pool = open_pool(*state, 1);
	autodb struct db *db = db_lock(pool);
	struct err err = { 0 };

	runs = (struct runs){ 0 };
	ok(db_begin(db, DB_WRITE, &err), &err);
	ok(db_batch(db, "INSERT INTO thing(name, n, note, bytes) VALUES(?1, ?2, ?3, ?4) RETURNING id, n",
		    &(struct batch){ RUNS, &runs, bind_new, take_new }, &err),
	   &err);
	ok(db_batch(db, "SELECT id, n, note FROM thing WHERE name = ?1 ORDER BY n",
		    &(struct batch){ RUNS, &runs, bind_name, take_row }, &err),
	   &err);
	for (int i = 0; i < RUNS; i++)
		assert_int_equal(runs.seen[i], i < RUNS / 2);
	ok(db_batch(db, "UPDATE thing SET n = ?2 WHERE name = ?1",
		    &(struct batch){ RUNS, NULL, bind_change, NULL }, &err),
	   &err);
	ok(db_batch(
		   db,
		   "INSERT INTO thing(name, n) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET n = excluded.n",
		   &(struct batch){ 10, NULL, bind_change, NULL }, &err),
	   &err);
	ok(db_batch(db, "DELETE FROM thing WHERE name = ?1",
		    &(struct batch){ RUNS - 10, NULL, bind_gone, NULL }, &err),
	   &err);
	ok(db_batch(db, "DELETE FROM thing WHERE name = ?1", &(struct batch){ 0 }, &err), &err);
	ok(db_commit(db, &err), &err);
	db_unlockp(&db);
	assert_int_equal(ask(pool, "SELECT count(*) FROM thing"), 10);
	assert_int_equal(ask(pool, "SELECT sum(n) FROM thing"), 55);
	db_close(pool);
}

static int refuse_to_bind(void *ctx, size_t i, struct query *q, struct err *err)
{
	(void)ctx, (void)q;
	return i < 5 ? bind_change(NULL, i, q, err) : err_set(err, E_LIMIT, "no more");
}

static void a_batch_ends_at_the_first_error(void **state)
{
	struct db_pool *pool = open_pool(*state, 1);
	autodb struct db *db = db_lock(pool);
	struct err err = { 0 };

	ok(db_begin(db, DB_WRITE, &err), &err);
	assert_int_equal(db_batch(db, "INSERT INTO thing(name, n) VALUES(?1, ?2)",
				  &(struct batch){ 10, NULL, refuse_to_bind, NULL }, &err),
			 E_LIMIT);
	db_unlockp(&db);
	assert_int_equal(ask(pool, "SELECT count(*) FROM thing"), 0);
	db_close(pool);
}

/* Other questions may be asked while a large answer is read. */
static void a_stream_gives_every_row_once(void **state)
{
	static struct runs runs;
	struct db_pool *pool = open_pool(*state, 1);
	autodb struct db *db = db_lock(pool);
	struct err err = { 0 };

	ok(db_begin(db, DB_WRITE, &err), &err);
	ok(db_batch(db, "INSERT INTO thing(name, n, note, bytes) VALUES(?1, ?2, ?3, ?4)",
		    &(struct batch){ RUNS, &runs, bind_new, NULL }, &err),
	   &err);
	for (int round = 0; round < 3; round++) {
		autoquery struct query q = { 0 };
		int64_t n, rows = 0;

		ok(db_query(db, "SELECT n FROM thing WHERE n >= ?1 ORDER BY n", &q, &err), &err);
		query_stream(&q);
		query_bind_int(&q, 10);
		while (rows < (round == 1 ? 7 : RUNS) && query_step(&q, &err) > 0) {
			assert_int_equal(query_int(&q, 0), rows++ + 10);
			ok(db_number(db, "SELECT count(*) FROM thing WHERE name = 'x'", NULL, 0, &n, &err),
			   &err);
		}
		assert_int_equal(rows, round == 1 ? 7 : RUNS - 10);
	}
	db_unlockp(&db);
	db_close(pool);
}

static void a_reading_pool_writes_nothing(void **state)
{
	const struct store_case *c = *state;
	struct db_pool *pool = NULL;
	struct err err = { 0 };

	assert_int_equal(db_open(&c->place, &thing_schema, false, &pool, &err), E_NOTFOUND);
	assert_in(err.text, thing_schema.advice);
	db_close(open_pool(c, 1));
	ok(db_open(&c->place, &thing_schema, false, &pool, &err), &err);
	{
		autodb struct db *db = db_lock(pool);

		assert_true(db_run(db, "INSERT INTO thing(name, n) VALUES('x', 1)", &err) < 0);
	}
	assert_int_equal(ask(pool, "SELECT count(*) FROM thing"), 0);
	db_close(pool);
}

static void an_old_schema_is_migrated_unless_that_is_switched_off(void **state)
{
	struct store_place place = ((const struct store_case *)*state)->place;
	struct db_schema old = thing_schema;
	struct db_pool *pool = NULL;
	struct err err = { 0 };

	old.migration_count = 1;
	ok(db_open(&place, &old, true, &pool, &err), &err);
	db_close(pool);
	place.no_migration = true;
	assert_int_equal(db_open(&place, &thing_schema, true, &pool, &err), E_CONFIG);
	assert_in(err.text, "migrations are switched off");
	assert_int_equal(db_open(&place, &thing_schema, false, &pool, &err), E_CONFIG);
	place.no_migration = false;
	ok(db_open(&place, &thing_schema, true, &pool, &err), &err);
	assert_int_equal(ask(pool, "SELECT count(note) FROM thing"), 0);
	db_close(pool);
	assert_int_equal(db_open(&place, &old, true, &pool, &err), E_CONFIG);
	assert_in(err.text, "use a newer program");
}

static void *open_in_thread(void *arg)
{
	struct crowd *crowd = arg;
	struct db_pool *pool = NULL;
	struct err err = { 0 };

	if (db_open(crowd->place, &thing_schema, true, &pool, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		crowd->failed++;
	}
	db_close(pool);
	return NULL;
}

static void many_make_the_same_database_at_once(void **state)
{
	const struct store_case *c = *state;
	struct crowd crowd = { .place = &c->place };
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_in_thread, &crowd), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.failed, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_case_setup, store_case_teardown)
	const struct CMUnitTest tests[] = {
		T(two_hundred_writers_queue),
		T(readers_do_not_wait_for_a_writer_nor_see_half_of_it),
		T(a_pool_has_no_more_connections_than_it_may),
		T(what_was_not_committed_is_rolled_back),
		T(a_failed_statement_fails_the_transaction),
		T(values_come_back_and_text_is_in_order_of_bytes),
		T(text_that_is_no_text_is_found_as_it_was_stored),
		T(a_batch_is_its_runs_in_order),
		T(a_batch_ends_at_the_first_error),
		T(a_stream_gives_every_row_once),
		T(a_reading_pool_writes_nothing),
		T(an_old_schema_is_migrated_unless_that_is_switched_off),
		T(many_make_the_same_database_at_once),
	};

	return store_case_run(tests);
}
