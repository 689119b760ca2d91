/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DELETIONS_H
#define ENGINE_DELETIONS_H

#include "base/map.h"

/* What the whiteouts of one layer delete from the layers below it (indexer.md 1.4). */
struct deletions {
	struct map roots; /* path -> which of the two kinds, or both */
};

void deletions_open(struct deletions *d, struct arena *a);
/* whiteout: full path of a ".wh." entry; borrowed. */
void deletions_add(struct deletions *d, struct str whiteout);
/* Is a file of a lower layer at path gone? An opaque directory deletes what is below it, not itself; in the
 * root it deletes everything. */
bool deletions_cover(const struct deletions *d, struct str path);

#endif
