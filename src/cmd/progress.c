/* SPDX-License-Identifier: Apache-2.0 */
/* The progress line. A thread paints it, because the work reports only between its steps and a long step must
 * show too. What a reader would get wrong: the cursor is left at the start of the line, so that a log line
 * written meanwhile overwrites it. */
#include "cmd/progress.h"

#include "base/time.h"
#include "cmd/size.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 250, QUIET_TICKS = 4 };

/* ", 12.3 MiB, 4.1 MiB/s": since the beginning. */
static void tell_bytes(const struct progress *p, char *out, size_t size)
{
	double seconds = (double)(time_monotonic_ns() - p->began_ns) / 1e9;
	char all[32], each[32];

	snprintf(out, size, ", %s, %s/s", size_text(p->bytes, all),
		 size_text((uint64_t)((double)p->bytes / (seconds > 0 ? seconds : 1)), each));
}

static void paint(struct progress *p)
{
	static const char marks[] = { '|', '/', '-', '\\' };
	char numbers[64] = "", bytes[96] = "", text[256];
	int n;

	if (p->count)
		snprintf(numbers, sizeof(numbers), ": %zu of %zu", p->done, p->count);
	else if (p->done)
		snprintf(numbers, sizeof(numbers), ": %zu done", p->done);
	if (p->bytes)
		tell_bytes(p, bytes, sizeof(bytes));
	n = snprintf(text, sizeof(text), "\r\x1b[K%c %s%s%s\r", marks[p->ticks % 4], p->what, numbers, bytes);
	p->is_painted = n > 0 && write(STDERR_FILENO, text, (size_t)n) == n;
}

static void erase(struct progress *p)
{
	if (p->is_painted)
		p->is_painted = write(STDERR_FILENO, "\r\x1b[K", 4) < 0;
}

static struct timespec next_tick(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += TICK_MS * 1000000L;
	at.tv_sec += at.tv_nsec / 1000000000L;
	at.tv_nsec %= 1000000000L;
	return at;
}

static void *paint_until_end(void *ctx)
{
	struct progress *p = ctx;

	pthread_mutex_lock(&p->lock);
	while (!p->ends) {
		struct timespec at = next_tick();

		while (!p->ends && pthread_cond_timedwait(&p->wake, &p->lock, &at) != ETIMEDOUT)
			;
		if (!p->ends && ++p->ticks >= QUIET_TICKS)
			paint(p);
	}
	erase(p);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void progress_open(struct progress *p, bool wanted, const char *what)
{
	pthread_condattr_t monotonic;

	*p = (struct progress){ .what = what, .began_ns = time_monotonic_ns() };
	if (!wanted || !isatty(STDERR_FILENO))
		return;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	p->is_on = pthread_create(&p->thread, NULL, paint_until_end, p) == 0;
}

void progress_say(struct progress *p, const char *what)
{
	if (!p->is_on)
		return;
	pthread_mutex_lock(&p->lock);
	p->what = what;
	p->done = p->count = 0;
	pthread_mutex_unlock(&p->lock);
}

void progress_set(struct progress *p, size_t done, size_t count)
{
	if (!p->is_on)
		return;
	pthread_mutex_lock(&p->lock);
	p->done = done;
	p->count = count;
	pthread_mutex_unlock(&p->lock);
}

void progress_bytes(struct progress *p, uint64_t n)
{
	if (!p->is_on)
		return;
	pthread_mutex_lock(&p->lock);
	p->bytes += n;
	pthread_mutex_unlock(&p->lock);
}

void progress_erase(struct progress *p)
{
	if (!p->is_on)
		return;
	pthread_mutex_lock(&p->lock);
	erase(p);
	pthread_mutex_unlock(&p->lock);
}

void progress_close(struct progress *p)
{
	if (!p->is_on)
		return;
	pthread_mutex_lock(&p->lock);
	p->ends = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->is_on = false;
}

void progress_layer(void *ctx, size_t layer, size_t count, bool done)
{
	struct progress *p = ctx;

	(void)layer;
	if (!p->is_on)
		return;
	pthread_mutex_lock(&p->lock);
	p->count = count;
	p->done += done;
	pthread_mutex_unlock(&p->lock);
}
