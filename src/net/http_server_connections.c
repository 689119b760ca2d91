/* SPDX-License-Identifier: Apache-2.0 */
/* The table of connections, and a watchdog over it: who is too slow is closed, who came too many makes an
 * idle one go, who hung up while a handler works has the work canceled. What one would get wrong: the daemon
 * closes descriptors on its own thread, so another thread may only shut a socket down, and only under the
 * lock under which the table forgets it. A client that shuts its writing side only cannot be told from one
 * that left until something is written: both count as gone. */
#include "net/http_server_internal.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 100, STALL_SECONDS = 60, SLOW_TICKS = 5, SURPLUS_MAX = HTTP_HEADROOM / 2 };

static const struct sockaddr_in6 *as_v6(const struct sockaddr_storage *a)
{
	return (const struct sockaddr_in6 *)a;
}

/* One host has a whole /64 of IPv6; an IPv4 address may come as an IPv6 one. */
static size_t prefix_bytes(const struct sockaddr_in6 *a)
{
	return IN6_IS_ADDR_V4MAPPED(&a->sin6_addr) ? 16 : 8;
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return memcmp(&as_v6(a)->sin6_addr, &as_v6(b)->sin6_addr, prefix_bytes(as_v6(a))) == 0;
	return memcmp(&((const struct sockaddr_in *)a)->sin_addr, &((const struct sockaddr_in *)b)->sin_addr,
		      4) == 0;
}

/* It does not count any more. */
static void leave(struct connection *c)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	c->server->open_count--;
	c->server->surplus_count -= c->is_surplus;
}

static void shut(struct connection *c)
{
	if (!c->is_closing)
		shutdown(c->fd, SHUT_RDWR);
	leave(c);
}

static struct tcp_info tcp_info_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	(void)getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n);
	return info;
}

/* Bytes the peer has sent on this connection, as the kernel counts them. */
static uint64_t bytes_received(int fd)
{
	return tcp_info_of(fd).tcpi_bytes_received;
}

/* May it go for another? Not while somebody works for it or its answer is going out. */
static bool is_dispensable(const struct connection *c)
{
	return !c->is_closing && (c->state == CONNECTION_IDLE || c->state == CONNECTION_READING);
}

/* The one that waits or sends the longest; of one address, when asked for. */
static struct connection *victim(struct http_server *s, const struct connection *newcomer,
				 bool of_its_address, bool of_surplus)
{
	struct connection *oldest = NULL;

	for (struct connection *c = s->connections; c; c = c->next) {
		if (c == newcomer || !is_dispensable(c) || c->is_surplus != of_surplus)
			continue;
		if (of_its_address && !same_address(&c->address, &newcomer->address))
			continue;
		if (!oldest || c->since_ns < oldest->since_ns)
			oldest = c;
	}
	return oldest;
}

static void evict(struct http_server *s, struct connection *c)
{
	shut(c);
	s->stats.evicted++;
}

/* There is one too many: it goes for the newcomer, or the newcomer is told that there is no room. Those told
 * so must not become many either: they may be silent. */
static void make_room(struct http_server *s, struct connection *newcomer, bool of_its_address)
{
	struct connection *c = victim(s, newcomer, of_its_address, false);

	if (!c) {
		newcomer->is_surplus = true;
		if (++s->surplus_count <= SURPLUS_MAX)
			return;
		c = victim(s, newcomer, false, true);
	}
	evict(s, c ? c : newcomer);
}

static unsigned count_of_address(const struct http_server *s, const struct connection *like)
{
	unsigned n = 0;

	for (const struct connection *c = s->connections; c; c = c->next)
		n += !c->is_closing && same_address(&c->address, &like->address);
	return n;
}

static void admit(struct http_server *s, struct connection *c)
{
	unsigned cap = s->options.connections_per_address;

	if (cap && count_of_address(s, c) > cap)
		make_room(s, c, true);
	if (!c->is_surplus && s->open_count - s->surplus_count > s->options.connections)
		make_room(s, c, false);
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
	s->open_count++;
	s->stats.accepted++;
	admit(s, c);
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
	leave(c);
	if (c->lingers)
		http_linger(s, c->fd);
	http_credentials_drop(c->credentials);
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
		bool has_request = c->state != CONNECTION_IDLE && !c->is_closing &&
				   (c->state != CONNECTION_READING || bytes_received(c->fd) > c->received);

		if (!has_request)
			shut(c);
		else
			others++;
	}
	return others;
}

unsigned http_connections_writing(const struct http_server *s)
{
	unsigned n = 0;

	for (const struct connection *c = s->connections; c; c = c->next)
		n += !c->is_closing && c->state == CONNECTION_WRITING;
	return n;
}

/* ---- the watchdog ---- */

static uint64_t seconds_allowed(const struct http_server *s, enum connection_state state)
{
	switch (state) {
	case CONNECTION_IDLE: return s->options.idle_seconds;
	case CONNECTION_READING: return s->options.request_seconds;
	case CONNECTION_WRITING: return STALL_SECONDS;
	default: return 0;
	}
}

/* What the kernel has counted since: the first byte of the next request ends idleness (libmicrohttpd tells
 * only of its first line), and an answer that the client takes more of is not stalled. */
static void look_at_bytes(struct connection *c, uint64_t now)
{
	struct tcp_info info = tcp_info_of(c->fd);

	if (c->state == CONNECTION_IDLE && info.tcpi_bytes_received > c->received) {
		c->state = CONNECTION_READING;
		c->since_ns = now;
	}
	if (c->state == CONNECTION_WRITING && info.tcpi_bytes_acked != c->acknowledged) {
		c->acknowledged = info.tcpi_bytes_acked;
		c->since_ns = now;
	}
}

static void check_deadline(struct http_server *s, struct connection *c, uint64_t now)
{
	uint64_t allowed = seconds_allowed(s, c->state) * 1000000000u;

	if (!allowed || now - c->since_ns < allowed)
		return;
	shut(c);
	s->stats.timed_out += c->state != CONNECTION_IDLE;
}

static void check_hang_up(struct connection *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };

	if (c->is_gone || poll(&p, 1, 0) <= 0 || !(p.revents & (POLLRDHUP | POLLHUP | POLLERR)))
		return;
	c->is_gone = true;
	atomic_store(&c->running->canceled, true);
}

static void check_all(struct http_server *s, bool looks_at_bytes)
{
	uint64_t now = http_server_now();

	for (struct connection *c = s->connections; c; c = c->next) {
		if (c->is_closing)
			continue;
		if (c->running) {
			check_hang_up(c);
			continue;
		}
		if (looks_at_bytes)
			look_at_bytes(c, now);
		check_deadline(s, c, now);
	}
	http_linger_step(s, now);
}

void *http_server_watch(void *ctx)
{
	struct http_server *s = ctx;

	for (unsigned tick = 0;; tick++) {
		bool is_over;

		poll(NULL, 0, TICK_MS);
		pthread_mutex_lock(&s->lock);
		is_over = s->is_stopping;
		check_all(s, tick % SLOW_TICKS == 0);
		pthread_mutex_unlock(&s->lock);
		if (is_over)
			return NULL;
	}
}
