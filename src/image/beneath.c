/* SPDX-License-Identifier: Apache-2.0 */
/* Opening files of a foreign tree without ever leaving it.
 * Source: openat2(2).
 * Easy to get wrong: O_NOFOLLOW speaks of the last component only, and a check before the open is a race; so
 * either the kernel refuses links on the whole way (openat2), or every directory on it is opened on its own.
 * Some sandboxes answer EPERM for system calls that they do not know. */
#include "image/beneath.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* O_PATH suffers no other flags. */
static int all_flags(int flags)
{
	return flags | O_CLOEXEC | O_NOFOLLOW | (flags & O_PATH ? 0 : O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

/* Take the next component of *path, without the slashes around it. False at the end or when it is too long.
 */
static bool next_component(const char **path, char *out, size_t size)
{
	size_t n;

	*path += strspn(*path, "/");
	n = strcspn(*path, "/");
	if (n == 0 || n >= size)
		return false;
	memcpy(out, *path, n);
	out[n] = '\0';
	*path += n;
	*path += strspn(*path, "/");
	return true;
}

int beneath_open_stepwise(int root, const char *path, int flags)
{
	autoclose int directory = -1;
	char name[256];

	while (next_component(&path, name, sizeof(name))) {
		bool is_last = *path == '\0';
		int next;

		if (strcmp(name, "..") == 0) {
			errno = EXDEV;
			return -1;
		}
		next = openat(directory < 0 ? root : directory, name,
			      all_flags(is_last ? flags : O_PATH | O_DIRECTORY));
		if (next < 0 || is_last)
			return next;
		fd_closep(&directory);
		directory = next;
	}
	errno = *path ? ENAMETOOLONG : ENOENT;
	return -1;
}

int beneath_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned long long)all_flags(flags),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return beneath_open_stepwise(root, path, flags);
	return (int)fd;
}
