/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_CSAF_ROWS_H
#define FEED_CSAF_ROWS_H

#include "feed/csaf_document.h"
#include "feed/feed.h"

/* What is told of one document. */
struct csaf_notes {
	struct feed_sink *sink;
	struct str document; /* its name */
	uint64_t count;
};
/* Something of the document is left out; what: a product id, may be empty. */
void csaf_note(struct csaf_notes *notes, struct str what, const char *why);
/* Last: how many were not told. */
void csaf_notes_end(struct csaf_notes *notes);

/* Push the advisories of a document that was read to its end. Returns 0 or the sink's error. */
int csaf_rows_push(struct csaf_document *d, struct csaf_notes *notes, struct err *err);

#endif
