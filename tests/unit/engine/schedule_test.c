/* SPDX-License-Identifier: Apache-2.0 */
/* the schedule: what it runs and when, with a period of a second and a mirror in a folder */
#include "../unit.h"

#include "base/cursor.h"
#include "base/time.h"
#include "engine/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	struct task task;
	struct log log;
	struct sandbox sandbox;
	struct advisory_store *store;
	struct metrics *metrics;
	struct update_options update;
	struct schedule_options options;
	atomic_uint runs; /* of updaters */
};

static void put_file(const struct fixture *f, const char *path, const char *text)
{
	char full[512], command[600];
	FILE *out;

	snprintf(full, sizeof(full), "%s/%s", f->dir, path);
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s')\"", full);
	assert_int_equal(system(command), 0);
	out = fopen(full, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void put_secdb(const struct fixture *f, const char *version)
{
	autoarena struct arena a = { 0 };

	put_file(
		f, "mirror/alpine/v3.18/main.json",
		str_format(&a,
			   "{\"packages\":[{\"pkg\":{\"name\":\"musl\",\"secfixes\":{\"%s\":[\"CVE-2099-1\"]}"
			   "}}]}",
			   version)
			.p);
}

static void count_run(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
		      struct str error)
{
	struct fixture *f = ctx;

	(void)updater;
	(void)changed;
	(void)summary;
	(void)error;
	f->runs++;
}

static int set_up(void **state)
{
	static const struct str sets[] = { { "alpine", 6 } };
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-schedule-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	put_secdb(f, "1.0-r0");
	f->log.level = -1;
	f->sandbox.worker_path = str_format(&f->task.arena, "%s/clair-worker",
					    getenv("CLAIR_BUILD") ? getenv("CLAIR_BUILD") : "build")
					 .p;
	assert_int_equal(
		advisories_open(str_format(&f->task.arena, "%s/data", f->dir), STORE_WRITE, &f->store, &err),
		0);
	f->metrics = metrics_new();
	f->update = (struct update_options){
		.sandbox = &f->sandbox,
		.mirror = str_format(&f->task.arena, "%s/mirror", f->dir),
		.log = &f->log,
		.progress = count_run,
		.progress_ctx = f,
	};
	f->options = (struct schedule_options){
		.store = f->store,
		.update = &f->update,
		.sets = sets,
		.set_count = 1,
		.period_seconds = 1,
		.retention = 2,
		.history_seconds = 3600,
		.log = &f->log,
		.metrics = f->metrics,
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	advisories_close(f->store);
	metrics_free(f->metrics);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Until so many updaters ran, at most ten seconds. */
static bool wait_runs(struct fixture *f, unsigned n)
{
	for (int i = 0; i < 1000 && f->runs < n; i++)
		pause_ms(10);
	return f->runs >= n;
}

static bool wait_data(struct schedule *s)
{
	for (int i = 0; i < 1000 && !schedule_has_data(s); i++)
		pause_ms(10);
	return schedule_has_data(s);
}

static struct schedule *start(struct fixture *f)
{
	struct schedule *s = NULL;
	struct err err = { 0 };

	assert_int_equal(schedule_start(&f->options, &s, &err), 0);
	return s;
}

static struct str metrics_text(struct fixture *f)
{
	struct buffer b = { .arena = &f->task.arena };
	struct mem_writer w;
	struct err err = { 0 };

	mem_writer_open(&w, &b);
	assert_int_equal(metrics_write(f->metrics, &w.writer, &err), 0);
	return buffer_str(&b);
}

static void assert_metric(struct fixture *f, const char *line)
{
	struct str text = metrics_text(f);

	if (str_search(text, str_of(line)) == text.n)
		fail_msg("no %s in\n" STR_FMT, line, STR_ARG(text));
}

static void it_runs_at_once_and_again_after_a_period(void **state)
{
	struct fixture *f = *state;
	struct schedule *s = start(f);

	assert_true(wait_data(s));
	assert_true(wait_runs(f, 3));
	schedule_stop(s);
	assert_metric(f, "clair_updater_advisories{updater=\"alpine-main-v3.18-updater\"} 1\n");
	assert_metric(f, "clair_updater_failing{updater=\"alpine-main-v3.18-updater\"} 0\n");
	assert_metric(f,
		      "clair_updater_runs_total{outcome=\"changed\",updater=\"alpine-main-v3.18-updater\"} "
		      "1\n");
	assert_metric(f, "clair_updater_queue 0\n");
	assert_metric(f, "clair_updater_last_success_timestamp_seconds{updater=");
}

static void fresh_data_are_not_fetched_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct schedule *s = start(f);

	f->options.period_seconds = 3600;
	assert_true(wait_data(s));
	schedule_stop(s);
	f->runs = 0;
	s = start(f);
	assert_true(schedule_has_data(s));
	pause_ms(300);
	assert_int_equal(f->runs, 0);
	schedule_stop(s);
}

static void a_failure_is_shown_and_the_data_stay(void **state)
{
	struct fixture *f = *state;
	struct schedule *s = start(f);

	assert_true(wait_data(s));
	schedule_stop(s);
	put_file(f, "mirror/alpine/v3.18/main.json", "not json");
	pause_ms(1100);
	f->runs = 0;
	s = start(f);
	assert_true(wait_runs(f, 1));
	pause_ms(200);
	schedule_stop(s);
	assert_metric(f, "clair_updater_failing{updater=\"alpine-main-v3.18-updater\"} 1\n");
	assert_metric(f, "clair_updater_advisories{updater=\"alpine-main-v3.18-updater\"} 1\n");
}

static void without_updaters_only_garbage_is_collected(void **state)
{
	struct fixture *f = *state;
	struct schedule *s;

	f->options.no_updaters = true;
	s = start(f);
	pause_ms(300);
	assert_false(schedule_has_data(s));
	schedule_stop(s);
	assert_int_equal(f->runs, 0);
	assert_metric(f, "clair_collected_rows_total 0\n");
}

static void an_empty_list_of_sets_is_none(void **state)
{
	struct fixture *f = *state;
	struct schedule *s;

	f->options.set_count = 0;
	s = start(f);
	pause_ms(300);
	schedule_stop(s);
	assert_int_equal(f->runs, 0);
}

static void a_stop_ends_a_long_sleep(void **state)
{
	struct fixture *f = *state;
	uint64_t t0 = time_monotonic_ns();
	struct schedule *s;

	f->options.period_seconds = 100000;
	s = start(f);
	assert_true(wait_data(s));
	schedule_stop(s);
	assert_true(time_monotonic_ns() - t0 < UINT64_C(10000000000));
	schedule_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_runs_at_once_and_again_after_a_period, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fresh_data_are_not_fetched_after_a_restart, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_failure_is_shown_and_the_data_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_updaters_only_garbage_is_collected, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_empty_list_of_sets_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stop_ends_a_long_sleep, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
