/* SPDX-License-Identifier: Apache-2.0 */
/* The service's verb against a real store and real workers; only the network is made up */
#include "layers.h"

#include "engine/index.h"
#include "engine/index_manifest.h"

#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

enum { MAX_LAYERS = 64 };

struct fixture {
	struct http_client_options client; /* must be first: how image_from_manifest finds the rest */
	char dir[64];
	struct task task;
	struct log log;
	struct sandbox sandbox;
	struct index_store *store;
	struct layer_pool *pool;
	struct index_service service;
	struct made_layer layers[MAX_LAYERS];
	size_t layer_count;
};

/* ---- the network ---- */

/* Takes the place of image/remote_layers.c. The end of an address says what comes of fetching it. */
int image_from_manifest(struct task *task, const struct manifest *manifest,
			const struct http_client_options *client, struct image *out, struct err *err)
{
	struct fixture *f = (struct fixture *)client;

	out->manifest_hash = manifest->hash;
	VEC_EACH (const struct manifest_layer, l, &manifest->layers) {
		struct made_source *source = ARENA_NEW(&task->arena, struct made_source);
		size_t i = 0;

		if (!str_starts(l->uri, STR("http")))
			return err_set(err, E_FORMAT, "no http");
		while (i < f->layer_count && !str_eq(f->layers[i].digest, l->hash))
			i++;
		assert_true(i < f->layer_count);
		made_source_open(source, &f->layers[i]);
		source->task = task;
		source->layer.size_bytes = UINT64_MAX;
		if (str_ends(l->uri, STR("denied")))
			source->open_error = E_AUTH;
		if (str_ends(l->uri, STR("missing")))
			source->open_error = E_NOTFOUND;
		if (str_ends(l->uri, STR("slow-once")) && atomic_load(&f->layers[i].opens) == 0)
			source->read_error = E_TIMEOUT;
		if (str_ends(l->uri, STR("other")))
			source->other_bytes = STR("something else");
		VEC_PUSH(&task->arena, &out->layers, source->layer);
	}
	return 0;
}

/* ---- fixture ---- */

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct layer_pool_options options = { .sandbox = &f->sandbox, .log = &f->log, .threads = 2 };
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-manifest-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->log.level = -1;
	f->sandbox.worker_path = test_worker(&f->task.arena);
	assert_int_equal(index_store_open(str_of(f->dir), &f->store, &err), 0);
	assert_int_equal(layer_pool_open(&options, &f->pool, &err), 0);
	f->service = (struct index_service){
		.store = f->store,
		.layers = f->pool,
		.client = &f->client,
		.log = &f->log,
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	layer_pool_close(f->pool);
	index_store_close(f->store);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static struct made_layer *add_layer(struct fixture *f, unsigned number)
{
	struct made_layer *l = &f->layers[f->layer_count++];

	make_layer(&f->task.arena, number, l);
	return l;
}

static struct made_layer *add_broken(struct fixture *f)
{
	struct made_layer *l = &f->layers[f->layer_count++];
	char digest[72];

	*l = (struct made_layer){ .bytes = STR("\x1f\x8b\x08 this is no gzip stream, whatever it says") };
	l->digest = str_copy(&f->task.arena, str_of(digest_of(l->bytes, digest)));
	return l;
}

static struct manifest manifest_of(struct fixture *f, const char *hash)
{
	(void)f;
	return (struct manifest){ .hash = str_of(hash) };
}

static void put_layer(struct fixture *f, struct manifest *m, const struct made_layer *l, const char *uri)
{
	struct manifest_layer layer = { .hash = l->digest, .uri = str_of(uri) };

	VEC_PUSH(&f->task.arena, &m->layers, layer);
}

static struct manifest_status status_of(struct fixture *f, const char *hash)
{
	struct manifest_status status = { 0 };
	struct err err = { 0 };

	assert_true(manifest_get(f->store, &f->task, str_of(hash), true, &status, &err) >= 0);
	return status;
}

static uint64_t jobs_running(struct fixture *f)
{
	struct err err = { 0 };
	uint64_t n = 99;

	assert_int_equal(index_jobs_running(f->store, &n, &err), 0);
	return n;
}

static int opens(const struct made_layer *l)
{
	return atomic_load(&((struct made_layer *)l)->opens);
}

#define OK "https://registry.example/blob"

/* A poster on a thread of its own. */
struct poster {
	struct fixture *f;
	pthread_t thread;
	struct task task;
	atomic_bool canceled, has_ended;
	struct manifest manifest;
	struct index_outcome outcome;
	int result;
	struct err err;
};

static void *post(void *arg)
{
	struct poster *p = arg;

	p->task.canceled = &p->canceled;
	p->result = engine_index_manifest(&p->task, &p->f->service, &p->manifest, &p->outcome, &p->err);
	atomic_store(&p->has_ended, true);
	return NULL;
}

static void poster_start(struct poster *p, struct fixture *f, struct manifest m)
{
	*p = (struct poster){ .f = f, .manifest = m };
	assert_int_equal(pthread_create(&p->thread, NULL, post, p), 0);
}

static void poster_end(struct poster *p)
{
	pthread_join(p->thread, NULL);
}

static int post_now(struct fixture *f, struct manifest m, struct index_outcome *out, struct err *err)
{
	*err = (struct err){ 0 };
	return engine_index_manifest(&f->task, &f->service, &m, out, err);
}

static bool is_running(void *ctx)
{
	struct layer_pool_stats s;

	layer_pool_stats(((struct fixture *)ctx)->pool, &s);
	return s.running > 0;
}

static bool shares(void *ctx)
{
	struct layer_pool_stats s;

	layer_pool_stats(((struct fixture *)ctx)->pool, &s);
	return s.shared > 0;
}

static void assert_says(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("\"%s\" does not start with \"%s\"", text, start);
}

/* ---- tests ---- */

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

/* ---- jobs of a process that is gone ---- */

static void put_header(struct fixture *f, struct manifest *m, const char *name, const char *value)
{
	struct manifest_header h = { .name = str_of(name),
				     .values = ARENA_NEW(&f->task.arena, struct str),
				     .n = 1 };

	h.values[0] = str_of(value);
	VEC_PUSH(&f->task.arena, &m->layers.p[0].headers, h);
}

static void only_what_is_no_secret_is_kept_of_a_request(void **state)
{
	static const struct {
		const char *uri, *header;
		bool want;
	} cases[] = {
		{ "https://registry.example/blob", "Accept", true },
		{ "http://127.0.0.1:5000/blob", "accept", true },
		{ "https://registry.example/blob?signature=abc", "Accept", false },
		{ "https://registry.example/blob#abc", "Accept", false },
		{ "https://user:secret@registry.example/blob", "Accept", false },
		{ "https://registry.example/blob", "Authorization", false },
		{ "https://registry.example/blob", "X-Token", false },
		{ "file:///blob", "Accept", false },
	};
	struct fixture *f = *state;
	struct made_layer *l = add_layer(f, 1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct manifest m = manifest_of(f, "sha256:m");
		struct str kept;

		put_layer(f, &m, l, cases[i].uri);
		put_header(f, &m, cases[i].header, "application/gzip");
		kept = index_request_keep(&f->task.arena, &m);
		assert_int_equal(kept.n > 0, cases[i].want);
		if (cases[i].want)
			assert_true(str_search(kept, STR("application/gzip")) < kept.n);
	}
}

/* Another process takes a job and goes away without ending it. */
static void leave_job(struct fixture *f, const char *hash, struct str request)
{
	char *const argv[] = { (char *)"index_manifest_test",
			       (char *)"leave-job",
			       f->dir,
			       (char *)hash,
			       (char *)str_copy(&f->task.arena, request).p,
			       NULL };
	extern char **environ;
	int status = 1;
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int leave_job_and_go(char **argv)
{
	struct index_store *s;
	struct err err = { 0 };

	if (index_store_open(str_of(argv[2]), &s, &err) < 0 ||
	    index_job_begin(s, str_of(argv[3]), 600, str_of(argv[4]), &err) <= 0)
		return 1;
	_exit(0);
}

static void jobs_of_a_process_that_is_gone_are_taken_up(void **state)
{
	struct fixture *f = *state;
	struct made_layer *layer = add_layer(f, 1);
	struct manifest m = manifest_of(f, "sha256:m");
	struct manifest_status status;
	index_jobs jobs = { 0 };
	struct err err = { 0 };

	put_layer(f, &m, layer, OK);
	put_header(f, &m, "Accept", "application/gzip");
	leave_job(f, "sha256:m", index_request_keep(&f->task.arena, &m));
	leave_job(f, "sha256:secret", STR(""));
	leave_job(f, "sha256:odd", STR("{\"hash\":\"sha256:odd\",\"layers\":[{}]}"));
	assert_int_equal(engine_resume_jobs(&f->task, &f->service, &err), 0);
	assert_str_is(status_of(f, "sha256:m").state, "IndexFinished");
	assert_int_equal(opens(layer), 1);
	status = status_of(f, "sha256:secret");
	assert_str_is(status.state, "IndexError");
	assert_true(str_search(status.problem, STR("post the manifest again")) < status.problem.n);
	assert_str_is(status_of(f, "sha256:odd").state, "IndexError");
	assert_int_equal(index_jobs_abandoned(f->store, &f->task, &jobs, &err), 0);
	assert_int_equal(jobs.n, 0);
}

static void the_state_token_is_32_hex_digits(void **state)
{
	struct fixture *f = *state;
	struct str token = engine_index_token(&f->task.arena);

	assert_int_equal(token.n, 32);
	assert_int_equal(strspn(token.p, "0123456789abcdef"), 32);
	assert_true(str_eq(token, engine_index_token(&f->task.arena)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
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
		TEST(only_what_is_no_secret_is_kept_of_a_request),
		TEST(jobs_of_a_process_that_is_gone_are_taken_up),
		TEST(the_state_token_is_32_hex_digits),
	};

	if (argc == 5)
		return leave_job_and_go(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
