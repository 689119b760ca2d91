/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_EXIT_STATUS_H
#define CMD_EXIT_STATUS_H

/* Exit status of every command; docs/exit-status.md. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_ERROR = 1,
	EXIT_GATE = 2, /* --fail-on, --exit-on-eol; --exit-code overrides */
	EXIT_INCOMPLETE = 3, /* the result is incomplete, or there are no data to match against */
	EXIT_USAGE = 64, /* EX_USAGE of sysexits(3) */
	EXIT_INTERRUPTED = 130 /* 128 + SIGINT, as shells say it */
};

/* What an error code of base/err.h means for the exit status. */
int exit_status_of(int code);

#endif
