/* SPDX-License-Identifier: Apache-2.0 */
/* The whole worker behind a byte stream. First byte: the kind of job (high digit: 0 a layer, 1 a secdb
 * document, 2 a tracker document, 3 an archive; 9 NVD's, 10 EPSS', 13 KEV's document) and its flags; the rest
 * is the layer, document or archive, cut into frames. What the worker answers must satisfy the parent. */
#include "base/frame.h"
#include "base/limits.h"
#include "sandbox/inbox.h"
#include "worker/worker.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The parent's end: frames that wait for the worker, and answers to its requests for pieces of an archive. */
struct parent {
	struct reader reader;
	struct mem_reader spoken;
	struct buffer *answer;
	size_t heard; /* of the answer */
	struct str archive;
	struct arena *arena;
};

static void refused(const struct err *err)
{
	fprintf(stderr, "the parent refuses: %s\n", err->text);
	abort();
}

static void give_piece(struct parent *p, struct str request)
{
	struct cursor c = cursor_of(request);
	uint64_t offset = get_varint(&c), n = get_varint(&c);
	struct buffer b = { .arena = p->arena };
	struct mem_writer w;
	struct err err = { 0 };

	if (offset > p->archive.n)
		abort();
	if (n > p->archive.n - offset)
		n = p->archive.n - offset;
	mem_writer_open(&w, &b);
	frame_write(&w.writer, FRAME_PIECE, str_sub(p->archive, (size_t)offset, (size_t)n), &err);
	mem_reader_open(&p->spoken, buffer_str(&b));
}

/* Go through what the worker said since the last time. */
static void hear_requests(struct parent *p)
{
	while (p->answer->n - p->heard >= FRAME_HEADER_BYTES) {
		struct frame_header h = frame_header_decode(p->answer->p + p->heard);
		size_t at = p->heard + FRAME_HEADER_BYTES;

		p->heard = at + h.size;
		if (h.type == FRAME_READ)
			give_piece(p, (struct str){ (char *)p->answer->p + at, h.size });
	}
}

static ssize_t parent_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct parent *p = (struct parent *)r;

	if (p->spoken.rest.n == 0)
		hear_requests(p);
	return reader_read(&p->spoken.reader, buf, n, err);
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

static void speak(struct writer *to, const struct job *job, struct str bytes, struct arena *a)
{
	struct buffer order = { .arena = a };
	struct err err = { 0 };

	job_encode(job, &order);
	frame_write(to, FRAME_JOB, buffer_str(&order), &err);
	if (job->kind == JOB_ARCHIVE)
		return;
	for (size_t at = 0; at < bytes.n; at += 4096)
		frame_write(to, FRAME_DATA, str_sub(bytes, at, bytes.n - at < 4096 ? bytes.n - at : 4096),
			    &err);
	frame_write(to, FRAME_END, (struct str){ 0 }, &err);
}

static enum feed_format format_of(unsigned digit)
{
	switch (digit) {
	case 2: return FEED_DEBIAN_TRACKER;
	case 9: return FEED_NVD;
	case 10: return FEED_EPSS;
	case 13: return FEED_KEV;
	default: return FEED_SECDB;
	}
}

static struct job job_of(uint8_t flags, size_t size)
{
	static const enum job_kind kinds[] = { JOB_LAYER, JOB_FEED, JOB_FEED, JOB_ARCHIVE };
	static const struct str also[] = { { "etc/target", 10 }, { "usr/lib/os-release", 18 } };
	static const struct distribution releases[] = {
		{ .did = { "debian", 6 }, .version_id = { "7", 1 }, .version_code_name = { "wheezy", 6 } },
	};

	return (struct job){
		.kind = kinds[flags >> 4 & 3],
		.scanner_set = 0x1f,
		.max_inflated_bytes = 8 * MIB,
		.max_entries = 20000,
		.want_diff_id = flags & 1,
		.is_heads_first = (flags & 6) == 2,
		.is_second = flags & 4,
		.also = also,
		.also_count = flags & 4 ? 2 : 0,
		.format = format_of(flags >> 4),
		.namespace = { "alpine:3.18", 11 },
		.distributions = releases,
		.distribution_count = 1,
		.archive_bytes = size,
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task t = { 0 };
	struct str bytes = { (const char *)data + (size > 0), size - (size > 0) };
	const struct job job = job_of(size ? data[0] : 0, bytes.n);
	const struct worker_cage cage = { .spool_fd = -1 };
	struct buffer spoken = { .arena = &t.arena }, answer = { .arena = &t.arena };
	struct parent parent = { .reader = { .read = parent_read }, .answer = &answer, .arena = &t.arena };
	struct mem_writer to_worker, from_worker;
	struct err err = { 0 };

	mem_writer_open(&to_worker, &spoken);
	mem_writer_open(&from_worker, &answer);
	speak(&to_worker.writer, &job, bytes, &t.arena);
	mem_reader_open(&parent.spoken, buffer_str(&spoken));
	parent.archive = bytes;
	if (worker_run(&parent.reader, &from_worker.writer, &cage, &err) == 0)
		hear(&t, &job, buffer_str(&answer));
	return 0;
}
