/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_UPDATE_H
#define STORE_UPDATE_H

#include "base/digest.h"
#include "base/map.h"
#include "base/vec.h"
#include "model/advisory.h"
#include "store/advisory_store.h"
#include "store/known.h"
#include "store/spool.h"

/* Inside of an update, shared by update.c (collecting) and update_commit.c (writing). */

/* A namespace that was put, or that the updater had before. */
struct update_namespace {
	struct str label;
	struct distribution distribution;
	int64_t id; /* 0: not looked up yet */
	uint64_t valid; /* advisories put */
	uint64_t was; /* stored for this updater when the update began */
	uint64_t was_replaced; /* of those, what a delta replaces */
	bool is_put, is_described,
		is_changed; /* put now; stored for this updater; its distribution differs from that */
};

struct update {
	struct advisory_store *store;
	struct arena arena;
	struct str updater;
	int64_t updater_id, revision; /* when it began; 0: never seen */
	struct known_rows rows;
	struct known_texts texts;
	bool is_delta; /* of `rows` only those put are known; the others are looked up at commit */
	struct known_texts replaced; /* delta: names whose stored rows count no more */
	struct spool new_rows, new_texts;
	struct map namespaces; /* label to struct update_namespace */
	struct update_namespace *last;
	struct hasher *hasher;
	struct buffer row; /* encoded: what is hashed */
	size_t row_prefix; /* of it: not spooled, the same for all */
	uint64_t row_count, valid, text_count, row_bytes;
};

/* The fields of an advisory as they are spooled; borrowed. */
struct update_row {
	struct advisory_key key;
	uint64_t id;
	uint8_t package_kind, normalized, status;
	struct str name, fixed_in, severity, status_text;
	struct str
		scope; /* module, arch, arch_operation and the repository, as encoded; empty: all are empty */
	struct str range;
};
void update_row_decode(struct str bytes, struct update_row *out);
enum { SCOPE_FIELDS = 6 };
/* The fields in the order of the table. */
void update_scope_decode(struct str scope, struct str fields[SCOPE_FIELDS]);

#endif
