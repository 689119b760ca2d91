/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DATA_CHAIN_H
#define ENGINE_DATA_CHAIN_H

#include "engine/data_index.h"

enum { DATA_CHAIN_MAX = 20 };

/* The changes of an index that lead from a content to that of the whole database with the fewest bytes, at
 * most DATA_CHAIN_MAX of them; their number, 0: there are none, or the whole database is no larger. */
unsigned data_chain(const struct data_index *index, struct str from,
		    const struct data_entry *out[DATA_CHAIN_MAX]);

#endif
