/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Turns SIGINT, SIGTERM and SIGHUP into a flag. Shared by two threads: the atomic members only. Must stay
 * where it is while open. */
struct interrupt {
	atomic_bool canceled;
	atomic_bool takes_hangups; /* set by a service: SIGHUP is counted and does not cancel */
	atomic_uint hangups;
	int event_fd; /* becomes readable with each signal; -1 when there is none */
	atomic_bool is_closing; /* the thread is to end */
	bool is_on;
	pthread_t thread;
};

/* Block the signals in this thread and those it will start, and await them in a thread of their own. The
 * first one sets `canceled`, the second ends the process with status 130. SIGPIPE is ignored: writing to a
 * closed pipe is an error. */
void interrupt_open(struct interrupt *i);
void interrupt_close(struct interrupt *i);

#endif
