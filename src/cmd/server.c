/* SPDX-License-Identifier: Apache-2.0 */
/* The program `clair-server`: its table of commands. Linked or called as `clairctl` it is that program: the
 * flags of clairctl may stand before the command (clairctl.h). What a reader would get wrong: `serve` awaits
 * signals in its own way, so it is told apart before they are blocked. */
#include "cmd/cmd.h"

#include "cmd/app.h"

static const struct command command_help = {
	.name = "help",
	.usage = "clair help [COMMAND]",
	.summary = "explain a command",
};

static const struct command *const commands[] = { &command_version, &command_help, NULL };

static const struct command server = {
	.name = "clair-server",
	.usage = "clair-server COMMAND [OPTIONS] [ARGUMENTS]",
	.about = "The service, and the commands that talk to it. Usually started by `clair`.\n",
	.commands = commands,
};

int cmd_server_main(int argc, char **argv)
{
	struct app app = { .log = { .level = LOG_WARNING } };
	struct interrupt interrupt;
	int status;

	interrupt_open(&interrupt);
	app.task.canceled = &interrupt.canceled;
	app.interrupt = &interrupt;
	status = command_run(&app, &server, argc > 0 ? argc - 1 : 0, argv + 1);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_ERROR;
	task_close(&app.task);
	interrupt_close(&interrupt);
	return status;
}
