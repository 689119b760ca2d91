/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_DATA_H
#define CMD_DATA_H

#include "cmd/app.h"

/* How long is kept what was valid, for `clair scan --as-of`, when nothing else is said: 90 days. */
enum { DATA_HISTORY = 90 * 86400 };

/* The commands below `clair data`. */
extern const struct command command_data_status, command_data_clean;

/* A file of the data directory; NULL-terminated path in the arena. False when there is none. size_bytes: with
 * what SQLite keeps beside it. */
bool data_file(struct app *app, const char *name, const char **path, uint64_t *size_bytes);

/* Parse the arguments of a command that takes options only. Returns -1 to go on, or the exit status. */
int data_parse(struct app *app, const struct command *command, void *settings, int argc, char **argv);

#endif
