/* SPDX-License-Identifier: Apache-2.0 */
/* A name of a platform: what is accepted must be written as a formatted string that reads back as itself. */
#include "base/arena.h"
#include "model/cpe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct cpe cpe, again;
	struct str once;
	struct err err;

	if (cpe_parse(&a, (struct str){ (const char *)data, size }, &cpe, &err) < 0)
		return 0;
	once = cpe_format(&a, &cpe);
	if (!str_is_text(once))
		abort();
	if (once.n == 0)
		return 0;
	if (once.n <= 4096 && cpe_parse(&a, once, &again, &err) < 0)
		abort();
	if (once.n <= 4096 && !str_eq(cpe_format(&a, &again), once))
		abort();
	return 0;
}
