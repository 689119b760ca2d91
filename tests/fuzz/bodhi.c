/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of Fedora's updates: advisories have the promised form. */
#include "feed_check.h"

#include "feed/bodhi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct feed_source source = { .namespace = STR("fedora:40"),
						   .distribution = { .did = STR("fedora"),
								     .version_id = STR("40") } };
	autotask struct task task = { .arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES };
	struct feed_sink sink = feed_check;
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader, .source = &source, .sink = &sink };
	struct err err = { 0 };

	mem_reader_open(&in, (struct str){ (const char *)data, size });
	bodhi_parse(&task, &job, &err);
	return 0;
}
