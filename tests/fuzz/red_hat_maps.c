/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's maps, as either: enrichments have the promised form, and no memory is left behind. */
#include "feed_check.h"

#include "feed/red_hat_maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	feed_parser *const parsers[] = { red_hat_maps_cpes, red_hat_maps_names };

	for (size_t i = 0; i < 2; i++) {
		autotask struct task task = { 0 };
		const struct feed_source source = { 0 };
		struct feed_sink sink = feed_check;
		struct mem_reader in;
		struct feed_job job = { .in = &in.reader, .source = &source, .sink = &sink };
		struct err err = { 0 };

		mem_reader_open(&in, (struct str){ (const char *)data, size });
		parsers[i](&task, &job, &err);
		if (task.arena.used_bytes)
			abort();
	}
	return 0;
}
