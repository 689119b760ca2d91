/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_UPDATE_H
#define ENGINE_UPDATE_H

#include "base/log.h"
#include "base/metric.h"
#include "base/task.h"
#include "ecosystem/ecosystem.h"
#include "sandbox/sandbox.h"
#include "store/advisories.h"

struct update_options {
	const struct sandbox *sandbox; /* where feeds are parsed */
	struct str mirror; /* http(s)://, file:// or a folder; empty: the publishers */
	struct str debian_archive; /* setting: base of the Debian archive, for the suites */
	const struct log *log;
	bool force; /* parse also what is unchanged */
	/* Only updaters whose names match this regular expression (POSIX extended), anywhere in the name, as
	 * "^alpine-(main|community)-v3\.20-"; empty: all. */
	struct str filter;
	/* Names of sets and updaters, or patterns of them with "*" and "?": "debian", "clair.*",
	 * "alpine-main-*". Only these are run, among them sets that are opt-in; and none of those. */
	const struct str *only, *except;
	size_t only_count, except_count;
	/* updaters.config, of values as ecosystem/settings.h has them: set or updater to an object. NULL:
	 * none. A mirror goes before the addresses there. */
	const struct json_value *config;
	/* Only updaters whose data were not known to be current after this time (UTC seconds); sets all of
	 * whose updaters are fresher ask their publisher nothing. 0: all. */
	int64_t due_before;
	unsigned threads; /* updaters at once; 0: one per core, 2 to 4 */
	uint64_t memory_bytes; /* for all updaters together: fewer at once; 0: UPDATE_MEMORY_BYTES */
	struct metrics *metrics; /* may be NULL */
	/* After each updater, from any thread, one at a time. error empty: fine. changed false: unchanged.
	 * May be NULL. */
	void (*progress)(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
			 struct str error);
	void *progress_ctx;
	/* So many bytes of documents came in; from any thread. May be NULL. ctx: progress_ctx. */
	void (*transferred)(void *ctx, uint64_t bytes);
	/* It is known how many updaters will be run; once. May be NULL. ctx: progress_ctx. */
	void (*counted)(void *ctx, size_t updaters);
};

struct update_totals {
	unsigned updaters, changed, failed, busy; /* updaters: those that were run, or busy elsewhere */
	unsigned fresh; /* not run: not due */
	int64_t oldest_fresh; /* last_success of the fresh one that is due next; 0: none */
};

/* 0, or E_CONFIG "did you mean": a name or pattern that no set, and no updater of a set, can have. */
int update_names_check(const struct str *names, size_t n, struct err *err);

/* Run the named updater sets (n = 0: all but those that are opt-in): discover, fetch what changed, parse into
 * the store, several at once. A failed updater is counted and noted in its status, its old data stay, and the
 * others go on. So it is with a publisher whose document lost more than one in a hundred (and ten) of its
 * records, or all advisories. Returns 0 also then; negative when nothing could be tried (E_CONFIG: the
 * filter, or a name in only or except). */
int engine_update(struct task *task, struct advisory_store *store, const struct str *names, size_t n,
		  const struct update_options *options, struct update_totals *out, struct err *err);

#endif
