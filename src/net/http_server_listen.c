/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets. What one would get wrong: an empty host, or "[::]", means every address of both
 * families, which is one IPv6 socket with IPV6_V6ONLY off, or an IPv4 one where the kernel has no IPv6; and a
 * name with addresses of both ("localhost") means the IPv4 one, which is what most clients try. */
#include "net/http_server_internal.h"

#include "net/http_target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Every address of both families? */
static bool is_wildcard(const struct addrinfo *a)
{
	return a->ai_family == AF_INET6 &&
	       IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr);
}

static int open_one(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, off = 0;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, is_wildcard(a) ? &off : &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 4096) == 0)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

static int open_first(struct addrinfo *all, bool is_any)
{
	const int families[] = { is_any ? AF_INET6 : AF_INET, is_any ? AF_INET : AF_INET6 };
	int problem = EADDRNOTAVAIL;

	for (size_t f = 0; f < 2; f++)
		for (const struct addrinfo *a = all; a; a = a->ai_next) {
			int fd = a->ai_family == families[f] ? open_one(a) : -1;

			if (fd >= 0)
				return fd;
			if (a->ai_family == families[f])
				problem = errno;
		}
	errno = problem;
	return -1;
}

static unsigned port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return 0;
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
					     : ((struct sockaddr_in *)&a)->sin_port);
}

int http_listen(struct str address, int *fd, unsigned *port, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV },
			*all = NULL;
	struct str host, number;
	int rc;

	TRY(http_target_listen(address, &host, &number, err));
	rc = getaddrinfo(host.n ? str_copy(&scratch, host).p : NULL, str_copy(&scratch, number).p, &hints,
			 &all);
	if (rc)
		return err_set(err, E_CONFIG, "listen address \"" STR_FMT "\": %s", STR_ARG(address),
			       gai_strerror(rc));
	*fd = open_first(all, host.n == 0);
	rc = errno;
	freeaddrinfo(all);
	if (*fd < 0)
		return err_set(err, E_IO, "cannot listen on \"" STR_FMT "\": %s", STR_ARG(address),
			       strerror(rc));
	*port = port_of(*fd);
	return 0;
}

void http_address_text(const struct sockaddr_storage *address, char text[64])
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	char host[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		inet_ntop(AF_INET, (const char *)&six->sin6_addr + 12, host, sizeof(host));
		snprintf(text, 64, "%s:%u", host, ntohs(six->sin6_port));
	} else if (address->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text, 64, "[%s]:%u", host, ntohs(six->sin6_port));
	} else {
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text, 64, "%s:%u", host, ntohs(four->sin_port));
	}
}
