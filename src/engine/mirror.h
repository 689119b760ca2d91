/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MIRROR_H
#define ENGINE_MIRROR_H

#include "engine/update.h"

struct mirror_options {
	struct update_options
		update; /* which, from where, telling; parsing to see that documents are whole */
	struct str dir;
	bool prune; /* remove what publishers have no more */
};

/* Keep the documents of updaters in a folder, as published and where `--mirror` looks for them, with all that
 * discovery asks for. Files are replaced at once or not at all, and only by documents that their parsers can
 * read. Counts and results are those of engine_update. pruned may be NULL. */
int engine_mirror(struct task *task, const struct mirror_options *options, const struct str *sets, size_t n,
		  struct update_totals *out, uint64_t *pruned, struct err *err);

#endif
