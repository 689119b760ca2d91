/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_APP_H
#define CMD_APP_H

#include "base/log.h"
#include "base/task.h"
#include "cmd/cmd.h"
#include "cmd/exit_status.h"
#include "cmd/interrupt.h"

struct config;

/* What all commands share: the task, where logs go, and the common options. Built by cmd_main, passed down.
 */
struct app {
	struct task task;
	struct log log;
	struct str data; /* the data directory; empty until app_data */
	struct str color; /* "auto", "always", "never"; empty: auto */
	bool no_color, quiet;
	unsigned verbose;
	struct interrupt *interrupt; /* whose flag cancels the task */
	/* Read a configuration file; NULL in `clair`, which hands such commands on (elsewhere.h). */
	int (*read_config)(struct app *app, struct str path, struct config *out, struct err *err);
};

/* The common options, filling a struct app. */
extern const struct option_spec app_options[];

/* Parse a command's arguments into its settings and the app. Returns -1 to go on (operands are then
 * argv[0..*operands)), or the exit status when help was printed or something was wrong. */
int app_parse(struct app *app, const struct command *command, void *settings, int argc, char **argv,
	      int *operands);

/* Set app->data when --data was not given: $XDG_CACHE_HOME/clair or $HOME/.cache/clair. 0 or E_CONFIG. */
int app_data(struct app *app, struct err *err);
/* Make the parents of the data directory; the stores make the directory itself. Failures show when it is
 * opened. */
void app_make_parents(const struct app *app);

/* Log an error and return its exit status. */
int app_fail(const struct app *app, const struct err *err);
/* Say what is wrong with the command line, how to get help, and return EXIT_USAGE. */
int app_usage(const struct command *command, const struct err *err);

/* The defences without which a worker may be given no bytes: those of --require-sandbox when that was given
 * or CLAIR_REQUIRE_SANDBOX is set to anything but 0; else none. */
unsigned app_required_defences(bool is_required);

/* Is colour wanted on a descriptor? --color, --no-color, NO_COLOR (no-color.org), TERM=dumb, isatty. */
bool app_wants_color(const struct app *app, int fd);
/* May lines be drawn: a terminal with a UTF-8 locale. */
bool app_wants_boxes(int fd);
/* Columns of the terminal behind fd, $COLUMNS when set; 0: not a terminal. */
unsigned app_width(int fd);

#endif
