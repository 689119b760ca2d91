/* SPDX-License-Identifier: Apache-2.0 */
/* OSV records of distributions: advisories have the promised form. Input that is no zip archive is read as a
 * page or as records of Rocky Linux, and also put into an archive of AlmaLinux, as its only record. */
#include "feed_check.h"

#include "../unit/zip_make.h"
#include "feed/osv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct str text, const struct feed_source *source)
{
	static const struct distribution releases[] = { { .did = STR("rocky"), .version_id = STR("8") },
							{ .did = STR("rocky"), .version_id = STR("9") } };
	autotask struct task task = { .arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES };
	struct feed_sink sink = feed_check;
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader,
				.source = source,
				.distributions = releases,
				.distribution_count = 2,
				.sink = &sink };
	struct err err = { 0 };

	mem_reader_open(&in, text);
	osv_parse(&task, &job, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct feed_source alma = { .namespace = STR("almalinux:9"),
						 .distribution = { .did = STR("almalinux"),
								   .version_id = STR("9") } };
	static const struct feed_source rocky = { .url = STR("https://osv.example/") };
	autoarena struct arena a = { 0 };
	struct buffer archive = { .arena = &a };
	struct str text = { (const char *)data, size };

	parse(text, &rocky);
	if (!str_starts(text, STR("PK"))) {
		zip_entry(&archive, STR("a.json"), text, 0);
		zip_end(&archive);
		text = buffer_str(&archive);
	}
	parse(text, &alma);
	return 0;
}
