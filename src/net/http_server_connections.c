/* SPDX-License-Identifier: Apache-2.0 */
/* The table of connections, and a watchdog over it: who is too slow is closed, who came too many makes an
 * idle one go, who hung up while a handler works has the work canceled. What one would get wrong: the daemon
 * closes descriptors on its own thread, so another thread may only shut a socket down, and only under the
 * lock under which the table forgets it. */
#include "net/http_server_internal.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 100, WRITE_SECONDS = 600, FRESH_MS = 500 };

static const struct sockaddr_in6 *as_v6(const struct sockaddr_storage *a)
{
	return (const struct sockaddr_in6 *)a;
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return memcmp(&as_v6(a)->sin6_addr, &as_v6(b)->sin6_addr, 16) == 0;
	return memcmp(&((const struct sockaddr_in *)a)->sin_addr, &((const struct sockaddr_in *)b)->sin_addr,
		      4) == 0;
}

static void shut(struct connection *c)
{
	if (!c->is_closing)
		shutdown(c->fd, SHUT_RDWR);
	c->is_closing = true;
}

/* Bytes the peer has sent on this connection, as the kernel counts them. */
static uint64_t bytes_received(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 ? info.tcpi_bytes_received : 0;
}

/* May it go for another? Not while somebody works for it, nor before it had time to send anything. */
static bool is_dispensable(const struct connection *c, uint64_t now)
{
	if (c->is_closing)
		return false;
	return c->state == CONNECTION_IDLE ||
	       (c->state == CONNECTION_READING && now - c->since_ns > FRESH_MS * UINT64_C(1000000));
}

/* The one that waits or sends the longest; of one address, when asked for. */
static struct connection *victim(struct http_server *s, const struct connection *newcomer,
				 bool of_its_address)
{
	struct connection *oldest = NULL;
	uint64_t now = http_server_now();

	for (struct connection *c = s->connections; c; c = c->next) {
		if (c == newcomer || !is_dispensable(c, now))
			continue;
		if (of_its_address && !same_address(&c->address, &newcomer->address))
			continue;
		if (!oldest || c->since_ns < oldest->since_ns)
			oldest = c;
	}
	return oldest;
}

static unsigned count_open(const struct http_server *s, const struct connection *of_address)
{
	unsigned n = 0;

	for (const struct connection *c = s->connections; c; c = c->next)
		n += !c->is_closing && (!of_address || same_address(&c->address, &of_address->address));
	return n;
}

static void make_room(struct http_server *s, struct connection *newcomer)
{
	unsigned cap = s->options.connections_per_address;
	bool too_many = count_open(s, NULL) > s->options.connections;
	bool too_many_of_one = cap && count_open(s, newcomer) > cap;
	struct connection *c;

	if (!too_many && !too_many_of_one)
		return;
	c = victim(s, newcomer, !too_many);
	if (c) {
		shut(c);
		s->stats.evicted++;
	} else {
		newcomer->is_surplus = true;
	}
}

static void add(struct http_server *s, struct MHD_Connection *handle, void **slot)
{
	const union MHD_ConnectionInfo *fd = MHD_get_connection_info(handle,
								     MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *peer = MHD_get_connection_info(handle,
								       MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->server = s;
	c->fd = fd->connect_fd;
	c->state = CONNECTION_READING;
	c->since_ns = http_server_now();
	if (peer && peer->client_addr)
		memcpy(&c->address, peer->client_addr,
		       peer->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
								: sizeof(struct sockaddr_in));
	*slot = c;
	pthread_mutex_lock(&s->lock);
	c->next = s->connections;
	if (c->next)
		c->next->previous = c;
	s->connections = c;
	s->connection_count++;
	s->stats.accepted++;
	make_room(s, c);
	pthread_mutex_unlock(&s->lock);
}

static void forget(struct http_server *s, struct connection *c)
{
	pthread_mutex_lock(&s->lock);
	if (c->previous)
		c->previous->next = c->next;
	else
		s->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
	s->connection_count--;
	pthread_cond_broadcast(&s->quiet);
	pthread_mutex_unlock(&s->lock);
	free(c);
}

void http_connection_notify(void *ctx, struct MHD_Connection *handle, void **slot,
			    enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		add(ctx, handle, slot);
	else if (*slot)
		forget(ctx, *slot);
}

void http_connection_state(struct http_server *s, struct connection *c, enum connection_state state)
{
	pthread_mutex_lock(&s->lock);
	c->state = state;
	c->since_ns = http_server_now();
	if (state == CONNECTION_IDLE) {
		c->received = bytes_received(c->fd);
		if (s->is_draining)
			shut(c);
		pthread_cond_broadcast(&s->quiet);
	}
	pthread_mutex_unlock(&s->lock);
}

unsigned http_connections_close_idle(struct http_server *s)
{
	unsigned others = 0;

	for (struct connection *c = s->connections; c; c = c->next) {
		if (c->state == CONNECTION_IDLE || (c->state == CONNECTION_READING && c->is_closing))
			shut(c);
		else
			others++;
	}
	return others;
}

/* ---- the watchdog ---- */

static uint64_t seconds_allowed(const struct http_server *s, enum connection_state state)
{
	switch (state) {
	case CONNECTION_IDLE: return s->options.idle_seconds;
	case CONNECTION_READING: return s->options.request_seconds;
	case CONNECTION_WRITING: return WRITE_SECONDS;
	default: return 0;
	}
}

static void check_deadline(struct http_server *s, struct connection *c, uint64_t now)
{
	uint64_t allowed = seconds_allowed(s, c->state) * 1000000000u;

	/* the first byte of the next request ends idleness; libmicrohttpd tells only of its first line */
	if (c->state == CONNECTION_IDLE && bytes_received(c->fd) > c->received) {
		c->state = CONNECTION_READING;
		c->since_ns = now;
		return;
	}
	if (!allowed || now - c->since_ns < allowed)
		return;
	shut(c);
	s->stats.timed_out += c->state != CONNECTION_IDLE;
}

static void check_hang_up(struct connection *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };

	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)))
		atomic_store(&c->running->canceled, true);
}

static void check_all(struct http_server *s)
{
	uint64_t now = http_server_now();

	for (struct connection *c = s->connections; c; c = c->next) {
		if (c->is_closing)
			continue;
		if (c->running)
			check_hang_up(c);
		else
			check_deadline(s, c, now);
	}
}

void *http_server_watch(void *ctx)
{
	struct http_server *s = ctx;

	for (;;) {
		bool is_over;

		poll(NULL, 0, TICK_MS);
		pthread_mutex_lock(&s->lock);
		is_over = s->is_stopping;
		check_all(s);
		pthread_mutex_unlock(&s->lock);
		if (is_over)
			return NULL;
	}
}
