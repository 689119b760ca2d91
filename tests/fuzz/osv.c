/* SPDX-License-Identifier: Apache-2.0 */
/* OSV records of distributions: advisories have the promised form. Input that is no zip archive is put into
 * one, as its only record. */
#include "feed_check.h"

#include "../unit/zip_make.h"
#include "feed/osv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct feed_source source = { .namespace = STR("almalinux:9"),
						   .distribution = { .did = STR("almalinux"),
								     .version_id = STR("9") } };
	autotask struct task task = { .arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES };
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size };
	struct buffer archive = { .arena = &a };
	struct feed_sink sink = feed_check;
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader, .source = &source, .sink = &sink };
	struct err err = { 0 };

	if (!str_starts(text, STR("PK"))) {
		zip_entry(&archive, STR("a.json"), text, 0);
		zip_end(&archive);
		text = buffer_str(&archive);
	}
	mem_reader_open(&in, text);
	osv_parse(&task, &job, &err);
	return 0;
}
