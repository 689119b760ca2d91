/* SPDX-License-Identifier: Apache-2.0 */
/* A Dockerfile: any text is one. */
#include "base/limits.h"
#include "format/dockerfile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct dockerfile d;
	struct str key;
	struct err err;
	void *value;
	size_t i = 0;

	if (dockerfile_read(&task, (struct str){ (const char *)data, size }, &d, &err) < 0)
		abort();
	while (map_next(&d.labels, &i, &key, &value))
		if (key.n == 0 || key.n > LIMIT_FIELD_BYTES || ((struct str *)value)->n > LIMIT_FIELD_BYTES)
			abort();
	return 0;
}
