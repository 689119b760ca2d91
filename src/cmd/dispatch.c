/* SPDX-License-Identifier: Apache-2.0 */
/* From words to a command of a program's table. What a reader would get wrong: a command without a function
 * is `help`, which explains the commands of the table it stands in. */
#include "cmd/cmd.h"

#include "cmd/app.h"

enum { COMMANDS_MAX = 32 };

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
static int help_command(struct app *app, const struct command *root, int argc, char **argv)
{
	char *ask_there[] = { (char *)"--help", NULL };
	const struct command *command = root;

	for (int i = 0; i < argc; i++) {
		const struct command *next = command->commands ? child(command, str_of(argv[i])) : NULL;

		if (!next && command->commands)
			return usage_error(command, str_of(argv[i]));
		if (next)
			command = next;
	}
	if (command->is_elsewhere)
		return command->run(app, command, 1, ask_there);
	help_print(stdout, command->run || command->commands ? command : root);
	return EXIT_DONE;
}

int command_run(struct app *app, const struct command *root, int argc, char **argv)
{
	const struct command *command = root;

	while (command->commands) {
		struct str word = argc ? str_of(argv[0]) : STR("");
		const struct command *next = child(command, word);

		if (asks_for_help(word))
			return help_command(app, command, 0, NULL);
		if (argc == 0) {
			help_print(stderr, command);
			return EXIT_USAGE;
		}
		if (command == root && (str_eq(word, STR("--version")) || str_eq(word, STR("-V"))))
			next = &command_version;
		if (!next)
			return usage_error(command, word);
		command = next;
		argc--;
		argv++;
	}
	if (!command->run)
		return help_command(app, root, argc, argv);
	return command->run(app, command, argc, argv);
}
