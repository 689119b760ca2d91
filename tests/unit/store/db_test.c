/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the stores: missing, foreign, damaged, newer, not writable, killed in the middle, used by
 * many. */
#include "store_case.h"

#include "base/time.h"
#include "base/vec.h"
#include "store/advisories.h"
#include "store/index.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define DB "advisories.db"

enum { ROWS = 500 };

/* ROWS advisories of one package in two namespaces; version is the fix of all. */
static int write_version(struct advisory_store *s, const char *version, struct err *err)
{
	autoupdate struct update *u = NULL;
	struct update_summary sum;
	char name[32];

	TRY(update_begin(s, STR("u"), &u, err));
	for (int i = 0; i < ROWS; i++) {
		struct advisory a = { .key = { i % 2 ? STR("debian:11") : STR("debian:12"), STR("bash") } };

		snprintf(name, sizeof(name), "CVE-%d", i);
		a.name = str_of(name);
		a.fixed_in = str_of(version);
		a.description = str_of(version);
		TRY(update_put(u, &a, err));
	}
	return update_commit(u, STR("f"), time_now(), &sum, err);
}

/* The one version that all advisories of both keys show; NULL in p when they are not ROWS of one version. */
static int read_version(struct advisory_store *s, struct task *task, struct str *out, struct err *err)
{
	const struct advisory_key keys[] = { { STR("debian:11"), STR("bash") },
					     { STR("debian:12"), STR("bash") } };
	advisory_list lists[2];

	TRY(advisories_find(s, task, keys, 2, true, lists, err));
	*out = lists[0].n ? lists[0].p[0]->fixed_in : STR("");
	if (lists[0].n + lists[1].n != ROWS)
		*out = (struct str){ NULL, 0 };
	for (int i = 0; i < 2; i++)
		for (size_t j = 0; j < lists[i].n; j++)
			if (!str_eq(*out, lists[i].p[j]->fixed_in) ||
			    !str_eq(*out, lists[i].p[j]->description))
				*out = (struct str){ NULL, 0 };
	return 0;
}

static void fill(const struct store_case *c, const char *version)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open(c->path, STORE_WRITE, &s, &err), &err);
	ok(write_version(s, version, &err), &err);
	advisories_close(s);
}

static int open_read(const struct store_case *c, struct err *err)
{
	struct advisory_store *s = NULL;
	int rc = advisories_open(c->path, STORE_READ, &s, err);

	advisories_close(s);
	return rc;
}

static void a_missing_file_is_not_found_and_not_made(void **state)
{
	const struct store_case *c = *state;
	char path[512];
	struct err err = { 0 };

	assert_int_equal(open_read(c, &err), E_NOTFOUND);
	assert_in(err.text, "run clair update");
	assert_int_equal(access(store_case_file(c, DB, path), F_OK), -1);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(open_read(c, &err), E_NOTFOUND);
	assert_in(err.text, "is empty");
}

static void directories_are_made_and_odd_names_are_fine(void **state)
{
	const struct store_case *c = *state;
	struct advisory_store *s = NULL;
	char dir[400], path[512];
	struct err err = { 0 };

	snprintf(dir, sizeof(dir), "%s/new/d?ir #1%%20/", c->dir);
	ok(advisories_open(str_of(dir), STORE_WRITE, &s, &err), &err);
	advisories_close(s);
	snprintf(path, sizeof(path), "%s%s", dir, DB);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(advisories_open(STR("a\0b"), STORE_WRITE, &s, &err), E_CONFIG);
	assert_int_equal(advisories_open(STR(""), STORE_READ, &s, &err), E_CONFIG);
	snprintf(path, sizeof(path), "%s/new/file", c->dir);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(advisories_open(str_of(path), STORE_WRITE, &s, &err), E_IO);
}

static void a_newer_schema_is_a_matter_of_configuration(void **state)
{
	struct advisory_store *s = NULL;
	struct index_store *i = NULL;
	struct err err = { 0 };

	fill(*state, "1");
	store_case_sql(*state, DB, "PRAGMA user_version = 77");
	assert_int_equal(open_read(*state, &err), E_CONFIG);
	assert_in(err.text, "schema version 77, this program knows ");
	assert_int_equal(advisories_open(((struct store_case *)*state)->path, STORE_WRITE, &s, &err),
			 E_CONFIG);
	ok(index_store_open(((struct store_case *)*state)->path, &i, &err), &err);
	index_store_close(i);
	store_case_sql(*state, "index.db", "PRAGMA user_version = 78");
	assert_int_equal(index_store_open(((struct store_case *)*state)->path, &i, &err), E_CONFIG);
}

static void what_is_no_database_of_ours_is_refused_and_not_touched(void **state)
{
	const struct store_case *c = *state;
	struct advisory_store *s = NULL;
	struct err err = { 0 };
	char path[512];

	store_case_sql(c, DB, "CREATE TABLE holiday(photo)");
	assert_int_equal(open_read(c, &err), E_FORMAT);
	assert_int_equal(advisories_open(c->path, STORE_WRITE, &s, &err), E_FORMAT);
	assert_in(err.text, "is not advisories.db of Clair");
	assert_int_equal(store_case_number(c, DB, "SELECT count(*) FROM sqlite_schema"), 1);
	unlink(store_case_file(c, DB, path));
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	store_case_damage(c, DB, 0, 5000);
	assert_int_equal(open_read(c, &err), E_FORMAT);
	assert_in(err.text, "remove it and run clair update");
	assert_int_equal(advisories_open(c->path, STORE_WRITE, &s, &err), E_FORMAT);
}

static void a_damaged_file_says_so_when_it_is_noticed(void **state)
{
	const struct store_case *c = *state;
	autotask struct task task = { 0 };
	struct advisory_store *s = NULL;
	struct str version;
	struct stat st;
	char path[512];
	struct err err = { 0 };
	int rc;

	fill(c, "1");
	assert_int_equal(stat(store_case_file(c, DB, path), &st), 0);
	store_case_damage(c, DB, 4096, (size_t)st.st_size - 4096);
	rc = advisories_open(c->path, STORE_READ, &s, &err);
	if (rc == 0)
		rc = read_version(s, &task, &version, &err);
	advisories_close(s);
	assert_int_equal(rc, E_FORMAT);
	assert_in(err.text, "is damaged");
	assert_in(err.text, "remove it and run clair update");
	assert_int_equal(truncate(path, 3000), 0);
	rc = advisories_open(c->path, STORE_READ, &s, &err);
	if (rc == 0) {
		rc = read_version(s, &task, &version, &err);
		advisories_close(s);
	}
	assert_int_equal(rc, E_FORMAT);
}

/* ---- without permission to write ---- */

/* In a child, as nobody when we are root: 0 when the file can be read and shows `version`. */
static int read_unprivileged(const struct store_case *c, const char *version)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct advisory_store *s = NULL;
		struct task task = { 0 };
		struct str got = { NULL, 0 };
		struct err err = { 0 };
		int rc = getuid() == 0 && setresuid(65534, 65534, 65534) < 0 ? 9 : 0;

		if (rc == 0)
			rc = advisories_open(c->path, STORE_READ, &s, &err);
		if (rc == 0)
			rc = read_version(s, &task, &got, &err);
		if (rc == 0 && !str_eq(got, str_of(version)))
			rc = 8;
		if (rc < 0)
			fprintf(stderr, "%s\n", err.text);
		_exit(rc < 0 ? -rc : rc);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_read_only_file_in_a_read_only_directory_is_read(void **state)
{
	const struct store_case *c = *state;
	char path[512];

	fill(c, "1");
	chmod(store_case_file(c, DB, path), 0444);
	chmod(c->dir, 0555);
	assert_int_equal(read_unprivileged(c, "1"), 0);
	assert_int_equal(access(store_case_file(c, DB "-shm", path), F_OK), -1);
	assert_int_equal(access(store_case_file(c, DB "-wal", path), F_OK), -1);
	chmod(c->dir, 0777);
	assert_int_equal(read_unprivileged(c, "1"), 0);
	chmod(c->dir, 0555);
	chmod(store_case_file(c, DB, path), 0666);
	assert_int_equal(read_unprivileged(c, "1"), 0);
}

static void a_reader_without_permission_sees_what_a_running_writer_committed(void **state)
{
	const struct store_case *c = *state;
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	fill(c, "1");
	ok(advisories_open(c->path, STORE_WRITE, &s, &err), &err);
	ok(write_version(s, "2", &err), &err);
	chmod(c->dir, 0555);
	assert_int_equal(read_unprivileged(c, "2"), 0);
	advisories_close(s);
}

/* A writer that died left its log, and the reader may not make what is needed to read it. */
static void a_log_that_cannot_be_read_is_not_passed_over(void **state)
{
	const struct store_case *c = *state;
	char path[512];
	pid_t pid;

	fill(c, "1");
	pid = fork();
	if (pid == 0) {
		struct advisory_store *s = NULL;
		struct err err = { 0 };

		if (advisories_open(c->path, STORE_WRITE, &s, &err) == 0 && write_version(s, "2", &err) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	assert_int_equal(unlink(store_case_file(c, DB "-shm", path)), 0);
	chmod(store_case_file(c, DB, path), 0444);
	chmod(store_case_file(c, DB "-wal", path), 0444);
	chmod(c->dir, 0555);
	assert_int_equal(read_unprivileged(c, "2"), -E_IO);
}

/* Even root cannot write to a read-only mount. */
static void a_read_only_mount_is_read(void **state)
{
	const struct store_case *c = *state;
	int status;
	pid_t pid;

	fill(c, "1");
	pid = fork();
	if (pid == 0) {
		struct advisory_store *s = NULL;
		struct task task = { 0 };
		struct str got = { NULL, 0 };
		struct err err = { 0 };
		int rc;

		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount(c->dir, c->dir, NULL, MS_BIND, NULL) < 0 ||
		    mount(NULL, c->dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
			_exit(77);
		rc = advisories_open(c->path, STORE_READ, &s, &err);
		if (rc == 0)
			rc = read_version(s, &task, &got, &err);
		if (rc < 0)
			fprintf(stderr, "%s\n", err.text);
		_exit(rc == 0 && str_eq(got, STR("1")) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: no permission to mount\n");
		skip();
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Opened without locks: a file that is replaced meanwhile is noticed. */
static void a_file_replaced_under_a_lockless_reader_is_opened_again(void **state)
{
	const struct store_case *c = *state;
	char path[512], other[512];
	int to_child[2], to_parent[2], status;
	char byte = 0;
	pid_t pid;

	fill(c, "1");
	chmod(store_case_file(c, DB, path), 0444);
	chmod(c->dir, 0555);
	assert_int_equal(pipe(to_child) | pipe(to_parent), 0);
	pid = fork();
	if (pid == 0) {
		struct advisory_store *s = NULL;
		struct task task = { 0 };
		struct str got = { NULL, 0 };
		struct err err = { 0 };
		bool fine = getuid() != 0 || setresuid(65534, 65534, 65534) == 0;

		fine = fine && advisories_open(c->path, STORE_READ, &s, &err) == 0;
		fine = fine && read_version(s, &task, &got, &err) == 0 && str_eq(got, STR("1"));
		fine = write(to_parent[1], "x", 1) == 1 && read(to_child[0], &byte, 1) == 1 && fine;
		fine = fine && read_version(s, &task, &got, &err) == 0 && str_eq(got, STR("2"));
		_exit(fine ? 0 : 1);
	}
	assert_int_equal(read(to_parent[0], &byte, 1), 1);
	chmod(c->dir, 0755);
	snprintf(other, sizeof(other), "%s/other", c->dir);
	fill(&(struct store_case){ .path = str_of(other) }, "2");
	snprintf(other, sizeof(other), "%s/other/%s", c->dir, DB);
	chmod(other, 0444);
	assert_int_equal(rename(other, path), 0);
	chmod(c->dir, 0555);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- many at once ---- */

struct crowd {
	const struct store_case *c;
	struct advisory_store *shared;
	atomic_bool stop;
	atomic_int reads, torn, failed;
};

static void read_once(struct crowd *crowd, struct advisory_store *s)
{
	autotask struct task task = { 0 };
	struct str version = { NULL, 0 };
	struct err err = { 0 };

	if (read_version(s, &task, &version, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		crowd->failed++;
	} else if (!version.p) {
		crowd->torn++;
	}
	crowd->reads++;
}

static void *read_shared(void *arg)
{
	struct crowd *crowd = arg;

	while (!crowd->stop)
		read_once(crowd, crowd->shared);
	return NULL;
}

static void *read_own(void *arg)
{
	struct crowd *crowd = arg;

	while (!crowd->stop) {
		struct advisory_store *s = NULL;
		struct err err = { 0 };

		if (advisories_open(crowd->c->path, STORE_READ, &s, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			crowd->failed++;
			continue;
		}
		read_once(crowd, s);
		advisories_close(s);
	}
	return NULL;
}

static void readers_see_whole_updates_only(void **state)
{
	struct crowd crowd = { .c = *state };
	pthread_t threads[3];
	char version[16];
	struct err err = { 0 };

	ok(advisories_open(crowd.c->path, STORE_WRITE, &crowd.shared, &err), &err);
	ok(write_version(crowd.shared, "0", &err), &err);
	pthread_create(&threads[0], NULL, read_shared, &crowd);
	pthread_create(&threads[1], NULL, read_own, &crowd);
	pthread_create(&threads[2], NULL, read_own, &crowd);
	for (int i = 1; i <= 15; i++) {
		snprintf(version, sizeof(version), "%d", i);
		ok(write_version(crowd.shared, version, &err), &err);
	}
	crowd.stop = true;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	advisories_close(crowd.shared);
	assert_true(crowd.reads > 0);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(crowd.torn, 0);
}

static void many_processes_make_the_same_file_at_once(void **state)
{
	const struct store_case *c = *state;
	pid_t pids[6];

	for (int i = 0; i < 6; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct advisory_store *s = NULL;
			struct index_store *x = NULL;
			struct err err = { 0 };
			int rc = advisories_open(c->path, STORE_WRITE, &s, &err);

			if (rc == 0)
				rc = index_store_open(c->path, &x, &err);
			if (rc == 0)
				rc = advisories_note(s, STR("u"), 1, STR(""), &err);
			if (rc < 0)
				fprintf(stderr, "%s\n", err.text);
			advisories_close(s);
			index_store_close(x);
			_exit(rc < 0);
		}
	}
	for (int i = 0; i < 6; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	store_case_intact(c, DB);
	store_case_intact(c, "index.db");
}

static void write_forever(const struct store_case *c)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };
	char version[32];

	if (advisories_open(c->path, STORE_WRITE, &s, &err) < 0)
		_exit(1);
	for (unsigned i = 0;; i++) {
		snprintf(version, sizeof(version), "%d.%u", (int)getpid(), i);
		if (write_version(s, version, &err) < 0)
			_exit(1);
	}
}

static void a_writer_killed_at_any_moment_leaves_a_whole_update(void **state)
{
	const struct store_case *c = *state;
	unsigned delay = 7;

	fill(c, "0");
	for (int i = 0; i < 10; i++) {
		autotask struct task task = { 0 };
		struct advisory_store *s = NULL;
		struct str version = { NULL, 0 };
		struct err err = { 0 };
		pid_t pid = fork();

		if (pid == 0)
			write_forever(c);
		delay = delay * 1103515245u + 12345u;
		usleep(5000 + delay % 60000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ok(advisories_open(c->path, STORE_READ, &s, &err), &err);
		ok(read_version(s, &task, &version, &err), &err);
		assert_non_null(version.p);
		advisories_close(s);
		store_case_intact(c, DB);
	}
}

static void *let_go(void *arg)
{
	usleep(200 * 1000);
	sqlite3_exec(arg, "ROLLBACK", NULL, NULL, NULL);
	return NULL;
}

static void a_writer_waits_for_another_one(void **state)
{
	const struct store_case *c = *state;
	struct advisory_store *s = NULL;
	pthread_t thread;
	sqlite3 *other;
	struct err err = { 0 };

	fill(c, "1");
	ok(advisories_open(c->path, STORE_WRITE, &s, &err), &err);
	other = store_case_open(c, DB);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	pthread_create(&thread, NULL, let_go, other);
	ok(advisories_note(s, STR("u"), 1, STR(""), &err), &err);
	pthread_join(thread, NULL);
	sqlite3_close(other);
	advisories_close(s);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_case_setup, store_case_teardown)
	const struct CMUnitTest tests[] = {
		T(a_missing_file_is_not_found_and_not_made),
		T(directories_are_made_and_odd_names_are_fine),
		T(a_newer_schema_is_a_matter_of_configuration),
		T(what_is_no_database_of_ours_is_refused_and_not_touched),
		T(a_damaged_file_says_so_when_it_is_noticed),
		T(a_read_only_file_in_a_read_only_directory_is_read),
		T(a_reader_without_permission_sees_what_a_running_writer_committed),
		T(a_log_that_cannot_be_read_is_not_passed_over),
		T(a_read_only_mount_is_read),
		T(a_file_replaced_under_a_lockless_reader_is_opened_again),
		T(readers_see_whole_updates_only),
		T(many_processes_make_the_same_file_at_once),
		T(a_writer_killed_at_any_moment_leaves_a_whole_update),
		T(a_writer_waits_for_another_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
