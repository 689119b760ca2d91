/* SPDX-License-Identifier: Apache-2.0 */
/* The whole worker behind a byte stream: the input is a layer as stored, cut into frames. What it answers
 * must satisfy the parent. First byte: flags of the job. */
#include "base/frame.h"
#include "base/limits.h"
#include "sandbox/inbox.h"
#include "worker/worker.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void refused(const struct err *err)
{
	fprintf(stderr, "the parent refuses: %s\n", err->text);
	abort();
}

static void hear(struct task *t, const struct job *job, struct str answer)
{
	struct mem_reader in;
	struct inbox inbox;
	struct frame_header header;
	struct str payload;
	struct err err = { 0 };
	int got;

	mem_reader_open(&in, answer);
	inbox_open(&inbox, t, job);
	while ((got = frame_read(&in.reader, &t->arena, &header, &payload, &err)) > 0) {
		if (inbox_take(&inbox, header, payload, &err) < 0)
			refused(&err); /* a worker that is well never breaks the protocol */
		inbox.read_size = 0;
	}
	if (got < 0 || !inbox_ended(&inbox))
		refused(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str also[] = { { "etc/target", 10 }, { "usr/lib/os-release", 18 } };
	autotask struct task t = { 0 };
	uint8_t flags = size ? data[0] : 0;
	const struct job job = {
		.kind = JOB_LAYER,
		.scanner_set = 0x1f,
		.max_inflated_bytes = 8 * MIB,
		.max_entries = 20000,
		.want_diff_id = flags & 1,
		.is_heads_first = (flags & 6) == 2,
		.is_second = flags & 4,
		.also = also,
		.also_count = flags & 4 ? 2 : 0,
	};
	const struct worker_cage cage = { .spool_fd = -1 };
	struct buffer spoken = { .arena = &t.arena }, answer = { .arena = &t.arena },
		      order = { .arena = &t.arena };
	struct mem_writer to_worker, from_worker;
	struct mem_reader in;
	struct err err = { 0 };

	mem_writer_open(&to_worker, &spoken);
	mem_writer_open(&from_worker, &answer);
	job_encode(&job, &order);
	frame_write(&to_worker.writer, FRAME_JOB, buffer_str(&order), &err);
	for (size_t at = 1; at < size; at += 4096) {
		size_t n = size - at < 4096 ? size - at : 4096;

		frame_write(&to_worker.writer, FRAME_DATA, (struct str){ (const char *)data + at, n }, &err);
	}
	frame_write(&to_worker.writer, FRAME_END, (struct str){ 0 }, &err);
	mem_reader_open(&in, buffer_str(&spoken));
	if (worker_run(&in.reader, &from_worker.writer, &cage, &err) < 0)
		return 0;
	hear(&t, &job, buffer_str(&answer));
	return 0;
}
