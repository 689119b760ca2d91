/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_CSAF_INPUT_H
#define FEED_CSAF_INPUT_H

#include "feed/feed.h"

struct tar;

/* The documents of a feed, one after the other: members of a tar archive, or documents of which each begins
 * on a line of its own. */
struct csaf_input {
	struct reader reader; /* the current document */
	struct task *task;
	const struct feed_job *job;
	struct tar *tar; /* NULL: lines */
	struct reader whole; /* the source with the bytes that were looked at before */
	unsigned char *buffer;
	size_t at, end; /* what is left in the buffer */
	uint64_t documents;
	bool source_ended, has_failed;
	char last; /* byte delivered last; 0: nothing yet */
	char folder[64]; /* of an archive: that was complained about last */
	size_t folder_n;
};

/* Look at the first bytes of what job->in delivers. Returns 0, E_FORMAT when it is neither, or the source's
 * error. Memory is the task's: no mark of its arena may be released that was taken before the last
 * csaf_input_next. */
int csaf_input_open(struct csaf_input *in, struct task *task, const struct feed_job *job, struct err *err);

/* The next document, to be read from in->reader; what is left of the one before is passed over. name: the
 * member's path, or "document 3"; in the arena. Returns 1, 0 at the end or a negative error. */
int csaf_input_next(struct csaf_input *in, struct arena *a, struct str *name, struct err *err);

/* The source itself is broken, not the document. */
static inline bool csaf_input_failed(const struct csaf_input *in)
{
	return in->has_failed;
}

#endif
