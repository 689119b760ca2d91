/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include "base/io.h"

/* Where a report goes: standard output, or a file that appears whole or not at all. */
struct output {
	struct fd_writer to; /* write to &to.writer */
	int fd;
	char *path, *temporary; /* NULL: standard output, or something that is no regular file */
};

/* path empty or "-": standard output. A regular file is written to a temporary beside it, with the rights
 * that a new file would have (an existing file's are kept). Memory is the arena's. Returns 0, E_IO. */
int output_open(struct arena *a, struct str path, struct output *out, struct err *err);
/* Flush and put the file in its place. Returns 0, E_IO. */
int output_commit(struct output *o, struct err *err);
/* Without a commit the temporary is removed and an earlier file is as it was. */
void output_close(struct output *o);
#define autooutput __attribute__((cleanup(output_close)))

#endif
