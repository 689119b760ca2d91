/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BUNDLE_H
#define CMD_BUNDLE_H

#include "base/io.h"
#include "store/enrichments.h"
#include "store/operations.h"

/* Clair's offline bundle: one JSON object a line, one line an advisory or enrichment, the lines of one update
 * operation together (service.md 4.9). */

/* Write everything that is valid now in a store, updater by updater, as of now. */
struct bundle_totals {
	uint64_t operations, records, skipped; /* skipped: operations that are stored already */
};
int bundle_write(struct task *task, struct advisory_store *store, int64_t now, struct writer *to,
		 struct bundle_totals *out, struct err *err);

/* Read a bundle (not compressed) into a store: each operation whose fingerprint is not stored for its updater
 * replaces that updater's data. The first operation that fails ends it: those before it are in force. An
 * updater that somebody else is updating is waited for. Errors name the line. */
int bundle_read(struct task *task, struct advisory_store *store, struct reader *from, int64_t now,
		struct bundle_totals *out, struct err *err);

#endif
