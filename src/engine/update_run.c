/* SPDX-License-Identifier: Apache-2.0 */
/* One updater: take its lease, fetch its document if it changed, parse it into the store. What it had stays
 * in force until the moment its new data stand as a whole. What one would get wrong: a document of which only
 * the bad records are left out may be cut down to nothing by a publisher's mistake, and that would take
 * everything back that was known; so there is a bound on what may be missing. */
#include "engine/update_run.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/time.h"

enum {
	LEASE_SECONDS = 3600,
	SKIPPED_FREE = 10, /* malformed records that any document may have */
	SKIPPED_SHARE = 100, /* and one of so many */
	SKIPPED_LOGGED = 10, /* told one by one; then only how many */
};

static int put_advisory(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	struct store_sink *s = (struct store_sink *)sink;

	s->base.read++;
	return update_put(s->update, advisory, err);
}

static void note_skipped(struct feed_sink *sink, struct str what)
{
	struct update_sink *s = (struct update_sink *)sink;

	if (s->skipped++ < SKIPPED_LOGGED)
		log_line(s->log, LOG_WARNING, STR_FMT ": left out: " STR_FMT, STR_ARG(s->updater),
			 STR_ARG(what));
}

struct update_sink update_sink_of(const struct update_worker *w, const struct update_job *job)
{
	return (struct update_sink){ .sink = { .skipped = note_skipped },
				     .log = w->options->log,
				     .updater = job->name };
}

int update_sink_check(const struct update_sink *s, uint64_t had, struct err *err)
{
	uint64_t all = s->read + s->skipped;

	if (s->skipped > SKIPPED_LOGGED)
		log_line(s->log, LOG_WARNING, STR_FMT ": %llu of %llu records left out", STR_ARG(s->updater),
			 (unsigned long long)s->skipped, (unsigned long long)all);
	if (s->skipped > SKIPPED_FREE && s->skipped > all / SKIPPED_SHARE)
		return err_set(err, E_FORMAT, "%llu of %llu records are malformed: the old data stay",
			       (unsigned long long)s->skipped, (unsigned long long)all);
	if (s->read == 0 && s->skipped && !had)
		return err_set(err, E_FORMAT, "none of %llu records can be read", (unsigned long long)all);
	if (s->read == 0 && had)
		return err_set(err, E_FORMAT,
			       "no records, where there were %llu: the old data stay (if this is right, "
			       "remove them by an update with --force)",
			       (unsigned long long)had);
	return 0;
}

int update_parse(struct update_worker *w, const struct update_job *job, const struct feed_source *source,
		 const struct fetched *fetched, struct feed_sink *sink, struct err *err)
{
	const struct sandbox_feed feed = {
		.format = job->set->format,
		.source = source,
		.distributions = job->all->distributions.p,
		.distribution_count = job->all->distributions.n,
	};
	struct fd_reader file;

	fd_reader_open(&file, fetched->fd, 0, fetched->size_bytes);
	return sandbox_parse_feed(w->task, w->options->sandbox, &file.reader, &feed, sink, err);
}

/* Parser version and releases asked for. */
struct str update_parser_text(struct arena *a, const struct update_job *job)
{
	struct buffer b = { .arena = a };
	char digest[72];

	VEC_EACH (const struct distribution, d, &job->all->distributions) {
		put_string(&b, d->version_code_name);
		put_string(&b, d->version_id);
	}
	return str_format(a, "%s %u %.19s", job->set->name, job->set->parser_version,
			  digest_of(buffer_str(&b), digest));
}

int update_note(struct update_worker *w, struct str name, struct str error, struct err *err)
{
	int result;

	pthread_mutex_lock(w->writing);
	result = advisories_note(w->store, name, time_now(), error, err);
	pthread_mutex_unlock(w->writing);
	return result;
}

struct store_sink update_store_sink(const struct update_worker *w, const struct update_job *job,
				    struct update *update)
{
	struct store_sink s = { .base = update_sink_of(w, job), .update = update };

	s.base.sink.advisory = put_advisory;
	return s;
}

int update_finish(struct update_worker *w, const struct store_sink *sink, uint64_t had,
		  struct str fingerprint, struct update_summary *summary, struct err *err)
{
	int result;

	TRY(update_sink_check(&sink->base, w->options->force ? 0 : had, err));
	pthread_mutex_lock(w->writing);
	result = update_commit(sink->update, fingerprint, time_now(), summary, err);
	pthread_mutex_unlock(w->writing);
	return result < 0 ? result : UPDATE_CHANGED;
}

/* Parse what was fetched and put it in force. */
static int load(struct update_worker *w, const struct update_job *job, const struct fetched *fetched,
		uint64_t had, struct update_summary *summary, struct err *err)
{
	autoupdate struct update *update = NULL;
	struct store_sink sink;
	int result;

	TRY(update_begin(w->store, job->name, &update, err));
	sink = update_store_sink(w, job, update);
	result = update_parse(w, job, job->source, fetched, &sink.base.sink, err);
	if (result == 0)
		result = update_finish(w, &sink, had, fetched->fingerprint, summary, err);
	return result < 0 ? err_wrap(err, STR_FMT, STR_ARG(fetched->origin)) : result;
}

static int update_source(struct update_worker *w, const struct update_job *job,
			 struct update_summary *summary, struct err *err)
{
	struct str none = { 0 };
	struct updater_state state;
	struct fetched fetched = { .fd = -1 };
	autoclose int fd = -1;
	int result;

	TRY(advisories_updater(w->store, w->task, job->name, &state, err));
	result = fetch(&w->fetcher, job->source, update_parser_text(&w->task->arena, job),
		       w->options->force ? none : state.fingerprint, &fetched, err);
	fd = fetched.fd;
	if (result == FETCH_MISSING)
		return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(fetched.origin));
	if (result == FETCH_UNCHANGED)
		return update_note(w, job->name, none, err);
	TRY(result);
	return load(w, job, &fetched, state.advisories, summary, err);
}

static int lease(struct update_worker *w, struct str name, struct err *err)
{
	int leased;

	pthread_mutex_lock(w->writing);
	leased = advisories_lease(w->store, name, LEASE_SECONDS, err);
	pthread_mutex_unlock(w->writing);
	return leased;
}

static void release(struct update_worker *w, struct str name)
{
	struct err ignored = { 0 };

	pthread_mutex_lock(w->writing);
	advisories_release(w->store, name, &ignored);
	pthread_mutex_unlock(w->writing);
}

static int update_as_published(struct update_worker *w, const struct update_job *job,
			       struct update_summary *summary, struct err *err)
{
	if (updates_enrichments(job->set))
		return update_enrich(w, job, summary, err);
	switch (job->set->transport) {
	case TRANSPORT_CSAF: return update_vex(w, job, summary, err);
	case TRANSPORT_PAGES: return update_pages(w, job, summary, err);
	default: return update_source(w, job, summary, err);
	}
}

int update_run(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
	       struct err *err)
{
	struct err ignored = { 0 };
	int result, leased = lease(w, job->name, err);

	if (leased <= 0)
		return leased < 0 ? leased : UPDATE_BUSY;
	result = update_as_published(w, job, summary, err);
	if (result < 0 && result != E_CANCELED)
		update_note(w, job->name, str_of(err->text), &ignored);
	release(w, job->name);
	return result;
}
