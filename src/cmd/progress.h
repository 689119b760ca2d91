/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line on a terminal's standard error for work that takes more than a second. Shared by threads: everything
 * is under the lock. Must stay where it is while open. */
struct progress {
	bool is_on, ends, is_painted;
	const char *what;
	size_t done, count;
	uint64_t bytes, began_ns;
	unsigned long ticks;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
};

/* wanted false, or standard error is no terminal: nothing will be shown. what: "scanning layers"; borrowed.
 */
void progress_open(struct progress *p, bool wanted, const char *what);
/* Say what is being done now. */
void progress_say(struct progress *p, const char *what);
/* done of count; count 0: not known. */
void progress_set(struct progress *p, size_t done, size_t count);
/* So many bytes more came in. */
void progress_bytes(struct progress *p, uint64_t n);
/* Erase the line, so that something else may be printed; it comes back by itself. */
void progress_erase(struct progress *p);
/* Erase and end. */
void progress_close(struct progress *p);
#define autoprogress __attribute__((cleanup(progress_close)))

/* The shape that engine_index wants. ctx: struct progress. */
void progress_layer(void *ctx, size_t layer, size_t count, bool done);

#endif
