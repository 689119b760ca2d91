/* SPDX-License-Identifier: Apache-2.0 */
/* Output that is never half: a reader of the file sees the earlier content or all of the new one. What a
 * reader would get wrong: rename(2) would replace a device or a pipe (/dev/stdout), so only regular files
 * take that way; and a symbolic link is followed, so that what it points to is replaced and not the link. */
#include "cmd/output.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* The file behind symbolic links; the path itself when there is none yet. */
static char *target_path(struct arena *a, const char *path)
{
	char real[PATH_MAX];

	return (char *)str_copy(a, str_of(realpath(path, real) ? real : path)).p;
}

static int open_temporary(struct arena *a, const char *path, const struct stat *old, struct output *out,
			  struct err *err)
{
	char *target = target_path(a, path);
	char *name = (char *)str_format(a, "%s.XXXXXX", target).p;
	int fd = mkostemp(name, O_CLOEXEC);

	if (fd < 0)
		return err_set(err, E_IO, "output %s: %m", path);
	(void)fchmod(fd, old ? old->st_mode & 07777 : new_file_mode());
	out->fd = fd;
	out->path = target;
	out->temporary = name;
	fd_writer_open(&out->to, fd);
	return 0;
}

int output_open(struct arena *a, struct str path, struct output *out, struct err *err)
{
	const char *name = str_copy(a, path).p;
	struct stat st;
	bool is_there;

	out->fd = -1;
	out->path = out->temporary = NULL;
	if (path.n == 0 || str_eq(path, STR("-"))) {
		fd_writer_open(&out->to, STDOUT_FILENO);
		return 0;
	}
	is_there = stat(name, &st) == 0;
	if (!is_there && errno != ENOENT)
		return err_set(err, E_IO, "output %s: %m", name);
	if (!is_there || S_ISREG(st.st_mode))
		return open_temporary(a, name, is_there ? &st : NULL, out, err);
	out->fd = open(name, O_WRONLY | O_CLOEXEC);
	if (out->fd < 0)
		return err_set(err, E_IO, "output %s: %m", name);
	fd_writer_open(&out->to, out->fd);
	return 0;
}

int output_commit(struct output *o, struct err *err)
{
	TRY(fd_writer_flush(&o->to, err));
	if (!o->temporary)
		return 0;
	if (close(take_fd(&o->fd)) < 0)
		return err_set(err, E_IO, "output %s: %m", o->path);
	if (rename(o->temporary, o->path) < 0)
		return err_set(err, E_IO, "output %s: %m", o->path);
	o->temporary = NULL;
	return 0;
}

void output_close(struct output *o)
{
	fd_closep(&o->fd);
	if (o->temporary)
		(void)unlink(o->temporary);
}
