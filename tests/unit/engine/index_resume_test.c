/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of a process that is gone, and what is kept of their requests */
#include "posts.h"

#include <spawn.h>
#include <sys/wait.h>

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_no_secret_is_kept_of_a_request),
		TEST(jobs_of_a_process_that_is_gone_are_taken_up),
		TEST(the_state_token_is_32_hex_digits),
	};

	if (argc == 5)
		return leave_job_and_go(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
