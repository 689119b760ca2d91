/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DATA_INDEX_H
#define ENGINE_DATA_INDEX_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>

/* index.json of a folder of prebuilt databases: the newest one, and changes from earlier ones
 * (docs/formats/data-file.md). */
struct data_entry {
	struct str name; /* of a file in the folder: safe to be put behind a URL or a folder */
	uint64_t size_bytes;
	struct str digest; /* of the file: "sha256:..." */
	struct str from, to; /* digests of contents; from is empty for a whole database */
	int64_t created; /* of a whole database; 0 unknown */
};
struct data_index {
	struct data_entry full;
	VEC(struct data_entry) deltas; /* in the order in which they were made */
};

#define DATA_INDEX_NAME "index.json"

/* Strings are in the arena. E_FORMAT, E_LIMIT, E_UNSUPPORTED (a newer format). */
int data_index_parse(struct arena *a, struct str text, struct data_index *out, struct err *err);
/* The text, with a line feed at its end. In the arena. */
struct str data_index_text(struct arena *a, const struct data_index *index);

#endif
