/* SPDX-License-Identifier: Apache-2.0 */
/* The index of prebuilt databases: names that are let through are plain, and what was written reads the same.
 */
#include "engine/data_index.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(struct str name)
{
	if (!name.n || name.p[0] == '.' || str_find(name, '/') < name.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct data_index index, again;
	struct err err = { 0 };

	if (data_index_parse(&a, (struct str){ (const char *)data, size }, &index, &err) < 0)
		return 0;
	check_name(index.full.name);
	VEC_EACH (const struct data_entry, e, &index.deltas)
		check_name(e->name);
	if (data_index_parse(&a, data_index_text(&a, &index), &again, &err) < 0 ||
	    again.deltas.n != index.deltas.n || !str_eq(again.full.digest, index.full.digest))
		abort();
	return 0;
}
