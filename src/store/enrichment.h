/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ENRICHMENT_H
#define STORE_ENRICHMENT_H

#include "base/digest.h"
#include "store/advisory_store.h"
#include "store/enrichments.h"
#include "store/known.h"
#include "store/spool.h"

/* Inside of an update of enrichments, shared by enrichment.c (collecting) and enrichment_commit.c. */
struct enrichment_update {
	struct advisory_store *store;
	struct arena arena;
	struct str updater;
	int64_t updater_id, revision; /* when it began; 0: never seen */
	struct known_rows rows, texts; /* by enrichment_row_hash; by content */
	struct spool new_rows, new_texts;
	struct hasher *hasher;
	struct buffer content;
	uint64_t valid, row_count, text_count, text_bytes;
};

/* Names a tag with a text. */
uint64_t enrichment_row_hash(struct enrichment_update *u, struct str tag, uint64_t text_id);

/* Spooled: a text's id and what follows. Borrowed. */
void enrichment_record(struct str record, uint64_t *text_id, struct str *rest);

#endif
