/* SPDX-License-Identifier: Apache-2.0 */
/* Updating: for each source of each updater, take its lease, fetch it if it changed, parse it into the store.
 * What an updater had stays in force until the moment its new data stand as a whole. */
#include "engine/update.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/time.h"
#include "engine/fetch.h"

enum { LEASE_SECONDS = 3600 };

struct updating {
	struct task *task;
	struct advisory_store *store;
	const struct update_options *options;
	struct fetcher fetcher;
	struct update_totals totals;
};

/* Hands what a parser reads to the store. */
struct store_sink {
	struct feed_sink sink;
	struct update *update;
	const struct log *log;
	struct str updater;
	uint64_t read, skipped;
};

static int put_advisory(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	struct store_sink *s = (struct store_sink *)sink;

	s->read++;
	return update_put(s->update, advisory, err);
}

static void note_skipped(struct feed_sink *sink, struct str what)
{
	struct store_sink *s = (struct store_sink *)sink;

	s->skipped++;
	log_line(s->log, LOG_WARNING, STR_FMT ": left out: " STR_FMT, STR_ARG(s->updater), STR_ARG(what));
}

/* More records malformed than this share: it is the document that is wrong, not the records. */
static int check_skipped(const struct store_sink *s, struct err *err)
{
	if (s->skipped > 100 && s->skipped > s->read / 20)
		return err_set(err, E_FORMAT, "%llu of %llu records are malformed",
			       (unsigned long long)s->skipped, (unsigned long long)(s->skipped + s->read));
	return 0;
}

static int parse(struct updating *u, const struct updater_set *set, const struct feed_source *source,
		 const struct feed_sources *all, const struct fetched *fetched, struct store_sink *sink,
		 struct err *err)
{
	const struct sandbox_feed feed = {
		.format = set->format,
		.source = source,
		.distributions = all->distributions.p,
		.distribution_count = all->distributions.n,
	};
	struct fd_reader file;

	fd_reader_open(&file, fetched->fd, 0, fetched->size_bytes);
	TRY(sandbox_parse_feed(u->task, u->options->sandbox, &file.reader, &feed, &sink->sink, err));
	return check_skipped(sink, err);
}

/* Changes whenever the same document would give other advisories: parser version and releases asked for. */
static struct str parser_text(struct arena *a, const struct updater_set *set, const struct feed_sources *all)
{
	struct buffer b = { .arena = a };
	char digest[72];

	VEC_EACH (const struct distribution, d, &all->distributions) {
		put_string(&b, d->version_code_name);
		put_string(&b, d->version_id);
	}
	return str_format(a, "%s %u %.19s", set->name, set->parser_version,
			  digest_of(buffer_str(&b), digest));
}

/* 1 changed, 0 unchanged. */
static int update_source(struct updating *u, const struct updater_set *set, const struct feed_source *source,
			 const struct feed_sources *all, struct str name, struct update_summary *summary,
			 struct err *err)
{
	struct arena *a = &u->task->arena;
	struct store_sink sink = { .sink = { put_advisory, note_skipped },
				   .log = u->options->log,
				   .updater = name };
	autoupdate struct update *update = NULL;
	struct updater_state state;
	struct fetched fetched;
	autoclose int fd = -1;
	int result;

	TRY(advisories_updater(u->store, u->task, name, &state, err));
	result = fetch(&u->fetcher, source, parser_text(a, set, all),
		       u->options->force ? (struct str){ 0 } : state.fingerprint, &fetched, err);
	fd = fetched.fd;
	if (result == FETCH_MISSING)
		return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(fetched.origin));
	if (result == FETCH_UNCHANGED)
		return advisories_note(u->store, name, time_now(), (struct str){ 0 }, err);
	TRY(result);
	TRY(update_begin(u->store, name, &update, err));
	sink.update = update;
	if (parse(u, set, source, all, &fetched, &sink, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(fetched.origin));
	TRY(update_commit(update, fetched.fingerprint, time_now(), summary, err));
	return 1;
}

static void tell(struct updating *u, struct str name, bool changed, const struct update_summary *summary,
		 struct str error)
{
	if (u->options->progress)
		u->options->progress(u->options->progress_ctx, name, changed, summary, error);
}

/* One updater under its lease; failures are noted and told, and end here. */
static int run_updater(struct updating *u, const struct updater_set *set, const struct feed_source *source,
		       const struct feed_sources *all, struct err *err)
{
	struct arena_mark mark = arena_mark(&u->task->arena);
	struct str name = set->updater_name(&u->task->arena, source);
	struct update_summary summary = { 0 };
	struct err failure = { 0 }, ignored = { 0 };
	int result, leased = advisories_lease(u->store, name, LEASE_SECONDS, err);

	u->totals.updaters++;
	TRY(leased);
	if (!leased) {
		u->totals.busy++;
		tell(u, name, false, NULL, STR("another process is updating it"));
		return 0;
	}
	result = update_source(u, set, source, all, name, &summary, &failure);
	if (result < 0) {
		u->totals.failed++;
		advisories_note(u->store, name, time_now(), str_of(failure.text), &ignored);
	}
	advisories_release(u->store, name, &ignored);
	u->totals.changed += result > 0;
	tell(u, name, result > 0, result > 0 ? &summary : NULL,
	     result < 0 ? str_of(failure.text) : (struct str){ 0 });
	arena_release(&u->task->arena, mark);
	if (result == E_CANCELED)
		*err = failure;
	return result == E_CANCELED ? result : task_check(u->task, err);
}

static int run_set(struct updating *u, const struct updater_set *set, struct err *err)
{
	struct feed_sources sources = { .arena = &u->task->arena };
	struct err failure = { 0 };

	if (set->discover(u->task, &u->fetcher.discovery, &sources, &failure) < 0) {
		TRY(task_check(u->task, err));
		u->totals.updaters++;
		u->totals.failed++;
		tell(u, str_of(set->name), false, NULL, str_of(failure.text));
		return 0;
	}
	VEC_EACH (const struct feed_source, source, &sources.sources)
		TRY(run_updater(u, set, source, &sources, err));
	return 0;
}

static bool is_named(const struct updater_set *set, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], str_of(set->name)))
			return true;
	return n == 0;
}

int engine_update(struct task *task, struct advisory_store *store, const struct str *names, size_t n,
		  const struct update_options *options, struct update_totals *out, struct err *err)
{
	struct updating u = { .task = task, .store = store, .options = options };
	int result = fetcher_open(&u.fetcher, task, options->mirror, options->debian_archive, err);

	for (size_t i = 0; result == 0 && ecosystems[i]; i++)
		if (ecosystems[i]->updaters && is_named(ecosystems[i]->updaters, names, n))
			result = run_set(&u, ecosystems[i]->updaters, err);
	fetcher_close(&u.fetcher);
	*out = u.totals;
	return result;
}
