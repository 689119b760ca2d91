/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's side of the conversation. One worker does one job and ends: nothing a layer does to it
 * outlives the layer. The order on the wire is HELLO, then AGAIN alone, or FINDINGS and OWNED pieces scanner
 * by scanner and DONE, or ERROR at any point instead. */
#include "worker/worker.h"

#include "base/frame.h"
#include "base/limits.h"
#include "base/time.h"
#include "model/scanner_id.h"
#include "worker/jobs.h"

int job_done(struct worker *w, uint64_t inflated, uint64_t entries, struct str diff_id, struct err *err)
{
	struct buffer b = { .arena = &w->task.arena };

	put_varint(&b, inflated);
	put_varint(&b, entries);
	put_string(&b, diff_id);
	return frame_write(w->out, FRAME_DONE, buffer_str(&b), err);
}

int job_drain(struct reader *r, struct err *err)
{
	char dropped[65536];
	ssize_t got;

	while ((got = reader_read(r, dropped, sizeof(dropped), err)) > 0)
		;
	return (int)got;
}

static int send_error(struct worker *w, const struct err *what, struct err *err)
{
	struct buffer b = { .arena = &w->task.arena };
	struct str text = str_printable(&w->task.arena, str_of(what->text));

	if (text.n >= sizeof(what->text)) /* escapes are longer than what they stand for */
		text.n = sizeof(what->text) - 1;
	while (!str_is_text(text))
		text.n--;
	put_varint(&b, (uint64_t)-what->code);
	put_string(&b, text);
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

static int (*const jobs[])(struct worker *, struct err *) = {
	[JOB_LAYER] = job_layer,
	[JOB_FEED] = job_feed,
	[JOB_ARCHIVE] = job_archive,
};

int worker_run(struct reader *in, struct writer *out, const struct worker_cage *cage, struct err *err)
{
	struct worker w = { .in = in, .out = out, .cage = cage };
	struct err wrong = { 0 };
	int result = hello(&w, err);

	if (result == 0)
		result = take_job(&w, err);
	if (result == 0 && jobs[w.job.kind](&w, &wrong) < 0)
		result = send_error(&w, &wrong, err);
	task_close(&w.task);
	return result;
}

void worker_refuse(struct writer *out, const struct worker_cage *cage, const struct err *why)
{
	struct worker w = { .out = out, .cage = cage };
	struct err err = { 0 };

	if (hello(&w, &err) == 0)
		(void)send_error(&w, why, &err);
	task_close(&w.task);
}
