/* SPDX-License-Identifier: Apache-2.0 */
/* updateinfo.xml: advisories have the promised form. */
#include "feed_check.h"

#include "feed/updateinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct str text, const struct feed_source *source)
{
	autotask struct task task = { .arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES };
	struct feed_sink sink = feed_check;
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader, .source = source, .sink = &sink };
	struct err err = { 0 };

	mem_reader_open(&in, text);
	updateinfo_parse(&task, &job, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct feed_source amazon = { .namespace = STR("amzn:2"),
						   .distribution = { .did = STR("amzn") } };
	static const struct feed_source bottlerocket = { .namespace = STR("bottlerocket:rolling"),
							 .distribution = { .did = STR("bottlerocket") } };
	struct str text = { (const char *)data, size };

	parse(text, &amazon);
	parse(text, &bottlerocket);
	return 0;
}
