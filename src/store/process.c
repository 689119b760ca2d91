/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds a lease, by process id and start time, so that a lease dies with its process and not when another
 * process gets the same id. Source: proc(5), /proc/PID/stat field 22 (starttime),
 * /proc/sys/kernel/random/boot_id; pid_namespaces(7). What one would get wrong: the second field of stat is
 * the program's name in parentheses and may hold both ")" and blanks; fields are counted after the last ")".
 * A pid means nothing in another pid namespace. */
#include "store/process.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct str read_small(struct arena *a, const char *path)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[1024];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	return n < 0 ? (struct str){ NULL, 0 } : str_copy(a, str_trim((struct str){ text, (size_t)n }));
}

static int64_t start_of(struct arena *a, int64_t pid)
{
	struct str stat = read_small(a, str_format(a, "/proc/%lld/stat", (long long)pid).p);
	struct str name, rest, field = { NULL, 0 };
	uint64_t ticks;

	if (!str_rcut(stat, ')', &name, &rest))
		return 0;
	for (int i = 3; i <= 22; i++)
		if (!str_word(&rest, &field))
			return 0;
	return str_u64(field, INT64_MAX, &ticks) ? (int64_t)ticks : 0;
}

struct process process_self(struct arena *a)
{
	struct str boot = read_small(a, "/proc/sys/kernel/random/boot_id");
	char space[64];
	ssize_t n = readlink("/proc/self/ns/pid", space, sizeof(space));
	int64_t pid = getpid();

	return (struct process){
		.host = str_format(a, STR_FMT "/%.*s", STR_ARG(boot), n < 0 ? 0 : (int)n, space),
		.pid = pid,
		.started = start_of(a, pid),
	};
}

bool process_may_run(const struct process *self, const struct process *p)
{
	autoarena struct arena scratch = { 0 };
	int64_t started;

	if (!str_eq(self->host, p->host) || p->pid <= 0 || p->pid > INT_MAX)
		return true;
	if (kill((pid_t)p->pid, 0) < 0 && errno == ESRCH)
		return false;
	started = start_of(&scratch, p->pid);
	return started == 0 || p->started == 0 || started == p->started;
}
