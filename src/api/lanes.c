/* SPDX-License-Identifier: Apache-2.0 */
/* Threads for what takes long, so that the server's pool stays free for what does not. What a reader would
 * get wrong: threads are detached, so the end of one is its last step under the lock, after which only the
 * count knows of it; and a permit is held until the work is done, also when the answer left before. */
#include "api/lanes.h"

#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>

/* TLS, SQL and a 64 KiB buffer here and there; only what is touched costs memory. */
enum { STACK_BYTES = 1024 * 1024 };

struct lanes {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int permits[LANES];
	int running[LANES];
	unsigned threads;
	struct lanes_digest *digests;
	atomic_bool stopping;
};

struct lane_work {
	struct lanes *lanes;
	unsigned lane;
	void (*work)(void *ctx);
	void *ctx;
};

struct lanes *lanes_new(const int permits[LANES])
{
	struct lanes *l = calloc(1, sizeof(*l));

	if (!l)
		abort(); /* out of memory */
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->ended, NULL);
	for (size_t i = 0; i < LANES; i++)
		l->permits[i] = permits[i] < 0 || permits[i] > (int)LIMIT_INDEX_THREADS
					? (int)LIMIT_INDEX_THREADS
					: permits[i];
	return l;
}

void lanes_free(struct lanes *l, bool cancel)
{
	if (!l)
		return;
	if (cancel)
		atomic_store(&l->stopping, true);
	pthread_mutex_lock(&l->lock);
	while (l->threads)
		pthread_cond_wait(&l->ended, &l->lock);
	pthread_mutex_unlock(&l->lock);
	pthread_cond_destroy(&l->ended);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

const atomic_bool *lanes_stopping(const struct lanes *l)
{
	return &l->stopping;
}

static bool take_permit(struct lanes *l, unsigned lane)
{
	bool is_free;

	pthread_mutex_lock(&l->lock);
	is_free = l->running[lane] < l->permits[lane];
	l->running[lane] += is_free;
	l->threads += is_free;
	pthread_mutex_unlock(&l->lock);
	return is_free;
}

static void give_permit(struct lanes *l, unsigned lane)
{
	pthread_mutex_lock(&l->lock);
	l->running[lane]--;
	l->threads--;
	pthread_cond_broadcast(&l->ended);
	pthread_mutex_unlock(&l->lock);
}

static void *run(void *ctx)
{
	struct lane_work w = *(struct lane_work *)ctx;

	free(ctx);
	w.work(w.ctx);
	give_permit(w.lanes, w.lane);
	return NULL;
}

static int start_thread(struct lane_work *w)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int code = pthread_attr_init(&attributes);

	if (code)
		return code;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	code = pthread_create(&thread, &attributes, run, w);
	pthread_attr_destroy(&attributes);
	return code;
}

int lanes_run(struct lanes *l, unsigned lane, void (*work)(void *ctx), void *ctx, struct err *err)
{
	struct lane_work *w;

	if (!take_permit(l, lane))
		return 0;
	w = malloc(sizeof(*w));
	if (!w)
		abort(); /* out of memory */
	*w = (struct lane_work){ l, lane, work, ctx };
	if (start_thread(w) != 0) {
		free(w);
		give_permit(l, lane);
		return err_set(err, E_IO, "no thread for this request: try again later");
	}
	return 1;
}

void lanes_enter(struct lanes *l, struct lanes_digest *d)
{
	pthread_mutex_lock(&l->lock);
	d->next = l->digests;
	l->digests = d;
	pthread_mutex_unlock(&l->lock);
}

void lanes_leave(struct lanes *l, struct lanes_digest *d)
{
	struct lanes_digest **at = &l->digests;

	pthread_mutex_lock(&l->lock);
	while (*at && *at != d)
		at = &(*at)->next;
	if (*at)
		*at = d->next;
	pthread_mutex_unlock(&l->lock);
}

bool lanes_has(struct lanes *l, struct str digest)
{
	bool found = false;

	pthread_mutex_lock(&l->lock);
	for (const struct lanes_digest *d = l->digests; d && !found; d = d->next)
		found = str_eq(d->digest, digest);
	pthread_mutex_unlock(&l->lock);
	return found;
}
