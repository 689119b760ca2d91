/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of a service's updates (service.md 4.3, 4.6): run what is due, tidy, sleep about a period. What a
 * reader would get wrong: several nodes of one service each have a schedule, and leases only keep them from
 * doing the same at the same moment. What keeps them from fetching everything as often as there are nodes is
 * that each asks only for what nobody has fetched for most of a period. */
#include "engine/schedule.h"

#include "base/time.h"
#include "engine/index.h"
#include "store/manifests.h"
#include "store/operations.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum {
	CLEAN_LEASE_SECONDS = 1800,
	RETRY_SECONDS = 60, /* at least, after a failure */
};

struct schedule {
	struct schedule_options options;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	atomic_bool stopping; /* cancels what runs */
	atomic_bool has_data;
};

/* ---- telling ---- */

static void declare_metrics(struct metrics *m)
{
	static const struct {
		const char *name, *type, *help;
	} all[] = {
		{ "clair_updater_last_success_timestamp_seconds", "gauge",
		  "When the data of an updater were last known to be current." },
		{ "clair_updater_last_attempt_timestamp_seconds", "gauge", "When an updater last ran." },
		{ "clair_updater_failing", "gauge", "1: the last run of the updater failed." },
		{ "clair_updater_advisories", "gauge", "Advisories of an updater that are valid now." },
		{ "clair_schedule_next_run_timestamp_seconds", "gauge", "When updaters are looked at next." },
		{ "clair_collected_rows_total", "counter", "Rows that garbage collection dropped." },
		{ "clair_collection_failures_total", "counter", "Garbage collections that failed." },
		{ "clair_index_stale_manifests", "gauge",
		  "Manifests that another version of the indexer indexed: clients post them again." },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		metric_declare(m, all[i].name, all[i].type, all[i].help, NULL, 0);
}

static void set_for(struct metrics *m, const char *name, struct str updater, double value)
{
	const struct metric_label labels[METRIC_LABELS] = { { "updater", updater } };

	metric_set(m, name, labels, value);
}

static void show_updaters(struct schedule *s, struct task *task)
{
	struct metrics *m = s->options.metrics;
	updater_states all = { 0 };
	struct err ignored = { 0 };

	if (!m || advisories_updaters(s->options.store, task, &all, &ignored) < 0)
		return;
	VEC_EACH (const struct updater_state, u, &all) {
		set_for(m, "clair_updater_last_success_timestamp_seconds", u->name, (double)u->last_success);
		set_for(m, "clair_updater_last_attempt_timestamp_seconds", u->name, (double)u->last_attempt);
		set_for(m, "clair_updater_failing", u->name, u->last_error.n > 0);
		set_for(m, "clair_updater_advisories", u->name, (double)u->advisories);
	}
}

static void show_stale(struct schedule *s, struct task *task)
{
	struct err ignored = { 0 };
	str_list none = { 0 };
	uint64_t count = 0;

	if (!s->options.metrics || !s->options.index)
		return;
	if (manifests_stale(s->options.index, task, engine_index_state(&task->arena), 0, &none, &count,
			    &ignored) == 0)
		metric_set(s->options.metrics, "clair_index_stale_manifests", NULL, (double)count);
}

static void log_totals(const struct schedule *s, const struct update_totals *t)
{
	unsigned unchanged = t->updaters - t->changed - t->failed - t->busy;

	log_line(s->options.log, t->failed ? LOG_WARNING : LOG_INFO,
		 "updaters: %u changed, %u unchanged, %u failed, %u run elsewhere, %u not due", t->changed,
		 unchanged, t->failed, t->busy, t->fresh);
}

/* What update_options.progress does, and a line for what failed. */
static void tell(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
		 struct str error)
{
	const struct schedule *s = ctx;
	const struct update_options *given = s->options.update;
	const struct log_attribute attributes[] = { { "updater", updater }, { "reason", error }, { 0 } };

	if (error.n)
		log_event(s->options.log, LOG_WARNING, "an updater failed or is run elsewhere", attributes);
	if (given->progress)
		given->progress(given->progress_ctx, updater, changed, summary, error);
}

/* ---- doing ---- */

static bool is_stopping(const struct schedule *s)
{
	return s->stopping || (s->options.canceled && *s->options.canceled);
}

/* is_first: everything that is older than a period; later a little more, as a run may come early. */
static void update(struct schedule *s, struct task *task, bool is_first, struct update_totals *totals)
{
	const struct schedule_options *o = &s->options;
	struct update_options options = *o->update;
	struct err err = { 0 };

	options.due_before = time_now() - (is_first ? o->period_seconds : o->period_seconds * 8 / 10);
	options.metrics = o->metrics;
	options.progress = tell;
	options.progress_ctx = s;
	if (engine_update(task, o->store, o->sets, o->set_count, &options, totals, &err) < 0 &&
	    !is_stopping(s)) {
		totals->failed++;
		log_line(o->log, LOG_ERROR, "update: %s", err.text);
	}
	if (!is_stopping(s))
		log_totals(s, totals);
}

static int collect(struct schedule *s, uint64_t *dropped, struct err *err)
{
	const struct schedule_options *o = &s->options;
	int64_t before = o->history_seconds > 0 ? time_now() - o->history_seconds : 0;
	uint64_t layers = 0;

	TRY(advisories_retain(o->store, o->retention, before, dropped, err));
	return o->index ? index_clean(o->index, 0, 0, false, &layers, err) : 0;
}

/* On one node at a time. */
static void tidy(struct schedule *s)
{
	const struct str name = STR("garbage-collection");
	struct err err = { 0 }, ignored = { 0 };
	uint64_t dropped = 0;
	int result;

	if (s->options.retention == 0)
		return;
	result = advisories_lease(s->options.store, name, CLEAN_LEASE_SECONDS, &err);
	if (result == 0)
		return;
	if (result > 0)
		result = collect(s, &dropped, &err);
	if (result < 0) {
		metric_add(s->options.metrics, "clair_collection_failures_total", NULL, 1);
		log_line(s->options.log, LOG_WARNING, "garbage collection: %s", err.text);
	}
	metric_add(s->options.metrics, "clair_collected_rows_total", NULL, (double)dropped);
	advisories_release(s->options.store, name, &ignored);
}

static bool wants_updates(const struct schedule *s)
{
	return !s->options.no_updaters && (s->options.all_sets || s->options.set_count);
}

static void run_once(struct schedule *s, bool is_first, struct update_totals *totals)
{
	autotask struct task task = { .canceled = &s->stopping };
	struct err ignored = { 0 };

	if (wants_updates(s))
		update(s, &task, is_first, totals);
	if (is_stopping(s))
		return;
	tidy(s);
	show_updaters(s, &task);
	show_stale(s, &task);
	if (advisories_any(s->options.store, &ignored) > 0)
		s->has_data = true;
	malloc_trim(0); /* the next run is hours away */
}

/* ---- waiting ---- */

/* seconds, a tenth more or less at random. */
static double jittered(int64_t seconds)
{
	uint32_t random = UINT32_MAX / 2;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint32_t)time_monotonic_ns();
	return (double)seconds * (0.9 + 0.2 * (double)random / UINT32_MAX);
}

/* A period; less when something becomes due before, or failed. */
static int64_t pause_after(const struct schedule *s, const struct update_totals *t)
{
	int64_t period = s->options.period_seconds, wait = period;
	int64_t retry = period / 10 < RETRY_SECONDS ? RETRY_SECONDS : period / 10;

	if (t->oldest_fresh && t->oldest_fresh + period - time_now() < wait)
		wait = t->oldest_fresh + period - time_now();
	if (t->failed && retry < wait)
		wait = retry;
	return wait < 1 ? 1 : wait;
}

static void sleep_until(struct schedule *s, double seconds)
{
	struct timespec until;

	metric_set(s->options.metrics, "clair_schedule_next_run_timestamp_seconds", NULL,
		   (double)time_now() + seconds);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&s->mutex);
	while (!is_stopping(s) && pthread_cond_timedwait(&s->wake, &s->mutex, &until) == 0)
		;
	pthread_mutex_unlock(&s->mutex);
}

static void *run(void *ctx)
{
	struct schedule *s = ctx;

	for (bool is_first = true; !is_stopping(s); is_first = false) {
		struct update_totals totals = { 0 };

		run_once(s, is_first, &totals);
		if (!is_stopping(s))
			sleep_until(s, jittered(pause_after(s, &totals)));
	}
	return NULL;
}

static void release(struct schedule *s)
{
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

int schedule_start(const struct schedule_options *options, struct schedule **out, struct err *err)
{
	struct schedule *s = calloc(1, sizeof(*s));
	pthread_condattr_t monotonic;
	struct err ignored = { 0 };

	if (!s)
		abort();
	s->options = *options;
	if (s->options.all_sets)
		s->options.set_count = 0; /* engine_update: all */
	if (s->options.period_seconds < 1)
		s->options.period_seconds = 1;
	pthread_mutex_init(&s->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	declare_metrics(options->metrics);
	s->has_data = advisories_any(options->store, &ignored) > 0;
	if (pthread_create(&s->thread, NULL, run, s) != 0) {
		release(s);
		return err_set(err, E_IO, "cannot start a thread for updates");
	}
	*out = s;
	return 0;
}

void schedule_stop(struct schedule *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	s->stopping = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->mutex);
	pthread_join(s->thread, NULL);
	release(s);
}

bool schedule_has_data(struct schedule *s)
{
	return s->has_data;
}
