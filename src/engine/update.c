/* SPDX-License-Identifier: Apache-2.0 */
/* Updating: discover what publishers have, leave out what is not wanted or not due, and run the rest on a few
 * threads, each with a connection and a confined worker of its own. What a reader would get wrong: nothing is
 * asked of a publisher all of whose feeds are fresh, not even which feeds there are; that they belong to the
 * set is told by their names, which begin with the set's. */
#include "engine/update.h"

#include "base/limits.h"
#include "base/time.h"
#include "ecosystem/settings.h"
#include "engine/update_run.h"
#include "engine/update_select.h"
#include "net/http_pace.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS_MIN = 2, THREADS_MAX = 4 };

struct set_outcome {
	const struct updater_set *set;
	bool is_partial; /* something failed or was left out */
};

struct updating {
	struct task *task;
	struct advisory_store *store;
	const struct update_options *options;
	struct selection selection;
	struct update_instead *instead; /* NULL: an update */
	VEC(struct set_outcome) outcomes; /* of sets that were asked */
	updater_states known;
	VEC(struct update_job) jobs;
	str_list names; /* of all updaters found */
	pthread_mutex_t mutex; /* of what follows, and around options->progress */
	size_t next; /* job */
	struct update_totals totals;
	struct http_pace pace;
	struct err failure; /* that ends everything: canceled, out of time */
	pthread_mutex_t writing;
};

/* ---- telling ---- */

static const double duration_bounds[] = { 0.1, 0.5, 1, 5, 15, 60, 300, 1800 };

static void declare_metrics(struct metrics *m)
{
	metric_declare(m, "clair_updater_runs_total", "counter", "Runs of updaters by how they ended.", NULL,
		       0);
	metric_declare(m, "clair_updater_duration_seconds", "histogram",
		       "Time that a run of an updater took.", duration_bounds,
		       sizeof(duration_bounds) / sizeof(duration_bounds[0]));
	metric_declare(m, "clair_updater_queue", "gauge", "Updaters waiting to be run.", NULL, 0);
}

static void count_run(struct updating *u, struct str updater, int result, uint64_t began_ns)
{
	const char *outcome = result < 0		   ? "failed"
			      : result == UPDATE_CHANGED   ? "changed"
			      : result == UPDATE_UNCHANGED ? "unchanged"
							   : "busy";
	const struct metric_label labels[METRIC_LABELS] = { { "outcome", str_of(outcome) },
							    { "updater", updater } };

	metric_add(u->options->metrics, "clair_updater_runs_total", labels, 1);
	if (result != UPDATE_BUSY)
		metric_observe(u->options->metrics, "clair_updater_duration_seconds", NULL,
			       (double)(time_monotonic_ns() - began_ns) / 1e9);
}

/* Under the mutex, or before there are threads. */
static void mark_partial(struct updating *u, const struct updater_set *set)
{
	VEC_EACH (struct set_outcome, outcome, &u->outcomes)
		if (outcome->set == set)
			outcome->is_partial = true;
}

/* Count and tell how an updater ended; under the mutex. */
static void tell(struct updating *u, struct str name, int result, const struct update_summary *summary,
		 struct str error)
{
	u->totals.updaters++;
	u->totals.changed += result == UPDATE_CHANGED;
	u->totals.busy += result == UPDATE_BUSY;
	u->totals.failed += result < 0;
	if (result == UPDATE_BUSY)
		error = STR("another process is updating it");
	if (u->options->progress)
		u->options->progress(u->options->progress_ctx, name, result == UPDATE_CHANGED,
				     result == UPDATE_CHANGED ? summary : NULL, error);
}

/* ---- which ---- */

static void note_fresh(struct updating *u, int64_t last_success)
{
	u->totals.fresh++;
	if (!u->totals.oldest_fresh || last_success < u->totals.oldest_fresh)
		u->totals.oldest_fresh = last_success;
}

static bool is_due(const struct updating *u, const struct updater_state *state)
{
	return u->options->due_before == 0 || state->last_success < u->options->due_before;
}

static bool is_of(const struct updating *u, const struct updater_set *set, struct str updater)
{
	return str_starts(updater, str_of(set->name)) && selection_has(&u->selection, set, updater);
}

/* Is any updater of a set due, or none of them known yet? */
static bool is_set_due(struct updating *u, const struct updater_set *set)
{
	unsigned known = 0;

	VEC_EACH (const struct updater_state, state, &u->known)
		if (is_of(u, set, state->name)) {
			if (is_due(u, state))
				return true;
			known++;
		}
	if (known == 0)
		return true;
	VEC_EACH (const struct updater_state, state, &u->known)
		if (is_of(u, set, state->name))
			note_fresh(u, state->last_success);
	return false;
}

static const struct updater_state *state_of(const struct updating *u, struct str updater)
{
	VEC_EACH (const struct updater_state, state, &u->known)
		if (str_eq(state->name, updater))
			return state;
	return NULL;
}

/* The settings of a set; Debian's may stand under the name of its one updater too, which goes first. */
static const struct json_value *settings_of(struct updating *u, const struct updater_set *set)
{
	struct arena *a = &u->task->arena;
	const struct json_value *config = u->options->config, *of_set = json_get(config, set->name);
	const struct json_value *own = json_get(config, str_format(a, "%s/updater", set->name).p);
	struct json_value *both;

	if (!own || own->type != JSON_OBJECT || !of_set || of_set->type != JSON_OBJECT)
		return own ? own : of_set;
	both = ARENA_NEW(a, struct json_value);
	*both = (struct json_value){ .type = JSON_OBJECT };
	both->items = ARENA_ARRAY(a, struct json_value, own->n + of_set->n);
	both->keys = ARENA_ARRAY(a, struct str, own->n + of_set->n);
	for (size_t i = 0; i < own->n + of_set->n; i++) {
		const struct json_value *from = i < own->n ? own : of_set;
		size_t at = i < own->n ? i : i - own->n;

		both->items[both->n] = from->items[at];
		both->keys[both->n++] = from->keys[at];
	}
	return both;
}

/* The address that the settings have for one updater, or its own. */
static const struct feed_source *source_of(struct updating *u, const struct updater_set *set, struct str name,
					   const struct feed_source *source)
{
	const struct json_value *own = json_get(u->options->config, name.p), *url;
	struct feed_source *other;

	url = updates_enrichments(set) ? NULL : updater_setting_get(own, "url");
	if (set->transport != TRANSPORT_DOCUMENT || !url || url->type != JSON_STRING || !url->text.n)
		return source;
	other = ARENA_NEW(&u->task->arena, struct feed_source);
	*other = *source;
	other->url = url->text;
	return other;
}

static void add_job(struct updating *u, const struct updater_set *set, const struct feed_source *source,
		    const struct feed_sources *all)
{
	struct arena *a = &u->task->arena;
	struct str name = set->updater_name ? set->updater_name(a, source) : str_of(set->name);
	struct update_job job = { set, source, all, str_copy(a, name) };
	const struct updater_state *state = state_of(u, job.name);

	VEC_PUSH(a, &u->names, job.name);
	if (!selection_has(&u->selection, set, job.name)) {
		mark_partial(u, set);
		return;
	}
	job.source = source_of(u, set, job.name, source);
	if (state && !is_due(u, state))
		note_fresh(u, state->last_success);
	else
		VEC_PUSH(a, &u->jobs, job);
}

/* The publisher does not say which feeds there are. That is the state of all its updaters that are known. */
static void fail_set(struct updating *u, const struct updater_set *set, const struct err *failure,
		     uint64_t began_ns)
{
	struct str text = str_of(failure->text);
	struct err ignored = { 0 };

	selection_excuse(&u->selection, set);
	mark_partial(u, set);
	VEC_EACH (const struct updater_state, state, &u->known)
		if (is_of(u, set, state->name) && u->store)
			advisories_note(u->store, state->name, time_now(), text, &ignored);
	count_run(u, str_of(set->name), failure->code, began_ns);
	tell(u, str_of(set->name), failure->code, NULL, text);
}

static bool is_any_known(const struct updating *u, const struct updater_set *set)
{
	VEC_EACH (const struct updater_state, state, &u->known)
		if (state->last_success && is_of(u, set, state->name))
			return true;
	return false;
}

static int ask_publisher(struct updating *u, struct fetcher *fetcher, const struct updater_set *set,
			 struct feed_sources *sources, struct err *err)
{
	TRY(set->discover(u->task, &fetcher->discovery, sources, err));
	if (sources->sources.n == 0 && is_any_known(u, set))
		return err_set(err, E_NOTFOUND, "the publisher has no documents any more");
	if (sources->sources.n == 0 && selection_names_set(&u->selection, set))
		return err_set(err, E_NOTFOUND, "the publisher, or mirror, has no documents");
	return 0;
}

static int discover(struct updating *u, struct fetcher *fetcher, const struct updater_set *set,
		    struct err *err)
{
	struct feed_sources *sources = ARENA_NEW(&u->task->arena, struct feed_sources);
	uint64_t began_ns = time_monotonic_ns();
	struct err failure = { 0 };

	if (!is_set_due(u, set)) {
		selection_excuse(&u->selection, set);
		return 0;
	}
	VEC_PUSH(&u->task->arena, &u->outcomes, ((struct set_outcome){ set, false }));
	fetcher->discovery.settings = settings_of(u, set);
	if (fetcher->keeper)
		fetcher->keeper->set = set->name;
	sources->arena = &u->task->arena;
	if (ask_publisher(u, fetcher, set, sources, &failure) < 0) {
		TRY(task_check(u->task, err));
		fail_set(u, set, &failure, began_ns);
		return 0;
	}
	for (size_t i = 0; i < (updates_enrichments(set) && sources->sources.n ? 1 : sources->sources.n); i++)
		add_job(u, set, &sources->sources.p[i], sources);
	return 0;
}

static int discover_all(struct updating *u, struct err *err)
{
	struct fetcher fetcher;
	int result = fetcher_open(&fetcher, u->task, u->options->mirror, u->options->debian_archive, err);

	fetcher.pace = &u->pace;
	fetcher.keeper = u->instead ? &u->instead->keeper : NULL;
	if (result == 0 && u->store)
		result = advisories_updaters(u->store, u->task, &u->known, err);
	for (size_t i = 0; result == 0 && ecosystems[i]; i++)
		if (ecosystems[i]->updaters && selection_has_set(&u->selection, ecosystems[i]))
			result = discover(u, &fetcher, ecosystems[i]->updaters, err);
	fetcher_close(&fetcher);
	if (result == 0)
		result = selection_check(&u->selection, &u->task->arena, u->names.p, u->names.n, err);
	if (result == 0 && u->options->counted)
		u->options->counted(u->options->progress_ctx, u->jobs.n);
	return result;
}

/* ---- running ---- */

static const struct update_job *next_job(struct updating *u)
{
	const struct update_job *job = NULL;

	pthread_mutex_lock(&u->mutex);
	if (!u->failure.code && u->next < u->jobs.n)
		job = &u->jobs.p[u->next++];
	metric_set(u->options->metrics, "clair_updater_queue", NULL, (double)(u->jobs.n - u->next));
	pthread_mutex_unlock(&u->mutex);
	return job;
}

static void end_job(struct updating *u, const struct update_job *job, int result,
		    const struct update_summary *summary, const struct err *failure, const struct task *task)
{
	struct err stop = { 0 };

	pthread_mutex_lock(&u->mutex);
	if (result < 0)
		mark_partial(u, job->set);
	tell(u, job->name, result, summary, result < 0 ? str_of(failure->text) : (struct str){ 0 });
	if ((result == E_CANCELED || task_check(task, &stop) < 0) && !u->failure.code)
		u->failure = stop.code ? stop : *failure;
	pthread_mutex_unlock(&u->mutex);
}

static void run_job(struct updating *u, struct update_worker *w, const struct update_job *job)
{
	struct arena_mark mark = arena_mark(&w->task->arena);
	uint64_t began_ns = time_monotonic_ns();
	struct update_summary summary = { 0 };
	struct err failure = { 0 };
	int result = u->instead ? u->instead->run(u->instead, w, job, &failure)
				: update_run(w, job, &summary, &failure);

	count_run(u, job->name, result, began_ns);
	end_job(u, job, result, &summary, &failure, w->task);
	arena_release(&w->task->arena, mark);
}

static void *run_jobs(void *ctx)
{
	struct updating *u = ctx;
	autotask struct task task = { .deadline_ns = u->task->deadline_ns, .canceled = u->task->canceled };
	struct update_worker w = {
		.task = &task, .store = u->store, .options = u->options, .writing = &u->writing
	};
	const struct update_job *job;
	struct err err = { 0 };

	if (fetcher_open(&w.fetcher, &task, u->options->mirror, u->options->debian_archive, &err) < 0) {
		pthread_mutex_lock(&u->mutex);
		u->failure = err;
		pthread_mutex_unlock(&u->mutex);
	}
	w.fetcher.pace = &u->pace;
	w.fetcher.transferred = u->options->transferred;
	w.fetcher.transferred_ctx = u->options->progress_ctx;
	while ((job = next_job(u)))
		run_job(u, &w, job);
	fetcher_close(&w.fetcher);
	return NULL;
}

static unsigned thread_count(const struct updating *u)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t memory = u->options->memory_bytes ? u->options->memory_bytes : UPDATE_MEMORY_BYTES;
	uint64_t n = u->options->threads ? u->options->threads : (uint64_t)(cores > 0 ? cores : 1);

	if (n < THREADS_MIN && !u->options->threads)
		n = THREADS_MIN;
	n = n < THREADS_MAX ? n : THREADS_MAX;
	n = n < u->jobs.n ? n : u->jobs.n;
	n = n < memory / UPDATER_MEMORY_BYTES ? n : memory / UPDATER_MEMORY_BYTES;
	return n ? (unsigned)n : 1;
}

/* This thread works too, so that one that cannot be started is no failure. */
static void run_all(struct updating *u)
{
	pthread_t threads[THREADS_MAX];
	unsigned wanted = thread_count(u), n = 0;

	while (n + 1 < wanted && pthread_create(&threads[n], NULL, run_jobs, u) == 0)
		n++;
	run_jobs(u);
	while (n > 0)
		pthread_join(threads[--n], NULL);
}

static void note_whole(struct updating *u)
{
	VEC_EACH (const struct set_outcome, outcome, &u->outcomes)
		if (!outcome->is_partial)
			VEC_PUSH(&u->task->arena, &u->instead->whole, str_of(outcome->set->name));
}

int update_all(struct task *task, struct advisory_store *store, const struct str *names, size_t n,
	       const struct update_options *options, struct update_instead *instead,
	       struct update_totals *out, struct err *err)
{
	struct updating u = { .task = task, .store = store, .options = options, .instead = instead };
	int result;

	TRY(selection_open(&u.selection, task, options, names, n, err));
	declare_metrics(options->metrics);
	pthread_mutex_init(&u.mutex, NULL);
	pthread_mutex_init(&u.writing, NULL);
	http_pace_open(&u.pace);
	result = discover_all(&u, err);
	if (result == 0 && u.jobs.n)
		run_all(&u);
	pthread_mutex_destroy(&u.mutex);
	pthread_mutex_destroy(&u.writing);
	http_pace_close(&u.pace);
	selection_close(&u.selection);
	if (result == 0 && u.failure.code) {
		*err = u.failure;
		result = err->code;
	}
	if (result == 0 && instead)
		note_whole(&u);
	*out = u.totals;
	return result;
}

int engine_update(struct task *task, struct advisory_store *store, const struct str *names, size_t n,
		  const struct update_options *options, struct update_totals *out, struct err *err)
{
	return update_all(task, store, names, n, options, NULL, out, err);
}
