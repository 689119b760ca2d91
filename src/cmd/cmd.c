/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: from words to a command. To add a command write its file with a struct command and name
 * it in the table below. What a reader would get wrong: signals are not handled but awaited (interrupt.h), so
 * nothing here is global. */
#include "cmd/cmd.h"

#include "cmd/app.h"
#include "cmd/interrupt.h"

enum { COMMANDS_MAX = 16 };

static const struct command command_help = {
	.name = "help",
	.usage = "clair help [COMMAND]",
	.summary = "explain a command",
};

static const struct command *const commands[] = { &command_scan,    &command_update, &command_data,
						  &command_version, &command_help,   NULL };

static const struct command clair = {
	.name = "clair",
	.usage = "clair COMMAND [OPTIONS] [ARGUMENTS]",
	.about = "Find known vulnerabilities in container images.\n",
	.commands = commands,
	.examples = "clair update                 fetch the advisories (once a day)\n"
		    "clair scan app.tar           scan what `docker save` wrote\n"
		    "clair scan oci:build/image   scan an OCI image layout\n"
		    "clair scan --help            all about scanning\n",
	.exit_status = "0 done, 1 error, 2 --fail-on was reached, 3 the result is incomplete or\n"
		       "there are no data to match against, 64 wrong usage, 130 interrupted\n",
};

static int usage_error(const struct command *group, struct str word)
{
	const char *names[COMMANDS_MAX + 1] = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; group->commands[i] && i < COMMANDS_MAX; i++)
		names[i] = group->commands[i]->name;
	(void)options_choice("command", word, names, &err);
	return app_usage(group, &err);
}

static const struct command *child(const struct command *group, struct str name)
{
	for (size_t i = 0; group->commands[i]; i++)
		if (str_eq(str_of(group->commands[i]->name), name))
			return group->commands[i];
	return NULL;
}

static bool asks_for_help(struct str word)
{
	return str_eq(word, STR("--help")) || str_eq(word, STR("-h"));
}

/* `clair help data clean` */
static int help_command(const struct command *command, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const struct command *next = command->commands ? child(command, str_of(argv[i])) : NULL;

		if (!next && command->commands)
			return usage_error(command, str_of(argv[i]));
		if (next)
			command = next;
	}
	help_print(stdout, command == &command_help ? &clair : command);
	return EXIT_DONE;
}

static int run(struct app *app, const struct command *command, int argc, char **argv)
{
	while (command->commands) {
		struct str word = argc ? str_of(argv[0]) : STR("");
		const struct command *next = child(command, word);

		if (asks_for_help(word))
			return help_command(command, 0, NULL);
		if (argc == 0) {
			help_print(stderr, command);
			return EXIT_USAGE;
		}
		if (command == &clair && (str_eq(word, STR("--version")) || str_eq(word, STR("-V"))))
			next = &command_version;
		if (!next)
			return usage_error(command, word);
		command = next;
		argc--;
		argv++;
	}
	if (command == &command_help)
		return help_command(&clair, argc, argv);
	return command->run(app, command, argc, argv);
}

int cmd_main(int argc, char **argv)
{
	struct app app = { .log = { LOG_WARNING } };
	struct interrupt interrupt;
	int status;

	interrupt_open(&interrupt);
	app.task.canceled = &interrupt.canceled;
	status = run(&app, &clair, argc > 0 ? argc - 1 : 0, argv + 1);
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_ERROR;
	task_close(&app.task);
	interrupt_close(&interrupt);
	return status;
}
