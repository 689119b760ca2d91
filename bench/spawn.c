/* SPDX-License-Identifier: Apache-2.0 */
/* How long from the call that starts a worker to its first frame, which it sends confined: spawn WORKER
 * [RUNS]. Easy to get wrong: the greeting leaves the worker when it wants to hear its job, so what is
 * measured is all of loading, warming up and confining, but no work. */
#include "base/frame.h"
#include "base/time.h"
#include "model/job.h"
#include "sandbox/process.h"

#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double m = *(const double *)a, n = *(const double *)b;

	return (m > n) - (m < n);
}

static int once(const char *worker, double *ms, unsigned *defences, struct err *err)
{
	autotask struct task task = { 0 };
	const struct job job = { .kind = JOB_LAYER };
	autoprocess struct process p = { .fd = -1, .pid = -1 };
	struct inbox in;
	uint64_t began = time_monotonic_ns();

	inbox_open(&in, &task, &job);
	TRY(process_start(&p, &task, worker, err));
	while (in.state == INBOX_HELLO)
		TRY(process_listen(&p, &in, err));
	*ms = (double)(time_monotonic_ns() - began) / 1e6;
	*defences = in.result.defences;
	return 0;
}

int main(int argc, char **argv)
{
	size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
	double *ms = calloc(runs + 1, sizeof(*ms));
	unsigned defences = 0;
	struct err err = { 0 };

	if (argc < 2 || !ms || runs == 0) {
		fputs("spawn WORKER [RUNS]\n", stderr);
		return 64;
	}
	for (size_t i = 0; i < runs; i++) {
		if (once(argv[1], &ms[i], &defences, &err) < 0) {
			fprintf(stderr, "spawn: %s\n", err.text);
			return 1;
		}
	}
	qsort(ms, runs, sizeof(*ms), ascending);
	printf("%zu workers, defences %u: first frame after %.2f ms (median), %.2f to %.2f ms (p10 to p90)\n",
	       runs, defences, ms[runs / 2], ms[runs / 10], ms[runs * 9 / 10]);
	free(ms);
	return 0;
}
