/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "base/io.h"
#include "base/task.h"
#include "model/advisory.h"

/* Where parsers push what they read. Records are borrowed for the call. Returns 0 or a negative error,
 * which the parser hands on. */
struct feed_sink {
	int (*advisory)(struct feed_sink *sink, const struct advisory *advisory, struct err *err);
	/* One record was malformed and left out; what says which and why. May be NULL. */
	void (*skipped)(struct feed_sink *sink, struct str what);
};

/* One document of an updater. */
struct feed_source {
	struct str url;          /* publisher's URL */
	struct str mirror_path;  /* below the mirror's root: "alpine/v3.20/main.json" */
	struct str namespace;    /* "alpine:3.20"; empty when the document names its own releases */
	struct distribution distribution; /* of the namespace, when there is one */
};

/* Parse one published format: bytes in, advisories out, streaming. distributions: the releases that count
 * (documents that name their own releases); others are passed over. */
struct feed_job {
	struct reader *in;       /* inflated already; borrowed */
	const struct feed_source *source;
	const struct distribution *distributions;
	size_t distribution_count;
	struct feed_sink *sink;
};

#endif
