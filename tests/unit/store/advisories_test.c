/* SPDX-License-Identifier: Apache-2.0 */
/* The store of advisories seen from outside: what is put is found, what an update changes and what it leaves
 * alone. */
#include "store_case.h"

#include "base/time.h"
#include "base/vec.h"
#include "store/advisories.h"

#include <signal.h>
#include <sys/wait.h>

#define DB "advisories.db"

static struct advisory_store *open_store(const struct store_case *c, enum store_mode mode)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open_at(&c->place, mode, &s, &err), &err);
	return s;
}

static struct advisory affected(const char *namespace, const char *package, const char *name,
				const char *fixed_in)
{
	return (struct advisory){
		.key = { str_of(namespace), str_of(package) },
		.package_kind = PACKAGE_SOURCE,
		.name = str_of(name),
		.fixed_in = str_of(fixed_in),
		.severity = STR("high"),
		.normalized_severity = SEVERITY_HIGH,
		.distribution = { .did = STR("debian"), .version_id = STR("12") },
	};
}

static struct update_summary update(struct advisory_store *s, const char *updater,
				    const struct advisory *rows, size_t n)
{
	autoupdate struct update *u = NULL;
	struct update_summary sum = { 0 };
	struct err err = { 0 };

	ok(update_begin(s, str_of(updater), &u, &err), &err);
	for (size_t i = 0; i < n; i++)
		ok(update_put(u, &rows[i], &err), &err);
	ok(update_commit(u, STR("print"), time_now(), &sum, &err), &err);
	return sum;
}

static advisory_list find(struct advisory_store *s, struct task *task, const char *namespace,
			  const char *package)
{
	struct advisory_key key = { str_of(namespace), str_of(package) };
	advisory_list list = { 0 };
	struct err err = { 0 };

	ok(advisories_find(s, task, &key, 1, true, &list, &err), &err);
	return list;
}

static uint64_t generation(struct advisory_store *s)
{
	uint64_t g = 0;
	struct err err = { 0 };

	ok(advisories_generation(s, &g, &err), &err);
	return g;
}

static void every_field_comes_back(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory a = {
		.key = { STR("rhel:9"), STR("openssl") },
		.package_kind = PACKAGE_BINARY,
		.module = STR("nodejs:18"),
		.arch = STR("x86_64|aarch64"),
		.arch_operation = STR("pattern match"),
		.name = STR("CVE-2014-0160"),
		.fixed_in = STR("1:1.0.1g-1"),
		.range = STR("semver:0.0.0.0.0.0.0.0.0.0..semver:0.1.2.0.0.0.0.0.0.0"),
		.severity = STR("Important"),
		.normalized_severity = SEVERITY_HIGH,
		.status = STATUS_FIX_DEFERRED,
		.status_text = STR("Fix deferred"),
		.distribution = { STR("rhel"), STR("Red Hat"), STR("9"), STR("plow"), STR("9.1"), STR("x"),
				  STR("cpe"), STR("pretty"), STR("9.1.2") },
		.repository_name = STR("base"),
		.repository_key = STR("rhel-cpe-repository"),
		.repository_uri = STR("uri"),
		.description = STR("Heartbleed"),
		.links = STR("https://heartbleed.com"),
		.issued = 1396828800,
	};
	advisory_list list;
	const struct advisory *b;

	update(s, "rhel-vex", &a, 1);
	list = find(s, &task, "rhel:9", "openssl");
	assert_int_equal(list.n, 1);
	b = list.p[0];
	assert_true(b->id > 0 && b->id >> 63 == 0);
	assert_str(b->updater, STR("rhel-vex"));
	assert_str(b->key.namespace, a.key.namespace);
	assert_str(b->key.package, a.key.package);
	assert_str(b->module, a.module);
	assert_str(b->arch, a.arch);
	assert_str(b->arch_operation, a.arch_operation);
	assert_str(b->name, a.name);
	assert_str(b->fixed_in, a.fixed_in);
	assert_str(b->range, a.range);
	assert_str(b->severity, a.severity);
	assert_str(b->status_text, a.status_text);
	assert_str(b->repository_name, a.repository_name);
	assert_str(b->repository_key, a.repository_key);
	assert_str(b->repository_uri, a.repository_uri);
	assert_str(b->description, a.description);
	assert_str(b->links, a.links);
	assert_int_equal(b->issued, a.issued);
	assert_int_equal(b->package_kind, a.package_kind);
	assert_int_equal(b->normalized_severity, a.normalized_severity);
	assert_int_equal(b->status, a.status);
	assert_true(distribution_eq(&b->distribution, &a.distribution));
	assert_str(b->distribution.release, a.distribution.release);
	advisories_close(s);
}

static void every_field_that_matters_changes_the_id(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory rows[14];
	advisory_list list;

	for (size_t i = 0; i < 14; i++)
		rows[i] = affected("debian:12", "bash", "CVE-1", "1");
	rows[12].range = STR("a..b");
	rows[13].module = STR("m");
	rows[13].range = STR("a..b");
	rows[1].fixed_in = STR("2");
	rows[2].severity = STR("low");
	rows[3].normalized_severity = SEVERITY_LOW;
	rows[4].status = STATUS_NO_ADVISORY;
	rows[5].status_text = STR("minor");
	rows[6].module = STR("m");
	rows[7].arch = STR("m");
	rows[8].repository_name = STR("m");
	rows[9].package_kind = PACKAGE_BINARY;
	rows[10].name = STR("CVE-11");
	rows[11].description = STR("only the text differs: the same row");
	assert_int_equal(update(s, "a", rows, 14).valid, 13);
	assert_int_equal(update(s, "b", rows, 14).valid, 13);
	list = find(s, &task, "debian:12", "bash");
	assert_int_equal(list.n, 26);
	for (size_t i = 0; i < list.n; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(list.p[i]->id != list.p[j]->id);
	for (size_t i = 1; i < list.n; i++)
		assert_true(str_cmp(list.p[i - 1]->name, list.p[i]->name) <= 0);
	advisories_close(s);
}

static void keys_are_answered_in_their_order_with_empty_lists_for_the_unknown(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	const struct advisory rows[] = { affected("debian:12", "bash", "CVE-2", ""),
					 affected("debian:12", "bash", "CVE-10", "9"),
					 affected("debian:12", "bash", "CVE-10", "10"),
					 affected("debian:11", "bash", "CVE-3", "") };
	const struct advisory_key keys[] = { { STR("debian:11"), STR("bash") },
					     { STR("debian:12"), STR("zsh") },
					     { STR("nowhere:1"), STR("bash") },
					     { STR("debian:12"), STR("bash") } };
	advisory_list lists[4];
	struct err err = { 0 };

	update(s, "debian/updater", rows, 4);
	ok(advisories_find(s, &task, keys, 4, false, lists, &err), &err);
	assert_int_equal(lists[0].n, 1);
	assert_int_equal(lists[1].n, 0);
	assert_int_equal(lists[2].n, 0);
	assert_int_equal(lists[3].n, 3);
	assert_str(lists[3].p[0]->fixed_in, STR("10"));
	assert_str(lists[3].p[1]->fixed_in, STR("9"));
	assert_str(lists[3].p[2]->name, STR("CVE-2"));
	advisories_close(s);
}

static int64_t wal_frames(const struct store_case *c)
{
	struct stat st = { 0 };
	char path[512];

	stat(store_case_file(c, DB "-wal", path), &st);
	return st.st_size <= 32 ? 0 : (st.st_size - 32) / (24 + store_case_number(c, DB, "PRAGMA page_size"));
}

static void an_unchanged_update_writes_one_page(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	struct advisory rows[200];
	struct update_summary sum;
	char names[200][16];
	uint64_t before;
	int64_t frames;

	for (size_t i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "CVE-%zu", i);
		rows[i] = affected("debian:12", i % 2 ? "a" : "b", names[i], "1");
		rows[i].description = STR("text");
	}
	assert_int_equal(update(s, "debian/updater", rows, 200).added, 200);
	before = generation(s);
	frames = wal_frames(*state);
	sum = update(s, "debian/updater", rows, 200);
	assert_int_equal(sum.valid, 200);
	assert_int_equal(sum.added + sum.ended + sum.texts_changed + sum.bytes_added, 0);
	assert_int_equal(generation(s), before);
	assert_true(wal_frames(*state) - frames <= 2);
	advisories_close(s);
}

static void what_vanished_ends_and_what_comes_back_is_a_new_row(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	const struct advisory rows[] = { affected("debian:12", "bash", "CVE-1", ""),
					 affected("debian:12", "bash", "CVE-2", "") };
	struct update_summary sum;
	uint64_t id;

	update(s, "u", rows, 2);
	id = find(s, &task, "debian:12", "bash").p[1]->id;
	sum = update(s, "u", rows, 1);
	assert_int_equal(sum.ended, 1);
	assert_true(sum.bytes_added > 0);
	assert_int_equal(find(s, &task, "debian:12", "bash").n, 1);
	sum = update(s, "u", rows, 2);
	assert_int_equal(sum.added, 1);
	assert_int_equal(find(s, &task, "debian:12", "bash").p[1]->id, id);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM advisory WHERE name = 'CVE-2'"),
			 2);
	assert_int_equal(
		store_case_number(*state, DB, "SELECT count(*) FROM advisory WHERE ended = 2 AND began = 1"),
		1);
	assert_int_equal(update(s, "u", rows, 0).ended, 2);
	assert_int_equal(find(s, &task, "debian:12", "bash").n, 0);
	advisories_close(s);
}

static void put_twice_counts_once_and_no_package_not_at_all(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	const struct advisory rows[] = { affected("debian:12", "bash", "CVE-1", ""),
					 affected("debian:12", "bash", "CVE-1", ""),
					 affected("debian:12", "", "CVE-1", "") };
	struct update_summary sum = update(s, "u", rows, 3);

	assert_int_equal(sum.added, 1);
	assert_int_equal(sum.valid, 1);
	sum = update(s, "u", rows, 3);
	assert_int_equal(sum.valid, 1);
	advisories_close(s);
}

static void a_text_changes_alone_and_goes_when_it_is_not_said_any_more(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory rows[] = { affected("debian:12", "bash", "CVE-1", ""),
				   affected("debian:12", "zsh", "CVE-1", "") };
	struct update_summary sum;
	uint64_t before;

	rows[1].description = STR("first");
	update(s, "u", rows, 2);
	update(s, "other", rows, 2);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM text"), 1);
	assert_str(find(s, &task, "debian:12", "bash").p[0]->description, STR("first"));
	before = generation(s);
	rows[0].description = STR("second");
	sum = update(s, "u", rows, 2);
	assert_int_equal(sum.added + sum.ended, 0);
	assert_int_equal(sum.texts_changed, 1);
	assert_true(generation(s) > before);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM advisory"), 4);
	for (int i = 0; i < 2; i++) {
		const struct advisory *a = find(s, &task, "debian:12", "bash").p[i];

		assert_str(a->description, str_eq(a->updater, STR("u")) ? STR("second") : STR("first"));
	}
	rows[0].description = rows[1].description = STR("");
	assert_int_equal(update(s, "u", rows, 2).texts_changed, 1);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM vulnerability"), 1);
	assert_int_equal(update(s, "u", rows, 2).texts_changed, 0);
	advisories_close(s);
}

static void texts_can_be_asked_for_later(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory rows[] = { affected("debian:12", "bash", "CVE-1", ""),
				   affected("debian:12", "bash", "CVE-2", "") };
	struct advisory_key key = { STR("debian:12"), STR("bash") };
	advisory_list list;
	struct err err = { 0 };

	rows[1].description = STR("text");
	rows[1].links = STR("link");
	rows[1].issued = 7;
	update(s, "u", rows, 2);
	ok(advisories_find(s, &task, &key, 1, false, &list, &err), &err);
	assert_int_equal(list.p[1]->description.n, 0);
	ok(advisories_texts(s, &task, list.p, list.n, &err), &err);
	assert_int_equal(list.p[0]->description.n, 0);
	assert_str(list.p[1]->description, STR("text"));
	assert_str(list.p[1]->links, STR("link"));
	assert_int_equal(list.p[1]->issued, 7);
	assert_str(list.p[1]->name, STR("CVE-2"));
	advisories_close(s);
}

static void a_namespace_knows_its_count_and_updaters(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory rows[] = { affected("alpine:3.20", "bash", "CVE-1", "1"),
				   affected("alpine:3.20", "zsh", "CVE-2", "1"),
				   affected("alpine:3.19", "zsh", "CVE-2", "1") };
	str_list updaters = { 0 };
	uint64_t count = 0;
	struct err err = { 0 };

	update(s, "alpine-main", rows, 3);
	update(s, "alpine-community", rows, 1);
	ok(advisories_namespace(s, &task, STR("alpine:3.20"), &count, &updaters, &err), &err);
	assert_int_equal(count, 3);
	assert_int_equal(updaters.n, 2);
	assert_str(updaters.p[0], STR("alpine-community"));
	update(s, "alpine-main", rows + 2, 1);
	ok(advisories_namespace(s, &task, STR("alpine:3.20"), &count, &updaters, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(updaters.n, 1);
	rows[0].distribution.pretty_name = STR("Alpine");
	update(s, "alpine-community", rows, 1);
	assert_str(find(s, &task, "alpine:3.20", "bash").p[0]->distribution.pretty_name, STR("Alpine"));
	rows[0].distribution = (struct distribution){ 0 };
	update(s, "quiet", rows, 1);
	assert_str(find(s, &task, "alpine:3.20", "bash").p[0]->distribution.pretty_name, STR("Alpine"));
	ok(advisories_namespace(s, &task, STR("nowhere"), &count, &updaters, &err), &err);
	assert_int_equal(count + updaters.n, 0);
	advisories_close(s);
}

static void an_update_that_was_overtaken_fails_and_one_not_committed_leaves_nothing(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	struct advisory a = affected("debian:12", "bash", "CVE-1", "");
	struct update *slow = NULL, *forgotten = NULL;
	struct update_summary sum;
	struct err err = { 0 };

	ok(update_begin(s, STR("u"), &slow, &err), &err);
	ok(update_begin(s, STR("u"), &forgotten, &err), &err);
	ok(update_put(forgotten, &a, &err), &err);
	update_close(forgotten);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM updater"), 0);
	update(s, "u", &a, 1);
	assert_int_equal(update_commit(slow, STR("x"), 1, &sum, &err), E_CONFLICT);
	assert_in(err.text, "update again");
	update_close(slow);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM advisory WHERE ended IS NULL"),
			 1);
	advisories_close(s);
}

static void attempts_are_noted(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory a = affected("debian:12", "bash", "CVE-1", "");
	struct updater_state u = { 0 };
	updater_states all = { 0 };
	struct err err = { 0 };

	ok(advisories_updater(s, &task, STR("u"), &u, &err), &err);
	assert_str(u.name, STR("u"));
	assert_int_equal(u.last_attempt + u.last_success + u.changed_at + (int64_t)u.advisories, 0);
	ok(advisories_note(s, STR("u"), 5, STR("no route"), &err), &err);
	update(s, "u", &a, 1);
	ok(advisories_note(s, STR("u"), time_now() + 9, STR("timeout"), &err), &err);
	ok(advisories_updater(s, &task, STR("u"), &u, &err), &err);
	assert_str(u.last_error, STR("timeout"));
	assert_str(u.fingerprint, STR("print"));
	assert_true(u.last_success < u.last_attempt && u.changed_at == u.last_success && u.changed_at > 0);
	assert_int_equal(u.advisories, 1);
	ok(advisories_note(s, STR("u"), 77, STR(""), &err), &err);
	ok(advisories_note(s, STR("a"), 78, STR(""), &err), &err);
	ok(advisories_updaters(s, &task, &all, &err), &err);
	assert_int_equal(all.n, 2);
	assert_str(all.p[0].name, STR("a"));
	assert_int_equal(all.p[1].last_success, 77);
	assert_str(all.p[1].last_error, STR(""));
	advisories_close(s);
}

static void collecting_drops_what_ended_and_what_only_that_needed(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	autotask struct task task = { 0 };
	struct advisory rows[] = { affected("debian:12", "bash", "CVE-1", ""),
				   affected("debian:12", "zsh", "CVE-2", "") };
	uint64_t dropped = 9, before;
	struct update *running = NULL;
	struct update_summary sum;
	struct err err = { 0 };

	rows[1].description = STR("text");
	rows[1].module = STR("module");
	update(s, "u", rows, 2);
	update(s, "u", rows, 1);
	before = generation(s);
	ok(advisories_collect(s, 1000, &dropped, &err), &err);
	assert_int_equal(dropped, 0);
	ok(update_begin(s, STR("u"), &running, &err), &err);
	ok(advisories_collect(s, time_now() + 10, &dropped, &err), &err);
	assert_int_equal(dropped, 1);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM advisory_key"), 1);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM text"), 0);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM scope"), 0);
	assert_int_equal(find(s, &task, "debian:12", "bash").n, 1);
	assert_int_equal(generation(s), before);
	assert_int_equal(update_commit(running, STR("x"), 1, &sum, &err), E_CONFLICT);
	update_close(running);
	ok(advisories_collect(s, time_now() + 10, &dropped, &err), &err);
	assert_int_equal(dropped, 0);
	assert_int_equal(update(s, "u", rows, 2).added, 1);
	assert_str(find(s, &task, "debian:12", "zsh").p[0]->description, STR("text"));
	advisories_close(s);
}

/* ---- leases ---- */

static int lease(const struct store_case *c, const char *updater, unsigned seconds)
{
	struct advisory_store *s = open_store(c, STORE_WRITE);
	struct err err = { 0 };
	int taken = advisories_lease(s, str_of(updater), seconds, &err);

	ok(taken, &err);
	advisories_close(s);
	return taken;
}

static void a_lease_ends_by_release_and_by_time(void **state)
{
	struct advisory_store *s = open_store(*state, STORE_WRITE);
	struct err err = { 0 };

	assert_int_equal(lease(*state, "u", 60), 1);
	assert_int_equal(lease(*state, "u", 60), 0);
	assert_int_equal(lease(*state, "v", 60), 1);
	ok(advisories_release(s, STR("u"), &err), &err);
	assert_int_equal(lease(*state, "u", 0), 1);
	assert_int_equal(lease(*state, "u", 60), 1);
	advisories_close(s);
}

/* A child that takes the lease, tells, and waits to be killed. */
static pid_t child_with_lease(const struct store_case *c)
{
	int told[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		lease(c, "u", 3600);
		if (write(told[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
	close(told[1]);
	return pid;
}

static void a_lease_ends_with_its_process(void **state)
{
	pid_t pid = child_with_lease(*state);

	assert_int_equal(lease(*state, "u", 60), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(lease(*state, "u", 60), 1);
}

static void a_lease_of_a_process_whose_id_was_given_again_is_over(void **state)
{
	assert_int_equal(lease(*state, "u", 3600), 1);
	store_case_sql(*state, DB, "UPDATE lease SET started = started - 1");
	assert_int_equal(lease(*state, "u", 60), 1);
	store_case_sql(*state, DB, "UPDATE lease SET host = 'elsewhere', pid = 1, started = 1");
	assert_int_equal(lease(*state, "u", 60), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_case_setup, store_case_teardown)
	const struct CMUnitTest tests[] = {
		T(every_field_comes_back),
		T(every_field_that_matters_changes_the_id),
		T(keys_are_answered_in_their_order_with_empty_lists_for_the_unknown),
		T(an_unchanged_update_writes_one_page),
		T(what_vanished_ends_and_what_comes_back_is_a_new_row),
		T(put_twice_counts_once_and_no_package_not_at_all),
		T(a_text_changes_alone_and_goes_when_it_is_not_said_any_more),
		T(texts_can_be_asked_for_later),
		T(a_namespace_knows_its_count_and_updaters),
		T(an_update_that_was_overtaken_fails_and_one_not_committed_leaves_nothing),
		T(attempts_are_noted),
		T(collecting_drops_what_ended_and_what_only_that_needed),
		T(a_lease_ends_by_release_and_by_time),
		T(a_lease_ends_with_its_process),
		T(a_lease_of_a_process_whose_id_was_given_again_is_over),
	};
	return store_case_run(tests);
}
