/* SPDX-License-Identifier: Apache-2.0 */
/* parent archive|feed WORKER SECONDS: do that job with this worker under a deadline and print how it ended.
 * For attacks on jobs that the command line cannot bound in seconds. Status 1: a process was left. */
#include "base/time.h"
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define TAKES_OVER "these bytes take the worker over"

static int take(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	(void)sink;
	(void)advisory;
	(void)err;
	return 0;
}

static int feed(struct task *task, const struct sandbox *sandbox, struct err *err)
{
	const struct feed_source source = { .namespace = STR("alpine:3.20") };
	const struct sandbox_feed what = { .format = FEED_SECDB, .source = &source };
	struct feed_sink sink = { .advisory = take };
	struct mem_reader document;

	mem_reader_open(&document, STR("{\"packages\": [], \"x\": \"" TAKES_OVER "\"}"));
	return sandbox_parse_feed(task, sandbox, &document.reader, &what, &sink, err);
}

/* The first header block of the archive is what takes the worker over. */
static int archive(struct task *task, const struct sandbox *sandbox, struct err *err)
{
	sandbox_members members = { 0 };
	char block[1024] = TAKES_OVER;
	autoclose int fd = -1;

	TRY(fd_spool(&fd, err));
	TRY(fd_write_all(fd, block, sizeof(block), err));
	return sandbox_list_archive(task, sandbox, fd, sizeof(block), &members, err);
}

int main(int argc, char **argv)
{
	autotask struct task task = { 0 };
	struct sandbox sandbox = { 0 };
	struct err err = { 0 };
	int result;

	if (argc != 4)
		return 64;
	sandbox.worker_path = argv[2];
	task.deadline_ns = time_monotonic_ns() + strtoul(argv[3], NULL, 10) * 1000000000ull;
	result = strcmp(argv[1], "feed") == 0 ? feed(&task, &sandbox, &err) : archive(&task, &sandbox, &err);
	printf("%s\n", result < 0 ? err.text : "done");
	return waitpid(-1, NULL, WNOHANG) < 0 ? 0 : 1;
}
