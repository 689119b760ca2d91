/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cmd/options.h"

#include <stdio.h>

struct app;

/* A command (a verb), or a group of commands. Texts are for --help; docs/man says the same at more length. */
struct command {
	const char *name; /* "scan" */
	const char *usage; /* "clair scan [OPTIONS] TARGET" */
	const char *summary; /* one line for the list of commands */
	const char *about; /* paragraphs; each line ends with \n */
	const char *examples; /* lines; NULL: none */
	const char *exit_status; /* lines; NULL: none */
	const struct option_spec *options; /* its own; ends with a NULL name; NULL for groups */
	/* argv[0..argc): what follows the command's name. Returns the exit status. */
	int (*run)(struct app *app, const struct command *self, int argc, char **argv);
	const struct command *const *commands; /* of a group; ends with NULL */
	bool is_elsewhere; /* another program has it: its help is asked there */
};

extern const struct command command_scan, command_update, command_mirror, command_data, command_version;

/* Of `clair-server`: what `clair` hands on to it (elsewhere.h). */
extern const struct command command_serve, command_report, command_manifest, command_index, command_delete,
	command_export, command_import, command_check_config;

/* Run the command of a program's table that the words name. Returns the exit status. */
int command_run(struct app *app, const struct command *root, int argc, char **argv);

/* The whole program `clair`. Returns the exit status. */
int cmd_main(int argc, char **argv);
/* The whole program `clair-server`; called `clairctl` it takes that program's flags before the command. */
int cmd_server_main(int argc, char **argv);

/* Help of a command, with the options all commands share unless it is a group. */
void help_print(FILE *to, const struct command *command);

#endif
