/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of any text. */
#include "base/arena.h"
#include "format/sqlite_schema.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct sqlite_columns columns;

	sqlite_schema_columns(&a, (struct str){ (const char *)data, size }, &columns);
	if (columns.rowid >= (int)columns.count)
		abort();
	for (size_t i = 0; i < columns.count; i++)
		if (columns.names[i].n > size)
			abort();
	return 0;
}
