/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_UPDATE_RUN_H
#define ENGINE_UPDATE_RUN_H

#include "engine/fetch.h"
#include "engine/update.h"

#include <pthread.h>

/* Inside of updating, shared by update.c (which updaters, on which threads), update_run.c (one of them) and
 * update_enrich.c, update_pages.c, update_vex.c (one whose documents are published in another way). */

/* One updater to be run. */
struct update_job {
	const struct updater_set *set;
	const struct feed_source *source; /* of an updater that enriches: the first of all */
	const struct feed_sources *all;
	struct str name;
};

/* What a thread has for all its jobs. writing: held around writes, as a database takes one writer at a time
 * and gives up on waiting for a long one. */
struct update_worker {
	struct task *task;
	struct advisory_store *store;
	const struct update_options *options;
	struct fetcher fetcher;
	pthread_mutex_t *writing;
};

/* Something else with the same updaters than to update a store: mirror.c. */
struct update_instead {
	struct fetch_keeper keeper; /* of discovery; first */
	/* As update_run. */
	int (*run)(struct update_instead *self, struct update_worker *w, const struct update_job *job,
		   struct err *err);
	str_list whole; /* sets of which nothing failed and nothing was left out; filled in */
};
/* What engine_update does; with something instead there is no store. */
int update_all(struct task *task, struct advisory_store *store, const struct str *names, size_t n,
	       const struct update_options *options, struct update_instead *instead,
	       struct update_totals *out, struct err *err);

enum update_result { UPDATE_UNCHANGED, UPDATE_CHANGED, UPDATE_BUSY };
/* Run an updater under its lease and note how it went. Returns enum update_result or an error. */
int update_run(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
	       struct err *err);

/* ---- between those files ---- */

/* What a parser pushes, counted; the functions of sink but skipped are the embedder's. Must be first there.
 */
struct update_sink {
	struct feed_sink sink;
	const struct log *log;
	struct str updater;
	uint64_t read, skipped;
};
struct update_sink update_sink_of(const struct update_worker *w, const struct update_job *job);
/* More malformed records than this: it is the document that is wrong, not the records. had: records that are
 * valid now; 0 accepts a document without any. */
int update_sink_check(const struct update_sink *s, uint64_t had, struct err *err);

/* Hands what a parser reads to the store. */
struct store_sink {
	struct update_sink base; /* first */
	struct update *update;
};
struct store_sink update_store_sink(const struct update_worker *w, const struct update_job *job,
				    struct update *update);
/* Check what was read, had as above, and put it in force. Returns UPDATE_CHANGED or an error. */
int update_finish(struct update_worker *w, const struct store_sink *sink, uint64_t had,
		  struct str fingerprint, struct update_summary *summary, struct err *err);

int update_parse(struct update_worker *w, const struct update_job *job, const struct feed_source *source,
		 const struct fetched *fetched, struct feed_sink *sink, struct err *err);
/* Changes whenever the same document would give other records. */
struct str update_parser_text(struct arena *a, const struct update_job *job);
/* Note an attempt that changed nothing; error empty: a success. */
int update_note(struct update_worker *w, struct str name, struct str error, struct err *err);

static inline bool updates_enrichments(const struct updater_set *set)
{
	return feed_format_enriches(set->format);
}
/* update_run of an updater whose set's format enriches, and of those of other transports, under its lease. */
int update_enrich(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
		  struct err *err);
int update_pages(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
		 struct err *err);
/* A page of TRANSPORT_PAGES. In the arena. */
struct feed_source update_page_source(struct arena *a, const struct feed_source *pages, unsigned number);
int update_vex(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
	       struct err *err);

#endif
