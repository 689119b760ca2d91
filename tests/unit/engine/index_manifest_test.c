/* SPDX-License-Identifier: Apache-2.0 */
/* The service's verb: from a posted manifest to its report or its problem */
#include "posts.h"

static void a_manifest_is_indexed_and_then_answered_from_the_store(void **state)
{
	struct fixture *f = *state;
	struct made_layer *base = add_layer(f, 1), *top = add_layer(f, 2);
	struct manifest m = manifest_of(f, "sha256:m");
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, base, OK);
	put_layer(f, &m, top, OK);
	put_layer(f, &m, base, OK); /* a layer may stand there twice */
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_false(out.was_known);
	assert_str_is(out.status.state, "IndexFinished");
	assert_true(out.status.is_finished);
	assert_int_equal(out.status.report.layers.n, 3);
	assert_int_equal(out.status.report.packages.n, 1);
	assert_str_is(out.status.made_by, engine_index_state(&f->task.arena).p);
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_true(out.was_known);
	assert_int_equal(out.status.report.packages.n, 1);
	assert_int_equal(opens(base), 1);
	assert_int_equal(opens(top), 1);
	assert_int_equal(jobs_running(f), 0);
}

static void the_last_posting_of_a_digest_wins(void **state)
{
	struct fixture *f = *state;
	struct made_layer *one = add_layer(f, 1), *other = add_layer(f, 2);
	struct manifest m = manifest_of(f, "sha256:m"), n = m;
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, one, OK);
	put_layer(f, &n, other, OK);
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_int_equal(post_now(f, n, &out, &err), 0);
	assert_false(out.was_known);
	assert_str_is(out.status.report.packages.p[0].package.name, "package2");
	assert_str_is(status_of(f, "sha256:m").report.layers.p[0], other->digest.p);
}

enum { IMAGES = 50, POSTERS = 200, BASES = 5 };

static void two_hundred_posts_of_fifty_images_fetch_each_layer_once(void **state)
{
	struct fixture *f = *state;
	struct poster *posters = calloc(POSTERS, sizeof(*posters));
	unsigned known = 0;

	for (unsigned i = 0; i < IMAGES + BASES; i++)
		add_layer(f, i);
	for (unsigned i = 0; i < POSTERS; i++) {
		unsigned image = i % IMAGES;
		struct manifest m = manifest_of(f, str_format(&f->task.arena, "sha256:image%u", image).p);

		put_layer(f, &m, &f->layers[image % BASES], OK);
		put_layer(f, &m, &f->layers[(image + 1) % BASES], OK);
		put_layer(f, &m, &f->layers[BASES + image], OK);
		poster_start(&posters[i], f, m);
	}
	for (unsigned i = 0; i < POSTERS; i++)
		poster_end(&posters[i]);
	for (unsigned i = 0; i < POSTERS; i++) {
		if (posters[i].result < 0)
			fail_msg("%s", posters[i].err.text);
		assert_str_is(posters[i].outcome.status.state, "IndexFinished");
		assert_int_equal(posters[i].outcome.status.report.layers.n, 3);
		known += posters[i].outcome.was_known;
		task_close(&posters[i].task);
	}
	assert_int_equal(known, POSTERS - IMAGES);
	for (unsigned i = 0; i < IMAGES + BASES; i++)
		assert_int_equal(opens(&f->layers[i]), 1);
	assert_int_equal(jobs_running(f), 0);
	free(posters);
}

static void a_layer_that_cannot_be_fetched_fails_the_manifest_for_now(void **state)
{
	static const char *const addresses[] = { OK "/denied", OK "/missing", OK "/other" };
	struct fixture *f = *state;
	struct made_layer *base = add_layer(f, 1), *top = add_layer(f, 2);
	struct manifest good = manifest_of(f, "sha256:m");
	struct index_outcome out;
	struct err err;

	put_layer(f, &good, base, OK);
	put_layer(f, &good, top, OK);
	for (size_t i = 0; i < 3; i++) {
		struct manifest m = manifest_of(f, "sha256:m");
		struct manifest_status status;

		put_layer(f, &m, base, OK);
		put_layer(f, &m, top, addresses[i]);
		assert_int_equal(post_now(f, m, &out, &err), E_IO);
		assert_false(out.is_permanent);
		assert_says(err.text, str_format(&f->task.arena,
						 "failed to fetch layers: layer \"%s\": ", top->digest.p)
					      .p);
		assert_str_is(out.status.state, "IndexError");
		status = status_of(f, "sha256:m");
		assert_str_is(status.state, "IndexError");
		assert_str_is(status.problem, err.text);
		assert_false(status.is_permanent);
	}
	assert_int_equal(post_now(f, good, &out, &err), 0);
	assert_str_is(status_of(f, "sha256:m").state, "IndexFinished");
	assert_true(opens(base) <= 4); /* kept once it was scanned */
}

static void a_broken_layer_fails_the_manifest_for_ever(void **state)
{
	struct fixture *f = *state;
	struct made_layer *broken = add_broken(f);
	struct manifest m = manifest_of(f, "sha256:m");
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, broken, OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(post_now(f, m, &out, &err), E_FORMAT);
		assert_true(out.is_permanent);
		assert_says(err.text, "failed to scan all layer contents: layer \"sha256:");
		assert_true(status_of(f, "sha256:m").is_permanent);
	}
	assert_int_equal(opens(broken), 1);
}

static void a_dead_worker_is_trouble_once_and_then_the_layers_fault(void **state)
{
	struct fixture *f = *state;
	struct made_layer *deadly = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m");
	struct index_outcome out;
	struct err err;

	f->sandbox.worker_path = false_worker(&f->task.arena, f->dir, "exit 3");
	put_layer(f, &m, deadly, OK);
	assert_int_equal(post_now(f, m, &out, &err), E_IO);
	assert_false(out.is_permanent);
	assert_int_equal(post_now(f, m, &out, &err), E_FORMAT);
	assert_true(out.is_permanent);
	assert_int_equal(opens(deadly), 1);
}

static void a_finished_report_stands_while_another_attempt_fails(void **state)
{
	struct fixture *f = *state;
	struct made_layer *one = add_layer(f, 1), *other = add_layer(f, 2);
	struct manifest m = manifest_of(f, "sha256:m"), n = m;
	struct manifest_status status;
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, one, OK);
	put_layer(f, &n, other, OK "/denied");
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_int_equal(post_now(f, n, &out, &err), E_IO);
	status = status_of(f, "sha256:m");
	assert_str_is(status.state, "IndexFinished");
	assert_str_is(status.report.packages.p[0].package.name, "package1");
	assert_true(status.problem.n > 0);
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_true(out.was_known);
	assert_int_equal(out.status.problem.n, 0);
}

static void a_report_of_other_scanners_is_made_again_from_known_layers(void **state)
{
	struct fixture *f = *state;
	struct made_layer *one = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m");
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, one, OK);
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_int_equal(index_put_report(f->store, &out.status.report, STR("older scanners"), &err), 0);
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_false(out.was_known);
	assert_str_is(status_of(f, "sha256:m").made_by, engine_index_state(&f->task.arena).p);
	assert_int_equal(opens(one), 1);
}

static void a_time_out_is_tried_again(void **state)
{
	struct fixture *f = *state;
	struct made_layer *slow = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m");
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, slow, OK "/slow-once");
	assert_int_equal(post_now(f, m, &out, &err), 0);
	assert_int_equal(opens(slow), 2);
}

static void an_address_that_cannot_be_is_the_posters_fault(void **state)
{
	struct fixture *f = *state;
	struct manifest m = manifest_of(f, "sha256:m"), none = m;
	struct index_outcome out;
	struct err err;

	put_layer(f, &m, add_layer(f, 1), "ftp://registry.example/blob");
	assert_int_equal(post_now(f, m, &out, &err), E_FORMAT);
	assert_true(out.is_permanent);
	assert_int_equal(post_now(f, none, &out, &err), E_FORMAT);
	assert_true(out.is_permanent);
}

static void a_client_that_hangs_up_leaves_the_work_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct made_layer *layer = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m");
	struct poster first, second;

	put_layer(f, &m, layer, OK);
	atomic_store(&layer->is_held, true);
	poster_start(&first, f, m);
	wait_until(is_running, f);
	assert_int_equal(jobs_running(f), 1);
	poster_start(&second, f, m);
	atomic_store(&first.canceled, true);
	poster_end(&first);
	assert_int_equal(first.result, E_CANCELED);
	atomic_store(&layer->is_held, false);
	poster_end(&second);
	assert_int_equal(second.result, 0);
	assert_str_is(status_of(f, "sha256:m").state, "IndexFinished");
	task_close(&first.task);
	task_close(&second.task);
}

static void a_canceled_job_is_no_error_of_the_manifest(void **state)
{
	struct fixture *f = *state;
	struct made_layer *layer = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m");
	struct manifest_status status = { 0 };
	struct poster p;
	struct err err = { 0 };

	put_layer(f, &m, layer, OK);
	atomic_store(&layer->is_held, true);
	poster_start(&p, f, m);
	wait_until(is_running, f);
	atomic_store(&p.canceled, true);
	poster_end(&p);
	assert_int_equal(p.result, E_CANCELED);
	assert_int_equal(manifest_get(f->store, &f->task, m.hash, false, &status, &err), 0);
	assert_int_equal(jobs_running(f), 0);
	atomic_store(&layer->is_held, false);
	task_close(&p.task);
}

static void a_token_that_is_refused_fails_only_its_own_manifest(void **state)
{
	struct fixture *f = *state;
	struct made_layer *held = add_layer(f, 0), *shared = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m"), n = manifest_of(f, "sha256:n");
	struct poster first, second;

	(void)held;
	put_layer(f, &m, shared, OK "/denied");
	put_layer(f, &n, shared, OK);
	atomic_store(&shared->is_held, true);
	poster_start(&first, f, m);
	wait_until(is_running, f);
	poster_start(&second, f, n);
	wait_until(shares, f);
	atomic_store(&shared->is_held, false);
	poster_end(&first);
	poster_end(&second);
	assert_int_equal(first.result, E_IO);
	assert_says(first.err.text, "failed to fetch layers: ");
	assert_int_equal(second.result, 0);
	assert_int_equal(opens(shared), 2);
	task_close(&first.task);
	task_close(&second.task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_manifest_is_indexed_and_then_answered_from_the_store),
		TEST(the_last_posting_of_a_digest_wins),
		TEST(two_hundred_posts_of_fifty_images_fetch_each_layer_once),
		TEST(a_layer_that_cannot_be_fetched_fails_the_manifest_for_now),
		TEST(a_broken_layer_fails_the_manifest_for_ever),
		TEST(a_dead_worker_is_trouble_once_and_then_the_layers_fault),
		TEST(a_finished_report_stands_while_another_attempt_fails),
		TEST(a_report_of_other_scanners_is_made_again_from_known_layers),
		TEST(a_time_out_is_tried_again),
		TEST(an_address_that_cannot_be_is_the_posters_fault),
		TEST(a_client_that_hangs_up_leaves_the_work_to_the_next),
		TEST(a_canceled_job_is_no_error_of_the_manifest),
		TEST(a_token_that_is_refused_fails_only_its_own_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
