/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a worker and moving bytes to and from it under the task's deadline. The socket is never
 * waited on without a time-out, and the child is always reaped. */
#include "sandbox/process.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEARD_CAP = 256 * 1024, SOCKET_BUFFER = 1024 * 1024, POLL_MS = 200, GRACE_MS = 1000 };

static int spawn(struct process *p, const char *path, int child_fd, int spool_fd, struct err *err)
{
	char *const argv[] = { (char *)"clair-worker", NULL };
	char *const env[] = { NULL };
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, child_fd, 0);
	posix_spawn_file_actions_adddup2(&actions, spool_fd, WORKER_SPOOL_FD);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(&p->pid, path, &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0) {
		p->pid = -1;
		errno = rc;
		return err_set(err, E_IO, "start %s: %m", path);
	}
	return 0;
}

int process_start(struct process *p, struct task *task, const char *worker_path, struct err *err)
{
	autoclose int child_fd = -1, spool_fd = -1;
	int fds[2], size = SOCKET_BUFFER;

	*p = (struct process){ .task = task, .pid = -1, .fd = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(err, E_IO, "socket to a worker: %m");
	p->fd = fds[0];
	child_fd = fds[1];
	setsockopt(p->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	TRY(fd_spool(&spool_fd, err));
	TRY(spawn(p, worker_path, child_fd, spool_fd, err));
	p->heard_cap = HEARD_CAP;
	p->heard = arena_alloc_raw(&task->arena, p->heard_cap);
	return 0;
}

void process_close(struct process *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	p->fd = -1;
	p->pid = -1;
}

/* Wait for one of events. Returns revents (> 0) or an error. */
static int wait_for(struct process *p, short events, struct err *err)
{
	for (;;) {
		struct pollfd pfd = { .fd = p->fd, .events = events };
		int n = poll(&pfd, 1, POLL_MS);

		if (n > 0)
			return pfd.revents;
		if (n < 0 && errno != EINTR)
			return err_set(err, E_IO, "poll: %m");
		TRY(task_check(p->task, err));
	}
}

/* How the worker ended, for people. One that closes its socket and lives on is not waited for: process_close
 * kills it. */
static int died(struct process *p, struct err *err)
{
	int status = 0, waited = 0;
	pid_t got;

	p->has_died = true;
	while ((got = waitpid(p->pid, &status, WNOHANG)) == 0 && waited++ < GRACE_MS)
		poll(NULL, 0, 1);
	if (got == 0)
		return err_set(err, E_FORMAT, "worker closed its socket and did not end");
	if (got != p->pid)
		return err_set(err, E_FORMAT, "worker vanished");
	p->pid = -1;
	if (WIFSIGNALED(status))
		return err_set(err, E_FORMAT, "worker died of signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	return err_set(err, E_FORMAT, "worker ended with status %d before its answer was complete",
		       WEXITSTATUS(status));
}

/* Receive what there is. Returns bytes (> 0), 0 when there is nothing now, E_FORMAT when the worker is gone.
 * Checks the task: a worker that never falls silent would pass its deadline otherwise. */
static int receive(struct process *p, struct err *err)
{
	ssize_t got;

	TRY(task_check(p->task, err));
	p->heard_n -= p->heard_at; /* what was taken makes room */
	memmove(p->heard, p->heard + p->heard_at, p->heard_n);
	p->heard_at = 0;
	got = recv(p->fd, p->heard + p->heard_n, p->heard_cap - p->heard_n, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return died(p, err);
	p->heard_n += (size_t)got;
	return 1;
}

/* Give the inbox the next frame if all of it is here. Returns 1, 0, or an error. */
static int take_heard(struct process *p, struct inbox *in, struct err *err)
{
	const unsigned char *at = p->heard + p->heard_at;
	size_t n = p->heard_n - p->heard_at, size;
	struct frame_header header;

	if (n < FRAME_HEADER_BYTES)
		return 0;
	header = frame_header_decode(at);
	if (header.size > LIMIT_FRAME_BYTES)
		return err_set(err, E_LIMIT, "worker: frame of %u bytes, limit %llu", header.size,
			       LIMIT_FRAME_BYTES);
	size = FRAME_HEADER_BYTES + (size_t)header.size;
	if (p->heard_cap < size) {
		p->heard = arena_grow(&p->task->arena, p->heard, p->heard_cap, size);
		p->heard_cap = size;
	}
	if (n < size)
		return 0;
	p->heard_at += size;
	TRY(inbox_take(in, header, (struct str){ (const char *)at + FRAME_HEADER_BYTES, header.size }, err));
	return 1;
}

int process_listen(struct process *p, struct inbox *in, struct err *err)
{
	for (;;) {
		int got = take_heard(p, in, err);

		if (got != 0)
			return got;
		got = receive(p, err);
		if (got < 0)
			return got;
		if (got == 0)
			TRY(wait_for(p, POLLIN, err));
	}
}

/* The socket takes nothing now: hear what the worker says meanwhile, so that neither waits for the other. */
static int wait_to_send(struct process *p, struct inbox *in, struct err *err)
{
	int events = wait_for(p, POLLIN | POLLOUT, err), got;

	if (events < 0 || !(events & POLLIN))
		return events;
	got = receive(p, err);
	while (got > 0 && !inbox_ended(in))
		got = take_heard(p, in, err);
	return got < 0 ? got : 1;
}

int process_send(struct process *p, struct inbox *in, const void *bytes, size_t n, struct err *err)
{
	const char *at = bytes;

	while (n && !inbox_ended(in)) {
		ssize_t done = send(p->fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (done > 0) {
			at += done;
			n -= (size_t)done;
			continue;
		}
		if (errno == EPIPE || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return err_set(err, E_IO, "send to a worker: %m");
		TRY(wait_to_send(p, in, err));
	}
	return n == 0;
}

int process_send_frame(struct process *p, struct inbox *in, enum frame_type type, struct str payload,
		       struct err *err)
{
	unsigned char header[FRAME_HEADER_BYTES];
	int sent;

	frame_header_encode((struct frame_header){ (uint8_t)type, (uint32_t)payload.n }, header);
	sent = process_send(p, in, header, sizeof(header), err);
	return sent > 0 && payload.n ? process_send(p, in, payload.p, payload.n, err) : sent;
}
