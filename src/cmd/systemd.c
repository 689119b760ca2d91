/* SPDX-License-Identifier: Apache-2.0 */
/* The notification protocol of systemd: a datagram to the socket named by NOTIFY_SOCKET. Source:
 * sd_notify(3), section "Notes". What one would get wrong: a name that begins with "@" is an abstract socket,
 * whose first byte is NUL on the wire. */
#include "cmd/serve.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void systemd_notify(const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct str path = str_of(getenv("NOTIFY_SOCKET"));
	int fd;

	if (path.n < 2 || path.n >= sizeof(to.sun_path) || (path.p[0] != '/' && path.p[0] != '@'))
		return;
	memcpy(to.sun_path, path.p, path.n);
	if (path.p[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n));
	close(fd);
}
