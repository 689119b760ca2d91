/* SPDX-License-Identifier: Apache-2.0 */
/* One updater that enriches: several documents, one table. Documents are fetched and parsed one after the
 * other, so that one is spooled at a time; what a document that did not change says is not fetched again but
 * kept where it is. What one would get wrong: which rows those are. A document is about the CVE ids of its
 * years, and only such are taken from it, so the id of a stored row tells whose it is. A year whose document
 * is gone keeps its rows. */
#include "engine/update_run.h"

#include "base/cursor.h"
#include "base/time.h"
#include "store/enrichments.h"

enum { FINGERPRINT_LINES = 4 }; /* of engine/fetch.c */

struct document {
	const struct feed_source *source;
	struct str fingerprint;
	bool has_changed;
	uint64_t read, had; /* enrichments: in it now, and stored */
};

struct enriching {
	struct update_sink base;
	struct update_worker *worker;
	const struct update_job *job;
	struct str before; /* fingerprints of all documents */
	struct document *documents;
	size_t n;
	struct document *current;
	struct enrichment_update *update; /* begun with the first document that changed */
};

/* 0: no CVE id. */
static uint64_t year_of(struct str tag)
{
	uint64_t year = 0;

	if (str_starts(tag, STR("CVE-")) && tag.n >= 8)
		str_u64(str_sub(tag, 4, 4), 9999, &year);
	return year;
}

static bool is_of(const struct feed_source *source, struct str tag)
{
	uint64_t year = year_of(tag);

	return source->last_year == 0 || (year >= source->first_year && year <= source->last_year);
}

static int put(struct feed_sink *sink, const struct enrichment *enrichment, struct err *err)
{
	struct enriching *e = (struct enriching *)sink;

	for (size_t i = 0; i < enrichment->tag_count; i++)
		if (!is_of(e->current->source, enrichment->tags[i]))
			return 0;
	e->base.read++;
	e->current->read++;
	return enrichments_put(e->update, enrichment, err);
}

/* Of rows of documents that changed, only what was put just now stays. */
static bool keeps(void *ctx, struct str tag)
{
	struct enriching *e = ctx;

	for (size_t i = 0; i < e->n; i++)
		if (is_of(e->documents[i].source, tag)) {
			e->documents[i].had++;
			return !e->documents[i].has_changed;
		}
	return true;
}

/* ---- fingerprints: for each document a line with its years, then those of fetch.c ---- */

static struct str key_of(struct arena *a, const struct feed_source *source)
{
	return str_format(a, "%u-%u", source->first_year, source->last_year);
}

/* What the stored text says of a document; empty: nothing. */
static struct str find_fingerprint(struct arena *a, struct str text, const struct feed_source *source)
{
	struct str key = key_of(a, source), line;

	while (str_line(&text, &line)) {
		struct str rest = text, ignored;

		for (int i = 0; i < FINGERPRINT_LINES; i++)
			str_line(&rest, &ignored);
		if (str_eq(line, key))
			return str_sub(text, 0, text.n - rest.n > 0 ? text.n - rest.n - 1 : 0);
		text = rest;
	}
	return (struct str){ NULL, 0 };
}

static struct str all_fingerprints(const struct enriching *e)
{
	struct buffer all = { .arena = &e->worker->task->arena };

	for (size_t i = 0; i < e->n; i++) {
		put_bytes(&all, key_of(all.arena, e->documents[i].source));
		put_bytes(&all, STR("\n"));
		put_bytes(&all, e->documents[i].fingerprint);
		put_bytes(&all, STR("\n"));
	}
	return buffer_str(&all);
}

/* ---- documents ---- */

static int load(struct enriching *e, const struct fetched *fetched, struct err *err)
{
	struct update_worker *w = e->worker;

	e->current->has_changed = true;
	if (!e->update)
		TRY(enrichments_begin(w->store, e->job->name, &e->update, err));
	if (update_parse(w, e->job, e->current->source, fetched, &e->base.sink, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(fetched->origin));
	return 0;
}

static int take_document(struct enriching *e, struct document *d, struct err *err)
{
	struct update_worker *w = e->worker;
	struct fetched fetched = { .fd = -1 };
	struct str none = { 0 };
	autoclose int fd = -1;
	int result;

	e->current = d;
	d->fingerprint = find_fingerprint(&w->task->arena, e->before, d->source);
	result = fetch(&w->fetcher, d->source, update_parser_text(&w->task->arena, e->job),
		       w->options->force ? none : d->fingerprint, &fetched, err);
	fd = fetched.fd;
	if (result == FETCH_MISSING)
		return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(fetched.origin));
	if (result != FETCH_CHANGED)
		return result;
	d->fingerprint = fetched.fingerprint;
	return load(e, &fetched, err);
}

/* A document that lost all it said is wrong. */
static int check(struct enriching *e, struct err *err)
{
	bool force = e->worker->options->force;

	for (size_t i = 0; i < e->n; i++)
		if (e->documents[i].has_changed && !e->documents[i].read && e->documents[i].had && !force)
			return err_set(err, E_FORMAT,
				       STR_FMT ": no records, where there were %llu: the old data stay (if "
					       "this is right, remove them by an update with --force)",
				       STR_ARG(e->documents[i].source->url),
				       (unsigned long long)e->documents[i].had);
	return update_sink_check(&e->base, 0, err);
}

static int commit(struct enriching *e, struct update_summary *summary, struct err *err)
{
	int result;

	TRY(enrichments_keep(e->update, keeps, e, err));
	TRY(check(e, err));
	pthread_mutex_lock(e->worker->writing);
	result = enrichments_commit(e->update, all_fingerprints(e), time_now(), summary, err);
	pthread_mutex_unlock(e->worker->writing);
	return result < 0 ? result : UPDATE_CHANGED;
}

static int take_all(struct enriching *e, struct update_summary *summary, struct err *err)
{
	for (size_t i = 0; i < e->n; i++) {
		TRY(take_document(e, &e->documents[i], err));
		TRY(task_check(e->worker->task, err));
	}
	if (e->update)
		return commit(e, summary, err);
	return update_note(e->worker, e->job->name, (struct str){ 0 }, err);
}

int update_enrich(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
		  struct err *err)
{
	struct enriching e = {
		.base = update_sink_of(w, job), .worker = w, .job = job, .n = job->all->sources.n
	};
	struct updater_state state;
	int result;

	TRY(advisories_updater(w->store, w->task, job->name, &state, err));
	e.base.sink.enrichment = put;
	e.before = state.fingerprint;
	e.documents = ARENA_ARRAY(&w->task->arena, struct document, e.n);
	for (size_t i = 0; i < e.n; i++)
		e.documents[i].source = &job->all->sources.p[i];
	result = take_all(&e, summary, err);
	enrichments_close(e.update);
	return result;
}
