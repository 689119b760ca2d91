/* SPDX-License-Identifier: Apache-2.0 */
/* The cage. Sources: seccomp(2), landlock(7), setrlimit(2), prctl(2), Linux 6.1. The filter is an allow-list
 * that kills the process; what it allows was found by tracing workers over every kind of layer, and
 * docs/security.md lists it. Easy to get wrong: system call numbers mean nothing before the architecture was
 * checked, and x32 calls share x86-64's architecture. */
#include "worker/confine.h"

#include "base/limits.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "the worker's system call filter knows x86-64 and arm64"
#endif

#define PROGRAM_BYTES (64 * MIB) /* of addresses: code, libraries, stack */

/* ---- privileges, descriptors ---- */

/* Standard error may be a terminal, for reading and writing; standard output is /dev/null. */
static int drop_privileges(int last_fd, struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(err, E_IO, "not dumpable: %m");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_set(err, E_IO, "end with the parent: %m");
	if (dup2(1, 2) < 0)
		return err_set(err, E_IO, "standard error: %m");
	if (syscall(SYS_close_range, (unsigned)last_fd + 1, ~0u, 0) < 0)
		for (int fd = last_fd + 1; fd < 1024; fd++)
			close(fd);
	return 0;
}

/* ---- limits ---- */

static int set_limit(int which, uint64_t value, const char *name, struct err *err)
{
	struct rlimit r = { value, value }, now;

	/* what is lower already stays, as raising it takes a privilege */
	if (getrlimit(which, &now) == 0 && now.rlim_max < value)
		r = (struct rlimit){ now.rlim_max, now.rlim_max };
	return setrlimit(which, &r) < 0 ? err_set(err, E_IO, "limit of %s: %m", name) : 0;
}

/* RLIMIT_DATA leaves out what is shared, what is only read, and what grows as a stack does; the bound on
 * addresses catches those: data, the spool, which is mapped, and the program itself. */
static int set_limits(uint64_t memory, unsigned seconds, struct err *err)
{
	TRY(set_limit(RLIMIT_CORE, 0, "core files", err));
	TRY(set_limit(RLIMIT_DATA, memory, "memory", err));
	TRY(set_limit(RLIMIT_AS, memory + LIMIT_LAYER_SPOOL_BYTES + PROGRAM_BYTES, "addresses", err));
	TRY(set_limit(RLIMIT_FSIZE, LIMIT_LAYER_SPOOL_BYTES, "file size", err));
	TRY(set_limit(RLIMIT_CPU, seconds + 1, "CPU time", err));
	TRY(set_limit(RLIMIT_NPROC, 0, "processes", err)); /* root is exempt */
	TRY(set_limit(RLIMIT_NOFILE, 0, "descriptors", err)); /* those open stay so; no new one */
	return 0;
}

/* ---- landlock: a rule set that handles every right and grants none ---- */

/* As of version 6; <linux/landlock.h> may be older. Kernels take a longer struct whose rest is zero. */
struct landlock_rules {
	uint64_t files, network, scopes;
};

static struct landlock_rules every_right(long version)
{
	return (struct landlock_rules){
		.files = (1ull << (version == 1	  ? 13
				   : version == 2 ? 14
				   : version < 5  ? 15
						  : 16)) -
			 1,
		.network = version < 4 ? 0 : 3, /* binding, connecting TCP */
		.scopes = version < 6 ? 0 : 3, /* abstract UNIX sockets, signals */
	};
}

static int landlock(unsigned *got, struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_rules rules;
	int fd;

	if (version < 1)
		return 0; /* absent or switched off */
	rules = every_right(version);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return err_set(err, E_IO, "landlock: %m");
	close(fd);
	*got |= DEFENCE_LANDLOCK;
	return 0;
}

/* ---- seccomp ---- */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
/* Allow the call. */
#define CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), ALLOW
/* Allow it unless the memory would be executable; little endian, so the low word of args[2] comes first. */
#define CALL_NO_EXEC(name)                                                                                   \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), LOAD(args[2]),                                \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), KILL, ALLOW

/* mmap: besides, no shared memory without a file, and nothing that grows by itself: no limit counts them. */
#define CALL_MMAP                                                                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 8), LOAD(args[2]),                                  \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 4, 0), LOAD(args[3]),                        \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_GROWSDOWN, 2, 0),                                   \
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_SHARED | MAP_ANONYMOUS),                             \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MAP_SHARED | MAP_ANONYMOUS, 0, 1), KILL, ALLOW

static int filter_calls(unsigned *got, struct err *err)
{
	static const struct sock_filter filter[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		KILL,
		LOAD(nr),
		CALL(read),
		CALL(write),
		CALL(munmap),
		CALL(brk),
		CALL_MMAP,
		CALL_NO_EXEC(mprotect),
		CALL(mremap),
		CALL(madvise),
		CALL(pwrite64),
		CALL(futex),
		CALL(clock_gettime),
		CALL(getrandom),
		CALL(sysinfo), /* qsort asks how much memory there is */
		CALL(shutdown),
		CALL(exit_group),
		KILL,
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]),
					    (struct sock_filter *)filter };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
		if (errno == ENOSYS || errno == EINVAL)
			return 0;
		return err_set(err, E_IO, "seccomp: %m");
	}
	*got |= DEFENCE_SECCOMP;
	return 0;
}

int confine(unsigned wanted, int last_fd, uint64_t max_memory_bytes, unsigned max_seconds, unsigned *got,
	    struct err *err)
{
	*got = 0;
	if (wanted & DEFENCE_NAMESPACE && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		*got |= DEFENCE_NAMESPACE;
	/* Without it the kernel gives landlock and seccomp to root only. */
	if (wanted & (DEFENCE_PRIVILEGES | DEFENCE_LANDLOCK | DEFENCE_SECCOMP) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, E_IO, "no_new_privs: %m");
	if (wanted & DEFENCE_PRIVILEGES) {
		TRY(drop_privileges(last_fd, err));
		*got |= DEFENCE_PRIVILEGES;
	}
	if (wanted & DEFENCE_LANDLOCK)
		TRY(landlock(got, err));
	if (wanted & DEFENCE_RLIMIT) {
		TRY(set_limits(max_memory_bytes, max_seconds, err));
		*got |= DEFENCE_RLIMIT;
	}
	return wanted & DEFENCE_SECCOMP ? filter_calls(got, err) : 0;
}
