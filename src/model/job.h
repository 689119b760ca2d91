/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include "base/cursor.h"
#include "base/err.h"
#include "model/feed.h"

/* What a worker is asked to do: the payload of FRAME_JOB. */
enum job_kind {
	JOB_LAYER, /* FRAME_DATA... FRAME_END are a layer: inflate, walk, scan */
	JOB_FEED, /* FRAME_DATA... FRAME_END are a feed document: inflate, parse */
	JOB_ARCHIVE, /* list the members of a plain tar, asked for by FRAME_READ */
};

struct job {
	enum job_kind kind;
	uint64_t scanner_set; /* JOB_LAYER: bits of scanner_ids */
	uint64_t max_inflated_bytes, max_entries;
	unsigned seconds; /* wall time the worker may take */
	bool want_diff_id; /* hash the inflated bytes */
	bool is_heads_first; /* files of this stream carry only their first bytes */
	bool is_second; /* this stream is the answer to FRAME_AGAIN */
	const struct str *also; /* the names of that FRAME_AGAIN */
	size_t also_count;
	uint64_t archive_bytes; /* JOB_ARCHIVE: size of the file */
	enum feed_format format; /* JOB_FEED */
	struct str namespace; /* JOB_FEED: of the source, may be empty */
	struct distribution distribution; /* JOB_FEED: of the source */
	const struct distribution *distributions; /* JOB_FEED: releases that count */
	size_t distribution_count;
};

void job_encode(const struct job *job, struct buffer *out);
/* Strings borrow from bytes. Returns 0 or E_FORMAT. */
int job_decode(struct arena *a, struct str bytes, struct job *out, struct err *err);

/* A list of names: FRAME_AGAIN, and part of the job. Returns 0, E_FORMAT or E_LIMIT. */
void names_encode(const struct str *names, size_t n, struct buffer *out);
int names_decode(struct arena *a, struct cursor *in, struct str **out, size_t *n, struct err *err);

#endif
