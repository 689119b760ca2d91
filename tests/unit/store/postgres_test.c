/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL as it is in life: servers that go and come back, wrong passwords, other people's tables, nodes
 * that write at once. */
#include "store_case.h"
#include "thing.h"

#include "base/time.h"
#include "store/advisories.h"
#include "store/index.h"

#include <pthread.h>
#include <stdatomic.h>

static struct db_pool *open_pool(const struct store_case *c)
{
	struct store_place place = c->place;
	struct db_pool *pool = NULL;
	struct err err = { 0 };

	place.connections = 3;
	ok(db_open(&place, &thing_schema, true, &pool, &err), &err);
	return pool;
}

static int ask(struct db_pool *pool, int64_t *n, struct err *err)
{
	autodb struct db *db = db_lock(pool);

	return db_number(db, "SELECT count(*) FROM thing", NULL, 0, n, err);
}

/* Is the server ours to stop? */
static bool is_ours(void)
{
	if (places_server()->pid)
		return true;
	print_message("skipped: the server is not ours\n");
	return false;
}

static void a_restart_is_not_noticed_between_questions(void **state)
{
	static const int how[] = { SIGINT, SIGQUIT };
	struct db_pool *pool = open_pool(*state);
	struct err err = { 0 };
	int64_t n;

	for (int i = 0; is_ours() && i < 2; i++) {
		places_stop(places_server(), how[i]);
		assert_true(places_start(places_server()));
		ok(ask(pool, &n, &err), &err);
		places_stop(places_server(), how[i]);
		assert_true(places_start(places_server()));
		{
			autodb struct db *db = db_lock(pool);

			ok(db_begin(db, DB_WRITE, &err), &err);
			ok(db_run(db, "INSERT INTO thing(name, n) VALUES('x', 1) ON CONFLICT DO NOTHING",
				  &err),
			   &err);
			ok(db_commit(db, &err), &err);
		}
	}
	db_close(pool);
}

static void a_restart_within_a_transaction_is_an_error_that_says_so(void **state)
{
	struct db_pool *pool = open_pool(*state);
	struct err err = { 0 };
	int64_t n = -1;

	if (is_ours()) {
		autodb struct db *db = db_lock(pool);

		ok(db_begin(db, DB_WRITE, &err), &err);
		ok(db_run(db, "INSERT INTO thing(name, n) VALUES('x', 1)", &err), &err);
		places_stop(places_server(), SIGINT);
		assert_true(places_start(places_server()));
		assert_int_equal(db_run(db, "INSERT INTO thing(name, n) VALUES('y', 1)", &err), E_IO);
		assert_in(err.text, "the connection was lost: try again");
		assert_int_equal(db_run(db, "INSERT INTO thing(name, n) VALUES('z', 1)", &err), E_IO);
		assert_int_equal(db_commit(db, &err), E_IO);
		db_unlockp(&db);
		ok(ask(pool, &n, &err), &err);
		assert_int_equal(n, 0);
	}
	db_close(pool);
}

static void a_server_that_is_gone_is_an_error_until_it_is_back(void **state)
{
	struct db_pool *pool = open_pool(*state);
	struct err err = { 0 };
	int64_t n;

	if (is_ours()) {
		places_stop(places_server(), SIGQUIT);
		for (int i = 0; i < 5; i++) {
			assert_int_equal(ask(pool, &n, &err), E_IO);
			assert_in(err.text, "PostgreSQL database postgres at 127.0.0.1");
			assert_null(strstr(err.text, "sekret"));
		}
		assert_true(places_start(places_server()));
		for (int i = 0; i < 40 && ask(pool, &n, &err) < 0; i++)
			usleep(100 * 1000);
		ok(ask(pool, &n, &err), &err);
	}
	db_close(pool);
}

static void secrets_are_in_no_message(void **state)
{
	static const struct {
		const char *place;
		int code;
	} cases[] = {
		{ "host=127.0.0.1 port=%d user=clair password=wrongsekret dbname=postgres", E_AUTH },
		{ "postgresql://clair:wrongsekret@127.0.0.1:%d/postgres", E_AUTH },
		{ "postgresql://clair:wrong@sekret@127.0.0.1:%d/postgres", E_CONFIG },
		{ "postgresql://clair:sekret@127.0.0.1:%d/postgres?nonsense=1", E_CONFIG },
		{ "postgresql://clair:sekret@127.0.0.1:%d:x/postgres", E_IO },
		{ "postgresql://clair:sekret%%zz@127.0.0.1:%d/postgres", E_CONFIG },
		{ "host=127.0.0.1 port=%d user=clair password='sekret dbname=postgres", E_CONFIG },
		{ "host=127.0.0.1 port=%d user=clair password=sekret dbname=nowhere", E_IO },
	};

	(void)state;
	for (size_t i = 0; is_ours() && i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_place place;
		struct db_pool *pool = NULL;
		struct err err = { 0 };
		char text[200];

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), cases[i].place, places_server()->port);
		ok(store_place_parse(str_of(text), "place", &place, &err), &err);
		if (db_open(&place, &thing_schema, true, &pool, &err) != cases[i].code)
			fail_msg("%s: %s: %s", cases[i].place, err_name(err.code), err.text);
		assert_null(strstr(err.text, "sekret"));
	}
}

static void stores_share_a_database_with_other_tables(void **state)
{
	const struct store_case *c = *state;
	struct advisory_store *a = NULL;
	struct index_store *x = NULL;
	struct err err = { 0 };
	char text[64];

	assert_true(places_sql("public",
			       "DROP TABLE IF EXISTS layer, vuln; CREATE TABLE layer(hash text);"
			       "CREATE TABLE vuln(id int); INSERT INTO layer VALUES('theirs')",
			       NULL, 0));
	ok(advisories_open_at(&c->place, STORE_WRITE, &a, &err), &err);
	ok(index_store_open_at(&c->place, &x, &err), &err);
	ok(index_put_layer(x, STR("sha256:a"), 1, NULL, 0, &err), &err);
	assert_true(places_sql("public", "SELECT string_agg(hash, ',') FROM layer", text, sizeof(text)));
	assert_string_equal(text, "theirs");
	assert_int_equal(store_case_number(c, "index.db", "SELECT count(*) FROM clair_index.layer"), 1);
	assert_true(places_sql("public",
			       "DROP TABLE layer, vuln; SELECT count(*) FROM pg_tables WHERE schemaname = "
			       "'public'",
			       text, sizeof(text)));
	assert_string_equal(text, "0");
	advisories_close(a);
	index_store_close(x);
}

/* ---- nodes ---- */

struct node {
	struct store_place place;
	int number;
	atomic_int *failed, *leased;
};

static int scan_layers(const struct node *node, struct err *err)
{
	autoindex struct index_store *s = NULL;
	const struct layer_scan scans[] = { { &id_dpkg, STR("findings"), STR("") },
					    { &id_os_release, STR("os"), STR("") } };
	char digest[64];

	TRY(index_store_open_at(&node->place, &s, err));
	for (int i = 0; i < 40; i++) {
		/* half of them are those of other nodes, in another order */
		snprintf(digest, sizeof(digest), "sha256:%d", i % 2 ? i * 7 % 40 : 1000 * node->number + i);
		TRY(index_put_layer(s, str_of(digest), 1, scans, 2, err));
	}
	return 0;
}

static int lease(const struct node *node, struct err *err)
{
	autoadvisories struct advisory_store *s = NULL;
	int got;

	TRY(advisories_open_at(&node->place, STORE_WRITE, &s, err));
	got = advisories_lease(s, STR("updater"), 60, err);
	*node->leased += got > 0;
	return got;
}

static void *be_a_node(void *arg)
{
	const struct node *node = arg;
	struct err err = { 0 };

	if (lease(node, &err) < 0 || scan_layers(node, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		++*node->failed;
	}
	return NULL;
}

static void many_nodes_store_layers_and_one_gets_the_lease(void **state)
{
	enum { NODES = 8 };
	const struct store_case *c = *state;
	atomic_int failed = 0, leased = 0;
	struct node nodes[NODES];
	pthread_t threads[NODES];

	for (int i = 0; i < NODES; i++) {
		nodes[i] = (struct node){ c->place, i, &failed, &leased };
		assert_int_equal(pthread_create(&threads[i], NULL, be_a_node, &nodes[i]), 0);
	}
	for (int i = 0; i < NODES; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failed, 0);
	assert_int_equal(leased, 1);
	assert_int_equal(store_case_number(c, "index.db", "SELECT count(*) FROM scanner"), 2);
	assert_int_equal(store_case_number(c, "index.db", "SELECT count(*) FROM layer_scan") -
				 2 * store_case_number(c, "index.db", "SELECT count(*) FROM layer"),
			 0);
}

struct crossing {
	struct db_pool *pool;
	int64_t first, second;
	pthread_barrier_t *both;
	int code;
};

static int cross(const struct crossing *x, struct err *err)
{
	autodb struct db *db = db_lock(x->pool);

	TRY(db_begin(db, DB_WRITE_TOGETHER, err));
	TRY(db_run_int(db, "UPDATE thing SET n = n + 1 WHERE id = ?1", &x->first, 1, err));
	pthread_barrier_wait(x->both);
	TRY(db_run_int(db, "UPDATE thing SET n = n + 1 WHERE id = ?1", &x->second, 1, err));
	return db_commit(db, err);
}

static void *cross_in_thread(void *arg)
{
	struct crossing *x = arg;
	struct err err = { 0 };

	x->code = cross(x, &err);
	return NULL;
}

static void writers_that_wait_for_each_other_are_a_conflict(void **state)
{
	struct db_pool *pool = open_pool(*state);
	pthread_barrier_t both;
	struct crossing x[] = { { pool, 1, 2, &both, 0 }, { pool, 2, 1, &both, 0 } };
	pthread_t threads[2];

	store_case_sql(*state, "index.db",
		       "INSERT INTO clair_thing.thing(id, name, n) VALUES(1, 'a', 0), (2, 'b', 0)");
	pthread_barrier_init(&both, NULL, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, cross_in_thread, &x[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&both);
	assert_int_equal(x[0].code + x[1].code, E_CONFLICT);
	db_close(pool);
}

static void what_migrations_left_half_done_is_not_taken_for_a_store(void **state)
{
	const struct store_case *c = *state;
	struct db_pool *pool = NULL;
	struct err err = { 0 };

	db_close(open_pool(c));
	store_case_sql(c, "index.db", "DELETE FROM clair_thing.meta");
	assert_int_equal(db_open(&c->place, &thing_schema, true, &pool, &err), E_FORMAT);
	assert_in(err.text, "drop the schema clair_thing there and make things again");
}

int main(void)
{
	static char postgres[] = "postgres";
#define P(name)                                                                                              \
	{                                                                                                    \
#name, name, store_case_setup, store_case_teardown, postgres                                 \
	}
	const struct CMUnitTest tests[] = {
		P(a_restart_is_not_noticed_between_questions),
		P(a_restart_within_a_transaction_is_an_error_that_says_so),
		P(a_server_that_is_gone_is_an_error_until_it_is_back),
		P(secrets_are_in_no_message),
		P(stores_share_a_database_with_other_tables),
		P(many_nodes_store_layers_and_one_gets_the_lease),
		P(writers_that_wait_for_each_other_are_a_conflict),
		P(what_migrations_left_half_done_is_not_taken_for_a_store),
	};

	if (!places_postgres()) {
		print_message("1..0 # SKIP no PostgreSQL\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, store_case_close_);
}
