/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FEED_LINES_H
#define TESTS_UNIT_FEED_LINES_H

/* A sink that writes a line for each advisory and each record left out:
 *   namespace package name fixed_in|- status severity|- normalized status text */

#include "base/cursor.h"
#include "feed/feed.h"

#include <stdio.h>

struct lines {
	struct feed_sink sink;
	struct arena arena;
	struct buffer text;
	struct str description, links; /* of the last advisory */
	uint64_t advisories, skipped, fail_at; /* fail_at: the advisory that the sink refuses; 0: none */
};

static const char *lines_status(enum advisory_status s)
{
	static const char *const names[] = { "affected",	   "not_affected", "will_not_fix",
					     "fix_deferred",	   "no_advisory",  "end_of_life",
					     "under_investigation" };

	return names[s];
}

static int lines_advisory(struct feed_sink *sink, const struct advisory *v, struct err *err)
{
	struct lines *l = (struct lines *)sink;
	static const char *const severities[] = {
		"Unknown", "Negligible", "Low", "Medium", "High", "Critical"
	};

	if (++l->advisories == l->fail_at)
		return err_set(err, E_IO, "the sink is full");
	put_bytes(&l->text,
		  str_format(&l->arena,
			     STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " %s " STR_FMT " %s " STR_FMT "\n",
			     STR_ARG(v->key.namespace), STR_ARG(v->key.package), STR_ARG(v->name),
			     STR_ARG(v->fixed_in.n ? v->fixed_in : STR("-")), lines_status(v->status),
			     STR_ARG(v->severity.n ? v->severity : STR("-")),
			     severities[v->normalized_severity], STR_ARG(v->status_text)));
	l->description = str_copy(&l->arena, v->description);
	l->links = str_copy(&l->arena, v->links);
	if (v->package_kind != PACKAGE_SOURCE)
		return err_set(err, E_FORMAT, "not a source package");
	return 0;
}

static void lines_skipped(struct feed_sink *sink, struct str what)
{
	struct lines *l = (struct lines *)sink;

	l->skipped++;
	put_bytes(&l->text, str_format(&l->arena, "skipped: " STR_FMT "\n", STR_ARG(what)));
}

static inline void lines_open(struct lines *l)
{
	*l = (struct lines){ .sink = { .advisory = lines_advisory, .skipped = lines_skipped } };
	l->text.arena = &l->arena;
}

#endif
