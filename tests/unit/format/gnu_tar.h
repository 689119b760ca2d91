/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FORMAT_GNU_TAR_H
#define UNIT_FORMAT_GNU_TAR_H

/* Runs GNU tar over an archive in memory. */

#include "base/io.h"
#include "unit.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int gnu_tar_input(struct str bytes)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	struct err err;

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes.p, bytes.n, &err), 0);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* argv: NULL-terminated, from "tar" on; the archive is standard input. *out: its standard output. Returns
 * the exit status, or 127 when there is no tar. */
static inline int gnu_tar(struct str archive, char *const *argv, struct arena *arena, struct str *out)
{
	autoclose int in = gnu_tar_input(archive);
	autoclose int result = memfd_create("listing", MFD_CLOEXEC);
	char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", NULL };
	posix_spawn_file_actions_t actions;
	struct fd_reader reader;
	struct err err;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, result, 1);
	status = posix_spawnp(&pid, argv[0], &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0)
		return 127;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fd_reader_open(&reader, result, 0, (uint64_t)lseek(result, 0, SEEK_END));
	assert_int_equal(reader_all(&reader.reader, arena, 1 << 24, out, &err), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#endif
