/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's VEX documents, and archives of them: advisories have the promised form, and no memory is left
 * behind. */
#include "feed_check.h"

#include "feed/csaf_vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { .arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES };
	const struct feed_source source = { 0 };
	struct feed_sink sink = feed_check;
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader, .source = &source, .sink = &sink };
	struct err err = { 0 };

	mem_reader_open(&in, (struct str){ (const char *)data, size });
	csaf_vex_parse(&task, &job, &err);
	if (task.arena.used_bytes)
		abort();
	return 0;
}
