/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SANDBOX_PROCESS_H
#define SANDBOX_PROCESS_H

#include "base/frame.h"
#include "base/task.h"
#include "sandbox/inbox.h"

#include <sys/types.h>

/* The worker finds its socket at 0 and an unlinked file for large contents here. */
#define WORKER_SPOOL_FD 3

/* A running worker and the socket to it. */
struct process {
	struct task *task;
	pid_t pid;
	int fd;
	unsigned char *heard; /* bytes received and not yet taken: at most one frame and what came with it */
	size_t heard_at, heard_n, heard_cap; /* bytes before heard_at were taken */
	bool has_died; /* the worker went away without ending the conversation */
};

int process_start(struct process *p, struct task *task, const char *worker_path, struct err *err);
/* Kill what still runs, reap it, close. */
void process_close(struct process *p);
#define autoprocess __attribute__((cleanup(process_close)))

/* Send all of it, hearing meanwhile what the worker says. Returns 1 when sent; 0 when the worker ended the
 * conversation or went away first: listen then. Errors: E_TIMEOUT, E_CANCELED, E_IO, and what the inbox
 * refuses. */
int process_send(struct process *p, struct inbox *in, const void *bytes, size_t n, struct err *err);
int process_send_frame(struct process *p, struct inbox *in, enum frame_type type, struct str payload,
		       struct err *err);

/* Wait for one frame and give it to the inbox. Returns 1, or an error; a worker that went away without
 * ending the conversation is E_FORMAT saying how it died. */
int process_listen(struct process *p, struct inbox *in, struct err *err);

#endif
