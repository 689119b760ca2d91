/* SPDX-License-Identifier: Apache-2.0 */
/* The Debian tracker: advisories have the promised form, and no memory is left behind but for the namespaces.
 */
#include "feed_check.h"

#include "feed/debian_tracker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct distribution releases[] = {
		{ .version_id = STR("12"), .version_code_name = STR("bookworm") },
		{ .version_id = STR("13"), .version_code_name = STR("trixie") },
	};
	autotask struct task task = { 0 };
	const struct feed_source source = { 0 };
	struct feed_sink sink = feed_check;
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader,
				.source = &source,
				.distributions = releases,
				.distribution_count = 2,
				.sink = &sink };
	struct err err = { 0 };

	mem_reader_open(&in, (struct str){ (const char *)data, size });
	debian_tracker_parse(&task, &job, &err);
	if (task.arena.used_bytes > 1000)
		abort();
	return 0;
}
