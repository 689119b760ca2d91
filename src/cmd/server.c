/* SPDX-License-Identifier: Apache-2.0 */
/* The program `clair-server`: its table of commands. Linked or called as `clairctl` it is that program: the
 * flags of clairctl may stand before the command. What a reader would get wrong: `serve` awaits
 * signals in its own way, so it is told apart before they are blocked. */
#include "cmd/cmd.h"

#include "cmd/app.h"
#include "cmd/config.h"

enum { EXIT_CLAIRCTL_USAGE = 2 };

static const struct command command_help = {
	.name = "help",
	.usage = "clair help [COMMAND]",
	.summary = "explain a command",
};

static const struct command *const commands[] = {
	&command_serve,
	&command_report,
	&command_index,
	&command_delete,
	&command_manifest,
	&command_export,
	&command_import,
	&command_check_config,
	&command_update,
	&command_mirror,
	&command_version,
	&command_help,
	NULL,
};

static const struct command server = {
	.name = "clair-server",
	.usage = "clair-server COMMAND [OPTIONS] [ARGUMENTS]",
	.about = "The service, and the commands that talk to it. Usually started by `clair`.\n",
	.commands = commands,
};

static bool is_clairctl(const char *program)
{
	struct str name = str_of(program), dir;

	(void)str_rcut(name, '/', &dir, &name);
	return str_eq(name, STR("clairctl"));
}

/* clairctl's flags stand before its command; ours may stand behind it, so they are moved there. Returns how
 * many arguments are before the command. */
static int leading_flags(int argc, char **argv)
{
	static const char *const with_value[] = { "-c",	     "--config", "-config", "--issuer",
						  "-issuer", "--iss",	 "-iss" };
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		bool takes_value = false;

		for (size_t w = 0; w < sizeof(with_value) / sizeof(with_value[0]); w++)
			takes_value |= str_eq(str_of(argv[i]), str_of(with_value[w]));
		i += takes_value ? 2 : 1;
	}
	return i < argc ? i - 1 : 0;
}

static char *our_flag(struct arena *a, char *flag)
{
	struct str name = str_of(flag), value;

	if (str_eq(name, STR("-D")))
		return (char *)"-vv";
	if (str_starts(name, STR("--iss")) || str_starts(name, STR("-iss"))) {
		bool has_value = str_cut(name, '=', &name, &value);

		return has_value ? (char *)str_format(a, "--issuer=" STR_FMT, STR_ARG(value)).p
				 : (char *)"--issuer";
	}
	return str_eq(name, STR("-config")) ? (char *)"--config" : flag;
}

/* `clairctl -c FILE report IMAGE` as `report -c FILE IMAGE`. */
static char **clairctl_arguments(struct arena *a, int argc, char **argv)
{
	int flags = leading_flags(argc, argv);
	char **all = ARENA_ARRAY(a, char *, (size_t)argc + 1);

	for (int i = 0; i < argc; i++)
		all[i] = argv[i];
	if (!flags)
		return all;
	all[1] = argv[flags + 1];
	for (int i = 0; i < flags; i++)
		all[i + 2] = our_flag(a, argv[i + 1]);
	return all;
}

/* Of what a command line needs of the service's configuration nothing is for one mode only. */
static int read_config(struct app *app, struct str path, struct config *out, struct err *err)
{
	config_lints lints = { 0 };

	return config_load(&app->task.arena, path, MODE_CLIENT, out, &lints, err);
}

int cmd_server_main(int argc, char **argv)
{
	struct app app = { .log = { .level = LOG_WARNING }, .read_config = read_config };
	struct interrupt interrupt;
	bool is_ctl;
	int status;

	interrupt_open(&interrupt);
	app.task.canceled = &interrupt.canceled;
	app.interrupt = &interrupt;
	is_ctl = argc > 0 && is_clairctl(argv[0]);
	if (is_ctl)
		argv = clairctl_arguments(&app.task.arena, argc, argv);
	status = command_run(&app, &server, argc > 0 ? argc - 1 : 0, argv + 1);
	if (is_ctl && status == EXIT_USAGE)
		status = EXIT_CLAIRCTL_USAGE;
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_ERROR;
	task_close(&app.task);
	interrupt_close(&interrupt);
	return status;
}
