/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: who shares, who leaves, whose failure is whose */
#include "askers.h"

/* ---- sharing ---- */

enum { IMAGES = 50, POSTERS = 200, BASES = 5 };

static void two_hundred_askers_of_fifty_images_read_each_layer_once(void **state)
{
	struct fixture *f = *state;
	struct made_layer *layers = calloc(IMAGES + BASES, sizeof(*layers));
	struct asker *askers = calloc(POSTERS, sizeof(*askers));

	for (unsigned i = 0; i < IMAGES + BASES; i++)
		make_layer(&f->arena, i, &layers[i]);
	for (unsigned i = 0; i < POSTERS; i++) {
		unsigned image = i % IMAGES;
		struct made_layer *of[] = { &layers[image % BASES], &layers[(image + 1) % BASES],
					    &layers[BASES + image] };

		asker_open(&askers[i], f, of, 3);
		askers[i].at_once = i % 3;
	}
	for (unsigned i = 0; i < POSTERS; i++)
		asker_start(&askers[i]);
	for (unsigned i = 0; i < POSTERS; i++)
		asker_end(&askers[i]);
	for (unsigned i = 0; i < POSTERS; i++) {
		assert_int_equal(askers[i].result, 0);
		assert_int_equal(atomic_load(&askers[i].done), 3);
		assert_int_equal(atomic_load(&askers[i].begun), 3);
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(askers[i].asks[k].error.code, 0);
		asker_close(&askers[i]);
	}
	for (unsigned i = 0; i < IMAGES + BASES; i++)
		assert_int_equal(atomic_load(&layers[i].opens), 1);
	wait_until(is_idle, f);
	assert_int_equal(stats(f).scanned, IMAGES + BASES);
	free(askers);
	free(layers);
}

static void findings_are_copied_for_who_wants_them(void **state)
{
	struct fixture *f = *state;
	struct made_source source;
	struct layer_scan scans[64] = { 0 };
	struct layer_ask one = { .layer = &source.layer, .wanted = layer_all_scanners(), .scans = scans };
	struct layer_ask *asks[] = { &one };
	struct layer_asking q = { .terms = { .store = f->store, .with_findings = true },
				  .asks = asks,
				  .count = 1 };
	struct task task = { 0 };
	struct findings found = { .arena = &task.arena };
	int apk = scanner_index(&id_apk);
	struct err err = { 0 };

	made_source_open(&source, &f->layer);
	assert_int_equal(layer_pool_scan(f->pool, &task, &q, &err), 0);
	assert_int_equal(one.error.code, 0);
	assert_true(one.was_scanned);
	assert_int_equal(findings_decode(&task, scans[apk].findings, apk, &found, &err), 0);
	assert_int_equal(found.packages.n, 1);
	assert_str_is(found.packages.p[0].package.name, "package0");
	assert_true(is_stored(f));
	/* and again, from the store, because somebody else was faster */
	memset(scans, 0, sizeof(scans));
	one = (struct layer_ask){ .layer = &source.layer, .wanted = layer_all_scanners(), .scans = scans };
	assert_int_equal(layer_pool_scan(f->pool, &task, &q, &err), 0);
	assert_true(scans[apk].findings.n > 0);
	assert_false(one.was_scanned);
	assert_int_equal(atomic_load(&f->layer.opens), 1);
	task_close(&task);
}

/* ---- leaving ---- */

static void who_gives_up_leaves_the_scan_to_the_others(void **state)
{
	struct fixture *f = *state;
	struct asker first, second;
	uint64_t canceled_ns;

	start_two(f, &first, &second);
	run_two(f, &first, &second);
	canceled_ns = time_monotonic_ns();
	atomic_store(&first.canceled, true);
	asker_end(&first);
	assert_int_equal(first.result, E_CANCELED);
	assert_true(first.ended_ns - canceled_ns < 1000000000ull);
	atomic_store(&f->layer.is_held, false);
	asker_end(&second);
	assert_int_equal(second.result, 0);
	assert_int_equal(second.asks[0].error.code, 0);
	assert_int_equal(atomic_load(&f->layer.opens), 1);
	asker_close(&first);
	asker_close(&second);
}

static void who_gives_up_takes_its_own_memory_along(void **state)
{
	struct fixture *f = *state;
	struct asker first, second;

	second.is_borrowed = true;
	start_two(f, &first, &second);
	first.is_borrowed = second.is_borrowed = true;
	first.sources[0].task = &first.task;
	run_two(f, &first, &second);
	atomic_store(&first.canceled, true);
	asker_end(&first);
	assert_int_equal(first.result, E_CANCELED);
	asker_close(&first); /* its source is freed: nobody may read from it now */
	atomic_store(&f->layer.is_held, false);
	asker_end(&second);
	assert_int_equal(second.result, 0);
	assert_int_equal(second.asks[0].error.code, 0);
	assert_int_equal(atomic_load(&f->layer.opens), 2);
	asker_close(&second);
}

static void a_scan_that_nobody_wants_ends(void **state)
{
	struct fixture *f = *state;
	struct asker first, second, third;

	start_two(f, &first, &second);
	run_two(f, &first, &second);
	atomic_store(&first.canceled, true);
	second.task.deadline_ns = 0;
	atomic_store(&second.canceled, true);
	asker_end(&first);
	asker_end(&second);
	wait_until(is_idle, f);
	assert_false(is_stored(f));
	asker_close(&first);
	asker_close(&second);
	atomic_store(&f->layer.is_held, false);
	asker_open(&third, f, &(struct made_layer *){ &f->layer }, 1);
	asker_start(&third);
	asker_end(&third);
	assert_int_equal(third.result, 0);
	assert_true(is_stored(f));
	asker_close(&third);
}

static void a_layer_that_waits_is_forgotten_with_its_last_asker(void **state)
{
	struct fixture *f = *state;
	struct asker first, others[3];
	struct made_layer held[2], *two[] = { &held[0], &held[1] };

	make_layer(&f->arena, 1, &held[0]);
	make_layer(&f->arena, 2, &held[1]);
	atomic_store(&held[0].is_held, true);
	atomic_store(&held[1].is_held, true);
	asker_open(&first, f, two, 2); /* keeps both threads busy */
	asker_start(&first);
	wait_until(is_full, f);
	for (int i = 0; i < 3; i++) {
		asker_open(&others[i], f, &(struct made_layer *){ &f->layer }, 1);
		others[i].task.deadline_ns = time_monotonic_ns() + 300000000ull;
		asker_start(&others[i]);
	}
	for (int i = 0; i < 3; i++) {
		asker_end(&others[i]);
		assert_int_equal(others[i].result, E_TIMEOUT);
		asker_close(&others[i]);
	}
	assert_int_equal(stats(f).waiting, 0);
	atomic_store(&held[0].is_held, false);
	atomic_store(&held[1].is_held, false);
	asker_end(&first);
	assert_int_equal(first.result, 0);
	assert_int_equal(atomic_load(&f->layer.opens), 0);
	asker_close(&first);
}

/* ---- failures ---- */

/* What is wrong with the source of the first asker is not the second one's business. */
static void a_failed_source_fails_only_its_asker(void **state)
{
	static const struct {
		int open_error, read_error;
		const char *bytes;
		int want;
	} cases[] = {
		{ E_AUTH, 0, "", E_AUTH }, { E_NOTFOUND, 0, "", E_NOTFOUND },
		{ E_IO, 0, "", E_IO },	   { 0, E_TIMEOUT, "", E_TIMEOUT },
		{ 0, E_IO, "", E_IO },	   { 0, 0, "other bytes", E_FORMAT },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct asker first, second, third;
		struct err err = { 0 };
		uint64_t dropped;

		atomic_store(&f->layer.opens, 0);
		start_two(f, &first, &second);
		first.sources[0].open_error = cases[i].open_error;
		first.sources[0].read_error = cases[i].read_error;
		first.sources[0].other_bytes = str_of(cases[i].bytes);
		asker_open(&third, f, &(struct made_layer *){ &f->layer }, 1);
		run_two(f, &first, &second);
		asker_start(&third);
		atomic_store(&f->layer.is_held, false);
		asker_end(&first);
		asker_end(&second);
		asker_end(&third);
		assert_int_equal(first.asks[0].error.code, cases[i].want);
		assert_int_equal(first.asks[0].fault, FAULT_SOURCE);
		assert_int_equal(second.asks[0].error.code, 0);
		assert_int_equal(third.asks[0].error.code, 0);
		assert_int_equal(atomic_load(&f->layer.opens), 2);
		asker_close(&first);
		asker_close(&second);
		asker_close(&third);
		assert_int_equal(index_clean(f->store, INT64_MAX, 0, false, &dropped, &err), 0);
	}
}

static void a_broken_layer_fails_all_and_is_remembered(void **state)
{
	struct fixture *f = *state;
	struct asker first, second, later;
	struct made_layer broken = { .bytes = STR("\x1f\x8b\x08 this is no gzip stream, whatever it says") };
	char digest[72];

	broken.digest = str_of(digest_of(broken.bytes, digest));
	f->layer.bytes = broken.bytes;
	f->layer.digest = broken.digest;
	start_two(f, &first, &second);
	run_two(f, &first, &second);
	atomic_store(&f->layer.is_held, false);
	asker_end(&first);
	asker_end(&second);
	assert_int_equal(first.asks[0].error.code, E_FORMAT);
	assert_int_equal(first.asks[0].fault, FAULT_LAYER);
	assert_int_equal(second.asks[0].error.code, E_FORMAT);
	assert_int_equal(second.asks[0].fault, FAULT_LAYER);
	asker_open(&later, f, &(struct made_layer *){ &f->layer }, 1);
	asker_start(&later);
	asker_end(&later);
	assert_int_equal(later.asks[0].error.code, E_FORMAT);
	assert_true(later.asks[0].was_recalled);
	assert_int_equal(atomic_load(&f->layer.opens), 1);
	asker_close(&first);
	asker_close(&second);
	asker_close(&later);
}

static void a_worker_that_dies_is_told_from_a_broken_layer(void **state)
{
	struct fixture *f = *state;
	struct asker first, later;

	f->sandbox.worker_path = false_worker(&f->arena, f->dir, "exit 3");
	asker_open(&first, f, &(struct made_layer *){ &f->layer }, 1);
	asker_start(&first);
	asker_end(&first);
	assert_int_equal(first.asks[0].fault, FAULT_WORKER);
	assert_int_equal(stats(f).workers_died, 1);
	asker_open(&later, f, &(struct made_layer *){ &f->layer }, 1);
	asker_start(&later);
	asker_end(&later);
	assert_true(later.asks[0].was_recalled);
	assert_int_equal(later.asks[0].error.code, E_FORMAT);
	asker_close(&first);
	asker_close(&later);
}

static void a_worker_that_never_answers_is_timed_out(void **state)
{
	struct fixture *f = *state;
	struct asker first, second;

	f->sandbox.worker_path = false_worker(&f->arena, f->dir, "exec /bin/sleep 100");
	start_two(f, &first, &second);
	first.seconds = second.seconds = 1;
	atomic_store(&f->layer.is_held, false);
	run_two(f, &first, &second);
	asker_end(&first);
	asker_end(&second);
	assert_int_equal(first.asks[0].error.code, E_TIMEOUT);
	assert_int_equal(second.asks[0].error.code, E_TIMEOUT);
	assert_int_equal(second.asks[0].fault, FAULT_LAYER);
	assert_int_equal(stats(f).workers_timed_out, 1);
	assert_int_equal(atomic_load(&f->layer.opens), 1);
	asker_close(&first);
	asker_close(&second);
}

static void the_first_failure_ends_the_waiting_when_asked_to(void **state)
{
	struct fixture *f = *state;
	struct made_layer held, *both[] = { &held, &f->layer };
	struct asker a;

	make_layer(&f->arena, 7, &held);
	atomic_store(&held.is_held, true);
	asker_open(&a, f, both, 2);
	a.stop_at_failure = true;
	a.sources[1].open_error = E_AUTH;
	asker_start(&a);
	asker_end(&a);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.asks[1].error.code, E_AUTH);
	assert_false(a.asks[0].is_answered);
	wait_until(is_idle, f);
	asker_close(&a);
}

/* ---- order ---- */

struct order {
	struct layer_ask *ended[64];
	size_t n;
};

static void note_order(void *ctx, const struct layer_ask *ask, bool done)
{
	struct order *o = ctx;

	if (done)
		o->ended[o->n++] = (struct layer_ask *)ask;
}

static void the_largest_goes_first_and_the_smallest_does_not_starve(void **state)
{
	enum { N = 16 };
	struct fixture *f = *state;
	struct made_layer layers[N], *of[N];
	struct layer_ask *asks[N];
	struct order order = { .n = 0 };
	struct layer_asking q = { .asks = asks, .count = N, .progress = note_order, .ctx = &order };
	struct asker a;
	struct err err = { 0 };

	layer_pool_close(f->pool);
	open_pool(f, 1);
	for (unsigned i = 0; i < N; i++) {
		make_layer(&f->arena, i, &layers[i]);
		of[i] = &layers[i];
	}
	asker_open(&a, f, of, N);
	for (unsigned i = 0; i < N; i++)
		asks[i] = &a.asks[N - 1 - i]; /* the smallest asks first */
	q.terms.store = f->store;
	assert_int_equal(layer_pool_scan(f->pool, &a.task, &q, &err), 0);
	assert_int_equal(order.n, N);
	for (size_t i = 0; i < N; i++)
		if (order.ended[i] == asks[0])
			assert_true(i < 8);
	assert_true(order.ended[0] == asks[N - 1] || order.ended[1] == asks[N - 1]);
	asker_close(&a);
}

static void memory_that_a_window_asks_for_is_waited_for(void **state)
{
	/* A zstd frame header that asks for 64 MiB, and nothing behind it: broken, but admitted first. */
	static const char frame[] = "\x28\xb5\x2f\xfd\x00\x80";
	struct fixture *f = *state;
	struct made_layer layers[4], *of[4];
	struct asker a;

	for (unsigned i = 0; i < 4; i++) {
		char digest[72];

		layers[i] = (struct made_layer){ .bytes = str_format(&f->arena, "%s", "") };
		layers[i].bytes = str_format(&f->arena, "%.4s%c%c%u", frame, 0, 0x80, i);
		layers[i].digest = str_copy(&f->arena, str_of(digest_of(layers[i].bytes, digest)));
		of[i] = &layers[i];
	}
	asker_open(&a, f, of, 4);
	asker_start(&a);
	asker_end(&a);
	assert_int_equal(a.result, 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(a.asks[i].error.code, E_FORMAT);
		assert_int_equal(atomic_load(&layers[i].opens), 1);
	}
	wait_until(is_idle, f);
	asker_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_hundred_askers_of_fifty_images_read_each_layer_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(findings_are_copied_for_who_wants_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_gives_up_leaves_the_scan_to_the_others, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_gives_up_takes_its_own_memory_along, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_scan_that_nobody_wants_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_layer_that_waits_is_forgotten_with_its_last_asker, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_failed_source_fails_only_its_asker, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_broken_layer_fails_all_and_is_remembered, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_worker_that_dies_is_told_from_a_broken_layer, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_worker_that_never_answers_is_timed_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_failure_ends_the_waiting_when_asked_to, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_largest_goes_first_and_the_smallest_does_not_starve,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_that_a_window_asks_for_is_waited_for, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
