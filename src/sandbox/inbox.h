/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SANDBOX_INBOX_H
#define SANDBOX_INBOX_H

#include "base/frame.h"
#include "base/task.h"
#include "model/job.h"
#include "sandbox/sandbox.h"

enum inbox_state {
	INBOX_HELLO, /* nothing came yet */
	INBOX_OPEN, /* greeted; results may come */
	INBOX_AGAIN, /* ended: the worker wants a second pass with `again` */
	INBOX_DONE, /* ended well */
	INBOX_ERROR, /* ended: `error` is what the worker says */
};

/* What a worker has said so far, checked as if an attacker had written it: frame types, their order, scanner
 * indexes (ascending, of the job's set), totals, and every finding. Zero-initialised with task and job set.
 */
struct inbox {
	struct task *task;
	const struct job *job;
	unsigned required; /* defences that the greeting must claim */
	enum inbox_state state;
	int scanner; /* of the piece being collected; -1 before the first */
	bool in_owned;
	struct buffer findings, owned;
	uint64_t findings_bytes; /* of all scanners, owned files too */
	struct sandbox_result result;
	sandbox_members members;
	uint64_t read_offset; /* FRAME_READ: what is asked for */
	size_t read_size; /* 0: nothing is asked for */
	struct str *again;
	size_t again_count;
	bool has_all; /* the source was read to its end, and was what it should be */
	struct feed_sink *sink; /* JOB_FEED: where records go; NULL: they are only checked */
	struct err error;
};

void inbox_open(struct inbox *in, struct task *task, const struct job *job);
/* Take one frame; payload is borrowed for the call. Returns 0, or E_FORMAT or E_LIMIT when the worker breaks
 * the protocol. */
int inbox_take(struct inbox *in, struct frame_header header, struct str payload, struct err *err);
bool inbox_ended(const struct inbox *in);

#endif
