/* SPDX-License-Identifier: Apache-2.0 */
/* What code that took over a worker would ask the kernel for. Each attack works when nothing is confined: the
 * test runs it that way first, because an attack that fails by itself proves nothing. Calls go through
 * syscall(2) where a C library would do more than one call. */
#include "redteam/attacks.h"

#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPOOL_FD = 3, INHERITED_FD = 9 };
static const char shell_ends_with_success[] = "exit 42"; /* the test knows the number */

static int result(long returned)
{
	return returned < 0 ? errno : 0;
}

static int open_path(const char *path, int flags)
{
	return result(open(path, flags | O_CLOEXEC, 0600));
}

static void in_directory(const struct scene *s, const char *name, char path[512])
{
	snprintf(path, 512, "%s/%s", s->directory, name);
}

static int open_file(const struct scene *s)
{
	(void)s;
	return open_path("/etc/passwd", O_RDONLY);
}

static int create_file(const struct scene *s)
{
	char path[512];

	in_directory(s, "created", path);
	return open_path(path, O_WRONLY | O_CREAT);
}

static int remove_file(const struct scene *s)
{
	char path[512];

	in_directory(s, "victim", path);
	return result(unlink(path));
}

static int connect_to(int family, const void *address, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : result(connect(fd, address, size));
}

static int connect_tcp(const struct scene *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect_to(AF_INET, &to, sizeof(to));
}

static int connect_unix(const struct scene *s)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/socket", s->directory);
	return connect_to(AF_UNIX, &to, sizeof(to));
}

/* The name in the kernel's own list, not in a directory: a zero byte, then the port in digits. */
static int connect_abstract(const struct scene *s)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int n = snprintf(to.sun_path + 1, sizeof(to.sun_path) - 1, "redteam-%d", s->port);

	return connect_to(AF_UNIX, &to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n));
}

static int execute(const struct scene *s)
{
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)shell_ends_with_success, NULL };

	(void)s;
	return result(execve("/bin/sh", argv, (char *const[]){ NULL }));
}

static int execute_memory(const struct scene *s)
{
	char *const argv[] = { (char *)"x", NULL }, *const env[] = { NULL };
	static const char script[] = "#!/bin/sh\nexit 42\n";
	long fd = syscall(SYS_memfd_create, "x", 0);

	(void)s;
	if (fd < 0 || write((int)fd, script, sizeof(script) - 1) < 0)
		return errno;
	return result(syscall(SYS_execveat, fd, "", argv, env, AT_EMPTY_PATH));
}

static int fork_once(const struct scene *s)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	(void)s;
	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int fork_bomb(const struct scene *s)
{
	for (int i = 0; i < 64; i++) {
		int refused = fork_once(s);

		if (refused)
			return refused;
	}
	return 0;
}

static int trace_parent(const struct scene *s)
{
	long done = ptrace(PTRACE_SEIZE, s->parent, 0, 0);

	if (done == 0)
		ptrace(PTRACE_DETACH, s->parent, 0, 0);
	return result(done);
}

static int signal_parent(const struct scene *s)
{
	return result(kill(s->parent, SIGCONT));
}

static int read_parent(const struct scene *s)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)s->parent);
	return open_path(path, O_RDONLY);
}

static int read_environment(const struct scene *s)
{
	(void)s;
	return open_path("/proc/self/environ", O_RDONLY);
}

static int map(size_t size, int protection, int flags, void **out)
{
	*out = mmap(NULL, size, protection, flags, -1, 0);
	return *out == MAP_FAILED ? errno : 0;
}

static int map_executable(const struct scene *s)
{
	void *p;

	(void)s;
	return map(4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, &p);
}

static int make_executable(const struct scene *s)
{
	void *p;
	int refused = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, &p);

	(void)s;
	return refused ? refused : result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int take_memory(const struct scene *s)
{
	(void)s;
	for (size_t got = 0; got < LIMIT_WORKER_BYTES + 64 * MIB; got += 16 * MIB) {
		void *p;
		int refused = map(16 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, &p);

		if (refused)
			return refused;
		for (size_t at = 0; at < 16 * MIB; at += 4096)
			((volatile char *)p)[at] = 1;
	}
	return 0;
}

/* Not counted as data by the kernel. */
static int share_memory(const struct scene *s)
{
	void *p;

	(void)s;
	return map(4 * GIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, &p);
}

/* Not counted as data either: the kernel takes it for a stack. */
static int grow_stack(const struct scene *s)
{
	void *p;

	(void)s;
	return map(4 * GIB, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_NORESERVE, &p);
}

/* Reading costs page tables only, of which no limit on data knows. */
static int take_addresses(const struct scene *s)
{
	void *p;

	(void)s;
	return map(1024 * GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, &p);
}

static int fill_spool(const struct scene *s)
{
	(void)s;
	return result(pwrite(SPOOL_FD, "x", 1, (off_t)(LIMIT_LAYER_SPOOL_BYTES + 4096)));
}

static int spin(const struct scene *s)
{
	volatile unsigned long n = 0;

	(void)s;
	for (;;)
		n++;
	return 0;
}

static int use_inherited(const struct scene *s)
{
	char byte;

	(void)s;
	return result(read(INHERITED_FD, &byte, 1));
}

/* Standard error may be somebody's terminal. The test looks whether anything arrives. */
static int write_terminal(const struct scene *s)
{
	static const char title[] = "\033]0;taken over\007";

	(void)s;
	return result(write(2, title, sizeof(title) - 1));
}

/* Calls by numbers of another ABI, which a careless filter takes for its own. */
static int call_x32(const struct scene *s)
{
	(void)s;
#if defined(__x86_64__)
	return result(syscall(0x40000000 | SYS_getpid));
#else
	return ENOSYS;
#endif
}

static int call_i386(const struct scene *s)
{
	(void)s;
#if defined(__x86_64__)
	long got = 20; /* getpid; as a number of x86-64 it is writev, and 3, read, would be allowed as 3,
			  close */

	__asm__ volatile("int $0x80" : "+a"(got) : : "memory", "r8", "r9", "r10", "r11");
	if (got < 0)
		errno = (int)-got;
	return result(got);
#else
	return ENOSYS;
#endif
}

const struct attack system_attacks[] = {
	{ "open", open_file },
	{ "create", create_file },
	{ "remove", remove_file },
	{ "connect-tcp", connect_tcp },
	{ "connect-unix", connect_unix },
	{ "connect-abstract", connect_abstract },
	{ "execute", execute },
	{ "execute-memory", execute_memory },
	{ "fork", fork_once },
	{ "fork-bomb", fork_bomb },
	{ "trace-parent", trace_parent },
	{ "signal-parent", signal_parent },
	{ "read-parent", read_parent },
	{ "read-environment", read_environment },
	{ "map-executable", map_executable },
	{ "make-executable", make_executable },
	{ "memory", take_memory },
	{ "shared-memory", share_memory },
	{ "stack", grow_stack },
	{ "addresses", take_addresses },
	{ "fill-spool", fill_spool },
	{ "spin", spin },
	{ "inherited", use_inherited },
	{ "terminal", write_terminal },
	{ "x32-call", call_x32 },
	{ "i386-call", call_i386 },
	{ NULL, NULL },
};
