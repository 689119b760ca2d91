/* SPDX-License-Identifier: Apache-2.0 */
/* The program `clair`: its table of commands. To add one write its file with a struct command and name it
 * here; dispatch.c finds it. What a reader would get wrong: signals are not handled but awaited
 * (interrupt.h), so nothing here is global. */
#include "cmd/cmd.h"

#include "cmd/app.h"
#include "cmd/elsewhere.h"

static const struct command command_help = {
	.name = "help",
	.usage = "clair help [COMMAND]",
	.summary = "explain a command",
};

static const struct command *const commands[] = {
	&command_scan,	   &command_update,	    &command_mirror,   &command_data,	    &elsewhere_serve,
	&elsewhere_report, &elsewhere_index,	    &elsewhere_delete, &elsewhere_manifest, &elsewhere_export,
	&elsewhere_import, &elsewhere_check_config, &command_version,  &command_help,	    NULL,
};

static const struct command clair = {
	.name = "clair",
	.usage = "clair COMMAND [OPTIONS] [ARGUMENTS]",
	.about = "Find known vulnerabilities in container images.\n",
	.commands = commands,
	.examples = "clair update                 fetch the advisories (once a day)\n"
		    "clair scan app.tar           scan what `docker save` wrote\n"
		    "clair scan oci:build/image   scan an OCI image layout\n"
		    "clair serve                  be a service for registries and pipelines\n"
		    "clair scan --help            all about scanning\n",
	.exit_status = "0 done, 1 error, 2 --fail-on was reached, 3 the result is incomplete or\n"
		       "there are no data to match against, 64 wrong usage, 130 interrupted\n",
};

int cmd_main(int argc, char **argv)
{
	struct app app = { .log = { .level = LOG_WARNING } };
	struct interrupt interrupt;
	int status;

	interrupt_open(&interrupt);
	app.task.canceled = &interrupt.canceled;
	app.interrupt = &interrupt;
	status = command_run(&app, &clair, argc > 0 ? argc - 1 : 0, argv + 1);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_ERROR;
	task_close(&app.task);
	interrupt_close(&interrupt);
	return status;
}
