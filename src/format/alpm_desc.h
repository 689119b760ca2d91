/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_ALPM_DESC_H
#define FORMAT_ALPM_DESC_H

#include "base/str.h"

/* One block of a file of pacman's local database: "%KEY%" and the lines under it, up to an empty one. Both
 * borrow from the text; values keeps its line feeds. */
struct alpm_block {
	struct str key, values;
};

/* Take the next block off *rest. What stands outside of blocks, and lines longer than
 * LIMIT_CONTROL_LINE_BYTES, are passed over. Returns false at the end.
 * Source: alpm-db(5), "desc" and "files" of a package's entry. */
bool alpm_desc_next(struct str *rest, struct alpm_block *out);

/* The first line under the key, or empty. */
struct str alpm_desc_value(const struct alpm_block *block);

#endif
