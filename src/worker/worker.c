/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's side of the conversation. One worker does one job and ends: nothing a layer does to it
 * outlives the layer. The order on the wire is HELLO, then AGAIN alone, or FINDINGS and OWNED pieces scanner
 * by scanner and DONE, or ERROR at any point instead. */
#include "worker/worker.h"

#include "base/digest.h"
#include "base/frame.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "base/task.h"
#include "base/time.h"
#include "model/job.h"
#include "scan/scanner.h"
#include "worker/source.h"

struct worker {
	struct task task;
	struct reader *in;
	struct writer *out;
	const struct worker_cage *cage;
	struct job job;
};

void worker_warm_up(void)
{
	hasher_free(hasher_new(HASH_SHA256));
	hasher_free(hasher_new(HASH_MD5));
}

static int send_pieces(struct worker *w, enum frame_type type, int scanner, struct str bytes, struct err *err)
{
	do {
		struct arena_mark mark = arena_mark(&w->task.arena);
		struct buffer b = { .arena = &w->task.arena };
		size_t n = bytes.n < FRAME_PIECE_BYTES ? bytes.n : FRAME_PIECE_BYTES;

		put_varint(&b, (uint64_t)scanner);
		put_bytes(&b, str_sub(bytes, 0, n));
		TRY(frame_write(w->out, type, buffer_str(&b), err));
		arena_release(&w->task.arena, mark);
		bytes = str_sub(bytes, n, bytes.n - n);
	} while (bytes.n);
	return 0;
}

static int run_scanner(struct worker *w, int index, const struct layer_files *files, struct err *err)
{
	struct arena_mark mark = arena_mark(&w->task.arena);
	struct findings found = { .arena = &w->task.arena };
	struct buffer encoded = { .arena = &w->task.arena };

	if (scanners[index]->scan(&w->task, files, &found, err) < 0)
		return err_wrap(err, "scanner %s", scanners[index]->id->name);
	findings_encode(&found, &encoded);
	TRY(send_pieces(w, FRAME_FINDINGS, index, buffer_str(&encoded), err));
	if (found.owned.n) {
		encoded = (struct buffer){ .arena = &w->task.arena };
		findings_encode_owned(&found, &encoded);
		TRY(send_pieces(w, FRAME_OWNED, index, buffer_str(&encoded), err));
	}
	TRY(task_check(&w->task, err));
	arena_release(&w->task.arena, mark);
	return 0;
}

static int send_done(struct worker *w, uint64_t inflated, uint64_t entries, struct str diff_id,
		     struct err *err)
{
	struct buffer b = { .arena = &w->task.arena };

	put_varint(&b, inflated);
	put_varint(&b, entries);
	put_string(&b, diff_id);
	return frame_write(w->out, FRAME_DONE, buffer_str(&b), err);
}

static int send_again(struct worker *w, const struct str *names, size_t n, struct err *err)
{
	struct buffer b = { .arena = &w->task.arena };

	if (n > LIMIT_AGAIN_NAMES)
		return err_set(err, E_LIMIT, "%zu files are wanted through links, limit %u", n,
			       LIMIT_AGAIN_NAMES);
	names_encode(names, n, &b);
	if (b.n > LIMIT_FRAME_BYTES)
		return err_set(err, E_LIMIT, "names of files wanted through links: %zu bytes, limit %llu",
			       b.n, LIMIT_FRAME_BYTES);
	return frame_write(w->out, FRAME_AGAIN, buffer_str(&b), err);
}

static void close_files(struct layer_files **f)
{
	if (*f)
		layer_files_close(*f);
}

/* What the tar reader left: the padding after its end. Reading it completes every digest and checksum. */
static int drain(struct reader *r, struct err *err)
{
	char dropped[65536];
	ssize_t got;

	while ((got = reader_read(r, dropped, sizeof(dropped), err)) > 0)
		;
	return (int)got;
}

/* The layer as a tar stream: inflated, bounded, hashed. */
struct layer_stream {
	struct data_source data;
	struct inflate *inflate;
	struct limit_reader limit;
	struct digest_reader digest;
};

static int layer_stream_open(struct worker *w, struct layer_stream *s, struct err *err)
{
	data_source_open(&s->data, w->in);
	TRY(inflate_open(&s->data.reader, &s->inflate, err));
	limit_reader_open(&s->limit, inflate_reader(s->inflate), w->job.max_inflated_bytes,
			  "layer, inflated");
	if (w->job.want_diff_id)
		return digest_reader_open(&s->digest, &s->limit.reader, (struct str){ 0 }, UINT64_MAX, err);
	return 0;
}

static void layer_stream_close(struct layer_stream *s)
{
	if (s->digest.source)
		reader_close(&s->digest.reader);
	if (s->inflate)
		inflate_close(s->inflate);
}

static int scan_layer(struct worker *w, struct err *err)
{
	__attribute__((cleanup(layer_stream_close))) struct layer_stream s = { 0 };
	__attribute__((cleanup(close_files))) struct layer_files *files = NULL;
	const struct sieve_options options = {
		.max_entries = w->job.max_entries,
		.heads_only = w->job.is_heads_first,
		.also = w->job.also,
		.also_count = w->job.also_count,
		.is_second = w->job.is_second,
		.spool_fd = w->cage->spool_fd,
	};
	struct sieve_totals totals = { 0 };
	struct str *again = NULL;
	size_t again_count = 0;
	struct reader *tar;
	int result;

	TRY(layer_stream_open(w, &s, err));
	tar = w->job.want_diff_id ? &s.digest.reader : &s.limit.reader;
	result = sieve_layer(&w->task, tar, w->job.scanner_set, &options, &files, &again, &again_count,
			     &totals, err);
	if (result < 0)
		return result;
	TRY(drain(tar, err));
	if (result == SIEVE_AGAIN)
		return send_again(w, again, again_count, err);
	for (int i = 0; scanners[i]; i++)
		if (w->job.scanner_set >> i & 1)
			TRY(run_scanner(w, i, files, err));
	return send_done(w, s.limit.max - s.limit.left, totals.entries,
			 w->job.want_diff_id ? str_of(s.digest.actual) : (struct str){ 0 }, err);
}

static int send_member(struct worker *w, const struct tar_entry *entry, struct err *err)
{
	struct arena_mark mark = arena_mark(&w->task.arena);
	struct buffer b = { .arena = &w->task.arena };

	put_u8(&b, (uint8_t)entry->type);
	put_string(&b, entry->path);
	put_string(&b, entry->target);
	put_varint(&b, entry->data_offset);
	put_varint(&b, entry->size);
	TRY(frame_write(w->out, FRAME_MEMBER, buffer_str(&b), err));
	arena_release(&w->task.arena, mark);
	return 0;
}

static int list_archive(struct worker *w, struct err *err)
{
	struct file_source source;
	struct tar_entry entry;
	struct tar *tar;
	uint64_t entries = 0;
	int got;

	file_source_open(&source, w->in, w->out, w->job.archive_bytes);
	tar = tar_open(&w->task, &source.reader, LIMIT_ARCHIVE_MEMBERS);
	while ((got = tar_next(tar, &entry, err)) > 0) {
		if (entry.is_sparse)
			return err_set(err, E_UNSUPPORTED, "%.200s: sparse member in an image archive",
				       entry.path.p);
		TRY(send_member(w, &entry, err));
		TRY(task_check(&w->task, err));
		entries++;
	}
	if (got < 0)
		return got;
	return send_done(w, source.offset, entries, (struct str){ 0 }, err);
}

static int send_error(struct worker *w, const struct err *what, struct err *err)
{
	struct buffer b = { .arena = &w->task.arena };

	put_varint(&b, (uint64_t)-what->code);
	put_string(&b, str_printable(&w->task.arena, str_of(what->text)));
	return frame_write(w->out, FRAME_ERROR, buffer_str(&b), err);
}

static int hello(struct worker *w, struct err *err)
{
	struct buffer b = { .arena = &w->task.arena };

	put_varint(&b, FRAME_PROTOCOL);
	put_string(&b, STR(ENGINE_VERSION));
	put_varint(&b, w->cage->defences);
	return frame_write(w->out, FRAME_HELLO, buffer_str(&b), err);
}

static int take_job(struct worker *w, struct err *err)
{
	struct frame_header header;
	struct str payload;
	int got = frame_read(w->in, &w->task.arena, &header, &payload, err);

	if (got < 0)
		return got;
	if (got == 0 || header.type != FRAME_JOB)
		return err_set(err, E_FORMAT, "no job");
	TRY(job_decode(&w->task.arena, payload, &w->job, err));
	if (w->job.seconds)
		w->task.deadline_ns = time_monotonic_ns() + w->job.seconds * 1000000000ull;
	w->task.arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES;
	return 0;
}

int worker_run(struct reader *in, struct writer *out, const struct worker_cage *cage, struct err *err)
{
	struct worker w = { .in = in, .out = out, .cage = cage };
	struct err wrong = { 0 };
	int result = hello(&w, err);

	if (result == 0)
		result = take_job(&w, err);
	if (result == 0 && (w.job.kind == JOB_LAYER ? scan_layer(&w, &wrong) : list_archive(&w, &wrong)) < 0)
		result = send_error(&w, &wrong, err);
	task_close(&w.task);
	return result;
}
