/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_UPDATE_H
#define ENGINE_UPDATE_H

#include "base/log.h"
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
	/* After each updater. error empty: fine. changed false: unchanged. May be NULL. */
	void (*progress)(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
			 struct str error);
	void *progress_ctx;
};

struct update_totals {
	unsigned updaters, changed, failed, busy;
};

/* Run the named updater sets (n = 0: all): discover, fetch what changed, parse into the store. A failed
 * updater is counted and noted in its status, its old data stay, and the others go on. Returns 0 also then;
 * negative when nothing could be tried. */
int engine_update(struct task *task, struct advisory_store *store, const struct str *names, size_t n,
		  const struct update_options *options, struct update_totals *out, struct err *err);

#endif
