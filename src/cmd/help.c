/* SPDX-License-Identifier: Apache-2.0 */
/* --help: made from the same tables that parse the command line, so that it cannot lie about them. The one
 * thing to know: lines of `about` are written short by hand, nothing is wrapped here. */
#include "cmd/app.h"

enum { OPTION_WIDTH = 26, COMMAND_WIDTH = 17 };

/* The lines of text, each behind the same indent; the first one continues a line of `used` columns. */
static void print_block(FILE *to, int used, int indent, const char *text)
{
	struct str rest = str_of(text), line;

	if (used > 0 && used >= indent) {
		fputc('\n', to);
		used = 0;
	}
	while (str_line(&rest, &line)) {
		fprintf(to, "%*s" STR_FMT "\n", line.n ? indent - used : 0, "", STR_ARG(line));
		used = 0;
	}
}

static void print_option(FILE *to, const struct option_spec *spec)
{
	char head[64], letter[8] = "    ";
	int n;

	if (spec->letter)
		snprintf(letter, sizeof(letter), "-%c, ", spec->letter);
	n = snprintf(head, sizeof(head), "  %s--%s%s%s", letter, spec->name, spec->value ? " " : "",
		     spec->value ? spec->value : "");
	fputs(head, to);
	print_block(to, n, OPTION_WIDTH, spec->about);
}

static void print_options(FILE *to, const char *title, const struct option_spec *specs)
{
	if (!specs || !specs->name)
		return;
	fprintf(to, "\n%s:\n", title);
	for (; specs->name; specs++)
		print_option(to, specs);
}

static void print_section(FILE *to, const char *title, const char *text)
{
	if (!text)
		return;
	fprintf(to, "\n%s:\n", title);
	print_block(to, 0, 2, text);
}

static void print_commands(FILE *to, const struct command *const *commands)
{
	fputs("\nCommands:\n", to);
	for (; *commands; commands++)
		fprintf(to, "  %-*s%s\n", COMMAND_WIDTH, (*commands)->name, (*commands)->summary);
}

void help_print(FILE *to, const struct command *command)
{
	static const struct option_spec help[] = {
		{ "help", 'h', OPTION_FLAG, 0, NULL, "print this" },
		{ 0 },
	};

	fprintf(to, "Usage: %s\n\n", command->usage);
	print_block(to, 0, 0, command->about);
	if (command->commands)
		print_commands(to, command->commands);
	print_options(to, "Options", command->options);
	if (!command->commands)
		print_options(to, "Common options", app_options);
	if (!command->commands)
		print_option(to, help);
	print_section(to, "Examples", command->examples);
	print_section(to, "Exit status", command->exit_status);
}
