/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data`: looking at and tidying the data directory. The one thing to know: these commands must work on
 * a directory that is not there yet, and must not make one just by looking. */
#include "cmd/data.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

bool data_file(struct app *app, const char *name, const char **path, uint64_t *size_bytes)
{
	struct arena *a = &app->task.arena;
	struct stat st;

	*path = str_format(a, STR_FMT "/%s", STR_ARG(app->data), name).p;
	if (stat(*path, &st) < 0)
		return false;
	*size_bytes = (uint64_t)st.st_size;
	if (stat(str_format(a, "%s-wal", *path).p, &st) == 0)
		*size_bytes += (uint64_t)st.st_size;
	return true;
}

int data_parse(struct app *app, const struct command *command, void *settings, int argc, char **argv)
{
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, command, settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands)
		(void)err_set(&err, E_CONFIG, "'%s' is one argument too many", argv[0]);
	if (err.code || app_data(app, &err) < 0)
		return app_usage(command, &err);
	return -1;
}

static const struct command *const commands[] = { &command_data_status, &command_data_clean, NULL };

const struct command command_data = {
	.name = "data",
	.usage = "clair data COMMAND [OPTIONS]",
	.summary = "show or tidy the data directory",
	.about = "The data directory holds two files: the advisories that `clair update` fetched, and\n"
		 "what was found in the layers scanned so far.\n",
	.commands = commands,
};
