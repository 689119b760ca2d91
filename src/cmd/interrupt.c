/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as a flag, without a handler and therefore without globals: sigwait(3) in a thread. What a reader
 * would get wrong: the signals are blocked everywhere else, so a system call is never cut short; loops see
 * the flag through task_check, and who is impatient sends the signal twice. */
#include "cmd/interrupt.h"

#include "cmd/exit_status.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

static sigset_t awaited(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

static void *wait_for_signals(void *ctx)
{
	struct interrupt *i = ctx;
	sigset_t set = awaited();
	int number;

	while (sigwait(&set, &number) == 0) {
		if (atomic_load(&i->is_closing))
			return NULL;
		if (number == SIGHUP && atomic_load(&i->takes_hangups))
			atomic_fetch_add(&i->hangups, 1);
		else if (atomic_exchange(&i->canceled, true))
			_exit(EXIT_INTERRUPTED);
		(void)eventfd_write(i->event_fd, 1);
	}
	return NULL;
}

void interrupt_open(struct interrupt *i)
{
	sigset_t set = awaited();

	atomic_init(&i->canceled, false);
	atomic_init(&i->takes_hangups, false);
	atomic_init(&i->is_closing, false);
	atomic_init(&i->hangups, 0);
	i->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	i->is_on = pthread_create(&i->thread, NULL, wait_for_signals, i) == 0;
	if (!i->is_on)
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void interrupt_close(struct interrupt *i)
{
	if (!i->is_on)
		return;
	atomic_store(&i->is_closing, true);
	pthread_kill(i->thread, SIGHUP); /* any of those awaited: it looks at the flag first */
	pthread_join(i->thread, NULL);
	if (i->event_fd >= 0)
		close(i->event_fd);
}
