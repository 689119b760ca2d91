/* SPDX-License-Identifier: Apache-2.0 */
/* clair-worker: reads one job and one layer from its standard input, a socket to its parent, and answers
 * on it. Not for people: started by clair. */
#include "base/limits.h"
#include "model/defence.h"
#include "worker/confine.h"
#include "worker/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOOL_FD = 3 };

/* Answers are many and small; they wait here until the worker wants to hear something or ends. */
struct answers {
	struct reader reader;
	struct fd_reader in;
	struct fd_writer out;
};

static ssize_t flush_and_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct answers *a = (struct answers *)r;

	if (a->out.n)
		TRY(fd_writer_flush(&a->out, err));
	return reader_read(&a->in.reader, buf, n, err);
}

int main(int argc, char **argv)
{
	struct answers *a;
	struct worker_cage cage = { .spool_fd = SPOOL_FD };
	struct err err = { 0 };
	struct stat st;
	int result;

	(void)argv;
	if (argc > 1 || fstat(0, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		fputs("clair-worker is started by clair; run `clair scan`\n", stderr);
		return 64;
	}
	a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	a->reader.read = flush_and_read;
	fd_reader_open(&a->in, 0, -1, 0);
	fd_writer_open(&a->out, 0);
	result = confine(DEFENCE_ALL, SPOOL_FD, LIMIT_WORKER_BYTES, LIMIT_LAYER_SECONDS, &cage.defences,
			 &err);
	if (result < 0)
		worker_refuse(&a->out.writer, &cage, &err);
	else
		result = worker_run(&a->reader, &a->out.writer, &cage, &err);
	if (fd_writer_flush(&a->out, &err) < 0)
		result = E_IO;
	/* Closing with unread bytes would reset the connection and could lose the answer. */
	shutdown(0, SHUT_WR);
	free(a);
	return result < 0 ? 1 : 0;
}
