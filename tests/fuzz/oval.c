/* SPDX-License-Identifier: Apache-2.0 */
/* OVAL, as each kind of publisher writes it: advisories have the promised form, and no more of them than the
 * limit says. */
#include "feed_check.h"

#include "feed/oval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct str text, const struct feed_source *source)
{
	static const struct distribution releases[] = {
		{ .did = STR("ol"), .version_id = STR("8"), .version_code_name = STR("Oracle Linux 8") },
		{ .did = STR("ol"), .version_id = STR("9"), .version_code_name = STR("Oracle Linux 9") },
	};
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
	oval_parse(&task, &job, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const dids[] = { "ubuntu", "sles", "mariner", NULL };
	struct str text = { (const char *)data, size };

	for (size_t i = 0; i < sizeof(dids) / sizeof(dids[0]); i++) {
		const struct feed_source source = { .namespace = dids[i] ? STR("x:1") : STR(""),
						    .distribution = { .did = str_of(dids[i]) } };

		parse(text, &source);
	}
	return 0;
}
