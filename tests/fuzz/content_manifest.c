/* SPDX-License-Identifier: Apache-2.0 */
/* A content manifest. */
#include "base/limits.h"
#include "format/content_manifest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct content_manifest m;
	struct err err;

	if (content_manifest_parse(&task, (struct str){ (const char *)data, size }, &m, &err) < 0)
		return 0;
	if (m.content_sets.n > LIMIT_CONTENT_SETS || (m.content_sets.n && !m.has_content_sets))
		abort();
	VEC_EACH (const struct str, id, &m.content_sets)
		if (!content_manifest_is_repoid(*id))
			abort();
	return 0;
}
