/* SPDX-License-Identifier: Apache-2.0 */
/* A layer: inflate, bound, hash when asked, sieve, then run the scanners over what was kept. */
#include "base/digest.h"
#include "base/frame.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "scan/scanner.h"
#include "worker/jobs.h"
#include "worker/source.h"

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

int job_layer(struct worker *w, struct err *err)
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
	TRY(job_drain(tar, err));
	if (result == SIEVE_AGAIN)
		return send_again(w, again, again_count, err);
	for (int i = 0; scanners[i]; i++)
		if (w->job.scanner_set >> i & 1)
			TRY(run_scanner(w, i, files, err));
	return job_done(w, s.limit.max - s.limit.left, totals.entries,
			w->job.want_diff_id ? str_of(s.digest.actual) : (struct str){ 0 }, err);
}
