/* SPDX-License-Identifier: Apache-2.0 */
/* What all commands share. This is the only reader of the environment besides the commands' own settings;
 * rules for colour: https://no-color.org and isatty. What a reader would get wrong: -q lowers the log to
 * errors but never hides the report itself. */
#include "cmd/app.h"

#include "model/defence.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option_spec app_options[] = {
	{ "data", 0, OPTION_TEXT, offsetof(struct app, data), "DIR",
	  "directory of advisories and scanned layers\n(default $XDG_CACHE_HOME/clair or ~/.cache/clair)" },
	{ "quiet", 'q', OPTION_FLAG, offsetof(struct app, quiet), NULL,
	  "errors only, no warnings, no progress" },
	{ "verbose", 'v', OPTION_COUNT, offsetof(struct app, verbose), NULL,
	  "say more; twice: for debugging" },
	{ "color", 0, OPTION_TEXT, offsetof(struct app, color), "WHEN",
	  "auto, always or never (default auto: a terminal,\nunless NO_COLOR is set)" },
	{ "no-color", 0, OPTION_FLAG, offsetof(struct app, no_color), NULL, "the same as --color never" },
	{ 0 },
};

int app_fail(const struct app *app, const struct err *err)
{
	log_line(&app->log, LOG_ERROR, "%s", err->text);
	return exit_status_of(err->code);
}

int app_usage(const struct command *command, const struct err *err)
{
	static const struct log log;

	log_line(&log, LOG_ERROR, "%s", err->text);
	fprintf(stderr, "usage: %s\nAdd --help for an explanation.\n", command->usage);
	return EXIT_USAGE;
}

static int check_color(struct app *app, struct err *err)
{
	static const char *const words[] = { "auto", "always", "never", NULL };

	if (app->color.n)
		TRY(options_choice("--color", app->color, words, err));
	return 0;
}

static void set_log_level(struct app *app)
{
	app->log.level = LOG_WARNING + (int)(app->verbose > 2 ? 2 : app->verbose);
	if (app->log.level > LOG_DEBUG)
		app->log.level = LOG_DEBUG;
	if (app->quiet)
		app->log.level = LOG_ERROR;
}

int app_parse(struct app *app, const struct command *command, void *settings, int argc, char **argv,
	      int *operands)
{
	const struct option_table tables[] = { { command->options, settings }, { app_options, app }, { 0 } };
	struct err err = { 0 };
	int rc = options_parse(tables, argc, argv, operands, &err);

	if (rc > 0) {
		help_print(stdout, command);
		return EXIT_DONE;
	}
	if (rc == 0)
		rc = check_color(app, &err);
	if (rc < 0)
		return app_usage(command, &err);
	set_log_level(app);
	return -1;
}

int app_data(struct app *app, struct err *err)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (app->data.n)
		return 0;
	if (cache && cache[0] == '/')
		app->data = str_format(&app->task.arena, "%s/clair", cache);
	else if (home && home[0] == '/')
		app->data = str_format(&app->task.arena, "%s/.cache/clair", home);
	else
		return err_set(err, E_CONFIG,
			       "no data directory: neither XDG_CACHE_HOME nor HOME is set; use --data DIR");
	return 0;
}

void app_make_parents(const struct app *app)
{
	autoarena struct arena scratch = { 0 };
	char *path = (char *)str_copy(&scratch, app->data).p;

	for (size_t i = 1; i < app->data.n; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		(void)mkdir(path, 0700);
		path[i] = '/';
	}
}

unsigned app_required_defences(bool is_required)
{
	struct str set = str_of(getenv("CLAIR_REQUIRE_SANDBOX"));

	return is_required || (set.n && !str_eq(set, STR("0"))) ? DEFENCE_REQUIRED : 0;
}

bool app_wants_color(const struct app *app, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (app->no_color || str_eq_nocase(app->color, STR("never")))
		return false;
	if (str_eq_nocase(app->color, STR("always")))
		return true;
	if ((no_color && *no_color) || !term || str_eq(str_of(term), STR("dumb")))
		return false;
	return isatty(fd);
}

/* The first of the three that is set decides, as setlocale(3) has it. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str value = str_of(getenv(names[i]));
		struct str codeset;

		if (value.n == 0)
			continue;
		str_cut(value, '.', &value, &codeset);
		str_cut(codeset, '@', &codeset, &value);
		return str_eq_nocase(codeset, STR("UTF-8")) || str_eq_nocase(codeset, STR("UTF8"));
	}
	return false;
}

bool app_wants_boxes(int fd)
{
	return isatty(fd) && locale_is_utf8();
}

unsigned app_width(int fd)
{
	struct winsize size = { 0 };
	uint64_t columns;

	if (!isatty(fd))
		return 0;
	if (str_u64(str_of(getenv("COLUMNS")), 10000, &columns))
		return (unsigned)columns;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
