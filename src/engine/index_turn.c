/* SPDX-License-Identifier: Apache-2.0 */
/* Turns by name. A name is listed while somebody holds or awaits it; there are never more names than threads.
 */
#include "engine/index_turn.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { WAIT_MS = 100 };

struct turn_name {
	struct turn_name *next;
	unsigned holders, users; /* users: those who wait too */
	size_t n;
	char text[];
};

struct index_turns {
	pthread_mutex_t lock;
	pthread_cond_t left;
	struct turn_name *names;
};

struct index_turns *index_turns_new(void)
{
	struct index_turns *t = calloc(1, sizeof(*t));
	pthread_condattr_t monotonic;

	if (!t)
		abort();
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&t->left, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return t;
}

void index_turns_free(struct index_turns *t)
{
	pthread_cond_destroy(&t->left);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct turn_name *name_of(struct index_turns *t, struct str text)
{
	struct turn_name *name = t->names;

	while (name && !str_eq(text, (struct str){ name->text, name->n }))
		name = name->next;
	if (name)
		return name;
	name = calloc(1, size_add(sizeof(*name), text.n));
	if (!name)
		abort();
	name->n = text.n;
	if (text.n)
		memcpy(name->text, text.p, text.n);
	name->next = t->names;
	t->names = name;
	return name;
}

static void let_go(struct index_turns *t, struct turn_name *name)
{
	struct turn_name **at = &t->names;

	if (--name->users)
		return;
	while (*at != name)
		at = &(*at)->next;
	*at = name->next;
	free(name);
}

static void wait_a_little(struct index_turns *t)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&t->left, &t->lock, &until);
}

int index_turn_take(struct index_turns *t, struct task *task, struct str text, unsigned most,
		    struct index_turn *out, struct err *err)
{
	struct turn_name *name;
	int result;

	pthread_mutex_lock(&t->lock);
	name = name_of(t, text);
	name->users++;
	while ((result = task_check(task, err)) == 0 && name->holders >= most)
		wait_a_little(t);
	if (result == 0) {
		name->holders++;
		*out = (struct index_turn){ t, name };
	} else {
		let_go(t, name);
	}
	pthread_mutex_unlock(&t->lock);
	return result;
}

void index_turn_leave(struct index_turn *turn)
{
	struct index_turns *t = turn->turns;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	turn->name->holders--;
	let_go(t, turn->name);
	pthread_cond_broadcast(&t->left);
	pthread_mutex_unlock(&t->lock);
	turn->turns = NULL;
}
