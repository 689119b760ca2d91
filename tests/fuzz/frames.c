/* SPDX-License-Identifier: Apache-2.0 */
/* The parent hears a stream of frames from a worker that was taken over. First byte: the kind of job (high
 * digit) and flags (8: the format enriches). */
#include "base/frame.h"
#include "base/limits.h"
#include "sandbox/inbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task t = { .arena_budget_bytes = 64 * MIB };
	const struct job job = {
		.kind = size ? (enum job_kind)(data[0] >> 4) % 3 : JOB_LAYER,
		.scanner_set = 0x1f,
		.is_second = size && data[0] & 2,
		.format = size && data[0] & 8 ? FEED_NVD : FEED_SECDB,
		.archive_bytes = 1 << 20,
	};
	struct mem_reader in;
	struct inbox inbox;
	struct err err = { 0 };

	mem_reader_open(&in, (struct str){ (const char *)data + (size > 0), size - (size > 0) });
	inbox_open(&inbox, &t, &job);
	while (!inbox_ended(&inbox)) {
		struct frame_header header;
		struct str payload;

		if (frame_read(&in.reader, &t.arena, &header, &payload, &err) <= 0 ||
		    inbox_take(&inbox, header, payload, &err) < 0)
			break;
		inbox.read_size = 0;
	}
	return 0;
}
