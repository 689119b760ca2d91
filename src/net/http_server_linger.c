/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets after their last answer. A request that is turned down before its body was read leaves bytes in the
 * socket, and closing such a socket sends a reset, which makes the client's kernel throw away the answer.
 * Source: RFC 9112 "HTTP/1.1", section 9.6. So a copy of the descriptor stays open, its writing side shut,
 * until the client is done too or a moment has passed. What one would get wrong: the daemon closes its own
 * descriptor right after telling, so the copy is made while it tells. */
#include "net/http_server_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LINGER_SECONDS = 2, READS_A_STEP = 16, READ_BYTES = 1024 * 1024 };

void http_linger(struct http_server *s, int fd)
{
	int copy;

	if (s->lingering_count == HTTP_LINGER_MAX || (copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return;
	shutdown(copy, SHUT_WR);
	s->lingering[s->lingering_count++] = (struct lingering){
		copy, http_server_now() + LINGER_SECONDS * UINT64_C(1000000000)
	};
}

/* True when nothing more will come. With MSG_TRUNC bytes are dropped without being copied (tcp(7)). */
static bool is_read_out(int fd)
{
	for (unsigned i = 0; i < READS_A_STEP; i++) {
		ssize_t n = recv(fd, NULL, READ_BYTES, MSG_DONTWAIT | MSG_TRUNC);

		if (n <= 0)
			return n == 0 || errno != EAGAIN;
	}
	return false;
}

void http_linger_step(struct http_server *s, uint64_t now)
{
	for (unsigned i = s->lingering_count; i-- > 0;) {
		struct lingering *l = &s->lingering[i];

		if (now < l->until_ns && !is_read_out(l->fd))
			continue;
		close(l->fd);
		*l = s->lingering[--s->lingering_count];
	}
}

void http_linger_end(struct http_server *s)
{
	while (s->lingering_count)
		close(s->lingering[--s->lingering_count].fd);
}
