/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "base/io.h"
#include "base/task.h"
#include "model/feed.h"

/* Parse one published format: bytes in, advisories out, streaming. distributions: the releases that count
 * (documents that name their own releases); others are passed over. */
struct feed_job {
	struct reader *in; /* inflated already; borrowed */
	const struct feed_source *source;
	const struct distribution *distributions;
	size_t distribution_count;
	struct feed_sink *sink;
};

typedef int feed_parser(struct task *task, const struct feed_job *job, struct err *err);

/* By enum feed_format; feed/table.c. */
extern feed_parser *const feed_parsers[FEED_FORMAT_COUNT];

#endif
