/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's side of the conversation: stream a layer into a worker, listen to its answer. A layer is
 * streamed once; a second time, into a second worker, when the first one asks for files that links point to.
 */
#include "sandbox/sandbox.h"

#include "base/program.h"

#include "base/limits.h"
#include "base/time.h"
#include "model/job.h"
#include "sandbox/process.h"

#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

static void close_reader(struct reader **r)
{
	if (*r)
		reader_close(*r);
}

/* Send the whole source. It is read to its end even when the worker ends the conversation early, dies or
 * talks nonsense: only then is it known whether these were the right bytes at all. Returns 1; 0 when the
 * worker had something to say first. */
static int stream(struct process *p, struct inbox *in, struct reader *source, uint64_t max, struct err *err)
{
	char *chunk = arena_alloc_raw(&p->task->arena, CHUNK);
	struct err trouble = { 0 };
	ssize_t got;
	int sent = 1;

	while ((got = reader_read(source, chunk, CHUNK, err)) > 0) {
		if (sent > 0)
			sent = process_send_frame(p, in, FRAME_DATA, (struct str){ chunk, (size_t)got },
						  &trouble);
		if (sent < 0 && sent != E_FORMAT && sent != E_LIMIT)
			break;
		in->result.stored_bytes += (uint64_t)got;
		if (in->result.stored_bytes > max)
			return err_set(err, E_LIMIT, "more than %llu bytes as stored",
				       (unsigned long long)max);
		TRY(task_check(p->task, err));
	}
	if (got < 0)
		return (int)got;
	in->has_all = got == 0;
	if (sent < 0)
		*err = trouble;
	return sent > 0 ? process_send_frame(p, in, FRAME_END, (struct str){ 0 }, err) : sent;
}

static int send_job(struct process *p, struct inbox *in, struct err *err)
{
	struct buffer b = { .arena = &p->task->arena };

	job_encode(in->job, &b);
	return process_send_frame(p, in, FRAME_JOB, buffer_str(&b), err);
}

/* Send the job and its bytes, then hear the worker out. When the worker gives up, its reason is the error. */
static int converse(struct process *p, struct inbox *in, struct reader *source, uint64_t max_stored,
		    struct err *err)
{
	int sent;

	while (in->required && in->state == INBOX_HELLO)
		TRY(process_listen(p, in, err));
	sent = send_job(p, in, err);
	TRY(sent);
	if (source)
		TRY(stream(p, in, source, max_stored, err));
	while (!inbox_ended(in))
		TRY(process_listen(p, in, err));
	if (in->state != INBOX_ERROR)
		return 0;
	*err = in->error;
	return in->error.code;
}

static int start(struct process *p, struct task *task, const struct sandbox *sandbox, const struct job *job,
		 struct inbox *in, struct err *err)
{
	inbox_open(in, task, job);
	TRY(process_start(p, task, sandbox->worker_path, err));
	in->required = sandbox->required;
	return 0;
}

/* One worker, one pass over a layer. */
static int pass(struct task *task, const struct sandbox *sandbox, struct sandbox_source *source,
		const struct job *job, struct inbox *in, struct err *err)
{
	__attribute__((cleanup(close_reader))) struct reader *reader = NULL;
	autoprocess struct process p = { .fd = -1, .pid = -1 };
	int result;

	TRY(source->open(source, job->also, job->also_count, job->is_second, &reader, err));
	TRY(start(&p, task, sandbox, job, in, err));
	result = converse(&p, in, reader, LIMIT_LAYER_STORED_BYTES, err);
	source->is_verified = in->has_all;
	source->worker_died = p.has_died;
	return result;
}

static void limit_deadline(struct task *task, unsigned seconds)
{
	uint64_t end = time_monotonic_ns() + seconds * 1000000000ull;

	if (!task->deadline_ns || end < task->deadline_ns)
		task->deadline_ns = end;
}

int sandbox_scan_layer(struct task *task, const struct sandbox *sandbox, struct sandbox_source *source,
		       const struct sandbox_job *what, struct sandbox_result *out, struct err *err)
{
	const struct job first = {
		.kind = JOB_LAYER,
		.scanner_set = what->scanner_set,
		.max_inflated_bytes = what->max_inflated_bytes ? what->max_inflated_bytes
							       : LIMIT_LAYER_INFLATED_BYTES,
		.max_entries = what->max_entries ? what->max_entries : LIMIT_LAYER_ENTRIES,
		.seconds = what->seconds ? what->seconds : LIMIT_LAYER_SECONDS,
		.want_diff_id = what->want_diff_id,
		.is_heads_first = source->is_heads_first,
	};
	struct job second = first;
	struct inbox in;

	limit_deadline(task, first.seconds);
	TRY(pass(task, sandbox, source, &first, &in, err));
	if (in.state == INBOX_AGAIN) {
		second.is_heads_first = false;
		second.is_second = true;
		second.also = in.again;
		second.also_count = in.again_count;
		TRY(pass(task, sandbox, source, &second, &in, err));
	}
	*out = in.result;
	return 0;
}

/* Answer a worker's request for a piece of the archive. */
static int send_piece(struct process *p, struct inbox *in, int fd, char *chunk, struct err *err)
{
	struct fd_reader r;
	ssize_t got;
	int sent;

	fd_reader_open(&r, fd, (int64_t)in->read_offset, in->job->archive_bytes - in->read_offset);
	got = reader_read(&r.reader, chunk, in->read_size, err);
	if (got < 0)
		return (int)got;
	in->read_size = 0;
	sent = process_send_frame(p, in, FRAME_PIECE, (struct str){ chunk, (size_t)got }, err);
	return sent < 0 ? sent : 0;
}

static int list_archive(struct task *task, const struct sandbox *sandbox, int fd, uint64_t size,
			sandbox_members *out, struct err *err)
{
	const struct job job = { .kind = JOB_ARCHIVE, .archive_bytes = size, .seconds = LIMIT_LAYER_SECONDS };
	autoprocess struct process p = { .fd = -1, .pid = -1 };
	char *chunk = arena_alloc_raw(&task->arena, FRAME_PIECE_BYTES);
	struct inbox in;

	TRY(start(&p, task, sandbox, &job, &in, err));
	TRY(send_job(&p, &in, err));
	while (!inbox_ended(&in)) {
		TRY(process_listen(&p, &in, err));
		if (in.read_size)
			TRY(send_piece(&p, &in, fd, chunk, err));
	}
	if (in.state == INBOX_ERROR) {
		*err = in.error;
		return in.error.code;
	}
	*out = in.members;
	return 0;
}

/* The deadline is this worker's, not that of the task's other work. */
int sandbox_list_archive(struct task *task, const struct sandbox *sandbox, int fd, uint64_t size,
			 sandbox_members *out, struct err *err)
{
	uint64_t deadline_ns = task->deadline_ns;
	int result;

	limit_deadline(task, LIMIT_LAYER_SECONDS);
	result = list_archive(task, sandbox, fd, size, out, err);
	task->deadline_ns = deadline_ns;
	return result;
}

static int parse_feed(struct task *task, const struct sandbox *sandbox, struct reader *document,
		      const struct sandbox_feed *feed, struct feed_sink *sink, struct err *err)
{
	const struct job job = {
		.kind = JOB_FEED,
		.format = feed->format,
		.namespace = feed->source->namespace,
		.distribution = feed->source->distribution,
		.distributions = feed->distributions,
		.distribution_count = feed->distribution_count,
		.max_inflated_bytes = LIMIT_FEED_INFLATED_BYTES,
		.seconds = LIMIT_FEED_SECONDS,
	};
	autoprocess struct process p = { .fd = -1, .pid = -1 };
	struct inbox in;

	TRY(start(&p, task, sandbox, &job, &in, err));
	in.sink = sink;
	return converse(&p, &in, document, LIMIT_FEED_STORED_BYTES, err);
}

int sandbox_parse_feed(struct task *task, const struct sandbox *sandbox, struct reader *document,
		       const struct sandbox_feed *feed, struct feed_sink *sink, struct err *err)
{
	uint64_t deadline_ns = task->deadline_ns;
	int result;

	limit_deadline(task, LIMIT_FEED_SECONDS);
	result = parse_feed(task, sandbox, document, feed, sink, err);
	task->deadline_ns = deadline_ns;
	return result;
}

int sandbox_probe(struct task *task, const struct sandbox *sandbox, unsigned *defences, struct err *err)
{
	const struct job nothing = { .kind = JOB_LAYER };
	autoprocess struct process p = { .fd = -1, .pid = -1 };
	struct inbox in;

	TRY(start(&p, task, sandbox, &nothing, &in, err));
	while (in.state == INBOX_HELLO)
		TRY(process_listen(&p, &in, err));
	*defences = in.result.defences;
	return 0;
}

int sandbox_find_worker(struct arena *a, const char **out, struct err *err)
{
	return program_find(a, "clair-worker", out, err);
}
