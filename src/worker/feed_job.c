/* SPDX-License-Identifier: Apache-2.0 */
/* A feed document: inflate, bound, parse; advisories or enrichments go out in batches while the document
 * still comes in. */
#include "base/frame.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "feed/feed.h"
#include "model/advisory_codec.h"
#include "model/enrichment_codec.h"
#include "worker/jobs.h"
#include "worker/source.h"

enum { BATCH_BYTES = 256 * 1024 };

/* A sink that fills batches. Each batch stands alone: its first advisory repeats nothing. */
struct batch_sink {
	struct feed_sink sink;
	struct worker *worker;
	struct arena arena;
	struct buffer bytes; /* the batch; its memory is used again */
	struct advisory_encoder encoder;
	uint64_t records;
	struct err error; /* of a message about a skipped record */
};

static void begin_batch(struct batch_sink *s)
{
	s->bytes.arena = &s->arena;
	s->bytes.n = 0;
	s->encoder = (struct advisory_encoder){ 0 };
}

static int send_batch(struct batch_sink *s, struct err *err)
{
	enum frame_type type = feed_format_enriches(s->worker->job.format) ? FRAME_ENRICHMENTS
									   : FRAME_ADVISORIES;

	if (s->bytes.n)
		TRY(frame_write(s->worker->out, type, buffer_str(&s->bytes), err));
	begin_batch(s);
	return 0;
}

static int put_advisory(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	struct batch_sink *s = (struct batch_sink *)sink;

	if (s->error.code) {
		*err = s->error;
		return err->code;
	}
	advisory_encode(&s->encoder, advisory, &s->bytes);
	s->records++;
	return s->bytes.n >= BATCH_BYTES ? send_batch(s, err) : 0;
}

static int put_enrichment(struct feed_sink *sink, const struct enrichment *enrichment, struct err *err)
{
	struct batch_sink *s = (struct batch_sink *)sink;

	if (s->error.code) {
		*err = s->error;
		return err->code;
	}
	enrichment_encode(enrichment, &s->bytes);
	s->records++;
	return s->bytes.n >= BATCH_BYTES ? send_batch(s, err) : 0;
}

static void tell_skipped(struct feed_sink *sink, struct str what)
{
	struct batch_sink *s = (struct batch_sink *)sink;
	autoarena struct arena scratch = { 0 };
	struct buffer b = { .arena = &scratch };

	put_string(&b, str_printable(&scratch, str_sub(what, 0, what.n < 500 ? what.n : 500)));
	if (!s->error.code)
		frame_write(s->worker->out, FRAME_SKIPPED, buffer_str(&b), &s->error);
}

static int put_replaced(struct feed_sink *sink, struct str name, struct err *err)
{
	struct batch_sink *s = (struct batch_sink *)sink;

	TRY(send_batch(s, err));
	put_string(&s->bytes, name);
	TRY(frame_write(s->worker->out, FRAME_REPLACED, buffer_str(&s->bytes), err));
	begin_batch(s);
	return 0;
}

static int parse(struct worker *w, struct reader *in, struct batch_sink *sink, struct err *err)
{
	const struct feed_source source = { .namespace = w->job.namespace,
					    .distribution = w->job.distribution };
	const struct feed_job job = {
		.in = in,
		.source = &source,
		.distributions = w->job.distributions,
		.distribution_count = w->job.distribution_count,
		.sink = &sink->sink,
	};

	if (!feed_parsers[w->job.format])
		return err_set(err, E_UNSUPPORTED, "no parser for this format in this program");
	TRY(feed_parsers[w->job.format](&w->task, &job, err));
	return send_batch(sink, err);
}

int job_feed(struct worker *w, struct err *err)
{
	struct batch_sink sink = { .sink = { put_advisory, tell_skipped, put_enrichment, put_replaced },
				   .worker = w };
	autoinflate struct inflate *inflated = NULL;
	struct limit_reader limit;
	struct data_source data;
	int result;

	data_source_open(&data, w->in);
	TRY(inflate_open(&data.reader, &inflated, err));
	limit_reader_open(&limit, inflate_reader(inflated), w->job.max_inflated_bytes, "feed, inflated");
	begin_batch(&sink);
	result = parse(w, &limit.reader, &sink, err);
	arena_reset(&sink.arena);
	TRY(result);
	TRY(job_drain(&limit.reader, err));
	return job_done(w, limit.max - limit.left, sink.records, (struct str){ 0 }, err);
}
