/* SPDX-License-Identifier: Apache-2.0 */
/* The index of prebuilt databases, and ways through its changes: names must be safe behind a URL and a
 * folder, what is read must be written the same, and a chain must lead from the one content to the other. */
#include "engine/data_chain.h"

#include "base/arena.h"
#include "base/limits.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_chain(const struct data_index *index, struct str from)
{
	const struct data_entry *chain[DATA_CHAIN_MAX];
	unsigned n = data_chain(index, from, chain);
	uint64_t bytes = 0;

	assert(n <= DATA_CHAIN_MAX);
	for (unsigned i = 0; i < n; i++) {
		assert(str_eq(chain[i]->from, from));
		from = chain[i]->to;
		bytes += chain[i]->size_bytes;
	}
	assert(n == 0 || (str_eq(from, index->full.to) && bytes < index->full.size_bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct data_index index;
	struct err err = { 0 };

	if (size > LIMIT_DATA_INDEX_BYTES ||
	    data_index_parse(&a, (struct str){ (const char *)data, size }, &index, &err) < 0)
		return 0;
	VEC_EACH (const struct data_entry, e, &index.deltas)
		check_chain(&index, e->from);
	return 0;
}
