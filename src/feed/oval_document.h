/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OVAL_DOCUMENT_H
#define FEED_OVAL_DOCUMENT_H

#include "base/cursor.h"
#include "feed/feed.h"
#include "feed/oval_dialect.h"
#include "feed/oval_table.h"

/* An OVAL document while it is read. Definitions come first and refer to what comes later, so they are kept,
 * packed, until the end; the tables say what they refer to. */
struct oval_criterion {
	uint32_t test; /* number */
	uint32_t packs; /* service packs as bits; 0: all */
	uint32_t arch; /* text: the branch of the criteria it stands in; 0: none */
	enum advisory_status status; /* by its comment */
	struct str words; /* of the comment, when it says more than that the package is affected */
	struct str channel; /* "esm-infra", "esm-apps" when the comment says so (Ubuntu) */
};

struct oval_definition {
	struct str id, title, cve, description, severity, links;
	uint64_t line;
	int64_t issued;
	bool is_not_applicable;
	VEC(uint32_t) distributions; /* positions in the job's */
	str_list modules;
	VEC(struct oval_criterion) criterions; /* each test once for each architecture */
};

struct oval_document {
	struct task *task;
	const struct feed_job *job;
	const struct oval_dialect *dialect;
	struct oval_ids tests, objects, states, variables;
	struct oval_strings texts;
	struct arena open_arena; /* of the block that is filled */
	struct buffer open;
	str_list blocks; /* packed definitions */
	uint32_t criterions; /* so far */
	uint64_t rows; /* pushed so far */
	/* Definitions that name what the document does not have, and the first of them. */
	uint64_t dangling, dangling_line;
	struct str dangling_id;
};

void oval_skipped(struct oval_document *d, uint64_t line, struct str what, const char *why);

/* ---- oval_store.c ---- */

/* Keep a definition: a copy, packed. */
void oval_keep(struct oval_document *d, const struct oval_definition *definition);
/* All that were kept, in order; valid during the call. */
int oval_each(struct oval_document *d,
	      int (*take)(struct oval_document *d, struct arena *scratch,
			  const struct oval_definition *definition, struct err *err),
	      struct err *err);

/* ---- oval_rows.c ---- */

/* Push the advisories of a definition. */
int oval_push(struct oval_document *d, struct arena *scratch, const struct oval_definition *definition,
	      struct err *err);

#endif
