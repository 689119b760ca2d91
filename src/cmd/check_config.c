/* SPDX-License-Identifier: Apache-2.0 */
/* `clair check-config`: what the service would make of configuration files. The result of merging is printed
 * as it is, without defaults, as Clair's tool does. What a reader would get wrong: secrets are hidden unless
 * they are asked for, because this output ends up in tickets and logs of pipelines. */
#include "base/json.h"
#include "base/yaml_write.h"
#include "cmd/app.h"
#include "cmd/config_mask.h"
#include "cmd/config_table.h"
#include "cmd/elsewhere.h"
#include "ecosystem/ecosystem.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAMES_MAX = 64 };

struct check_settings {
	struct str out, mode, config;
	bool lint, show_secrets, keys;
};
#define MEMBER(name) offsetof(struct check_settings, name)

static const struct option_spec check_options[] = {
	{ "out", 'o', OPTION_TEXT, MEMBER(out), "FORMAT", "json (default) or yaml" },
	{ "mode", 'm', OPTION_TEXT, MEMBER(mode), "MODE",
	  "check for combo (default), indexer, matcher or\nnotifier" },
	{ "lint", 'l', OPTION_FLAG, MEMBER(lint), NULL, "show warnings, and exit with 3 when there are any" },
	{ "show-secrets", 0, OPTION_FLAG, MEMBER(show_secrets), NULL,
	  "print keys and passwords instead of ***" },
	{ "keys", 0, OPTION_FLAG, MEMBER(keys), NULL, "print all keys there are, with their defaults" },
	{ "config", 'c', OPTION_TEXT, MEMBER(config), "FILE",
	  "what to read when no FILES are given\n(default $CLAIR_CONF, else config.yaml)" },
	{ 0 },
};

/* One run: what was asked for, and what was found. */
struct check {
	struct app *app;
	const struct check_settings *settings;
	enum config_mode mode;
	bool is_yaml, is_one_of_several;
	size_t warnings;
};

/* ---- keys ---- */

static void print_key(const struct config_key *key)
{
	printf("%s\n    %s", key->path, config_type_name(key->type));
	if (key->standard)
		printf(" (default %s)", key->standard);
	if (key->flags & CONFIG_OURS)
		printf("; not in Clair v4");
	if (key->flags & CONFIG_UNUSED)
		printf("; has no effect");
	printf("\n    %s\n", key->about);
}

static int print_keys(void)
{
	for (const struct config_key *k = config_keys; k->path; k++)
		print_key(k);
	return EXIT_DONE;
}

/* ---- one file ---- */

static int print_document(const struct check *c, struct str path, const struct json_value *document,
			  struct err *err)
{
	struct json_value shown = *document;
	struct fd_writer to;
	struct json_writer w;

	if (!c->settings->show_secrets)
		shown = config_mask(&c->app->task.arena, document);
	fd_writer_open(&to, STDOUT_FILENO);
	if (c->is_one_of_several)
		TRY(writer_format(&to.writer, err, "# " STR_FMT "\n", STR_ARG(path)));
	if (c->is_yaml) {
		TRY(yaml_write(&to.writer, &shown, err));
		return fd_writer_flush(&to, err);
	}
	json_writer_open(&w, &to.writer, JSON_TABS, err);
	json_tree_write(&w, &shown);
	TRY(json_writer_end(&w));
	TRY(writer_str(&to.writer, STR("\n"), err));
	return fd_writer_flush(&to, err);
}

/* Names of updater sets and matchers that nothing knows: at a start they are told, here they are an error. */
static int check_names(const struct check *c, const struct config *config, struct str path, struct err *err)
{
	const char *sets[NAMES_MAX + 1] = { 0 }, *matchers[NAMES_MAX + 1] = { 0 };
	size_t set_count = 0, matcher_count = 0;
	config_names unknown = { 0 };

	for (const struct ecosystem *const *e = ecosystems; *e; e++) {
		if ((*e)->updaters && set_count < NAMES_MAX)
			sets[set_count++] = (*e)->updaters->name;
		if ((*e)->matcher && matcher_count < NAMES_MAX)
			matchers[matcher_count++] = (*e)->matcher->name;
	}
	config_unknown_names(&c->app->task.arena, config, sets, matchers, &unknown);
	if (unknown.n)
		return err_set(err, E_CONFIG, STR_FMT ": there is no updater set or matcher '" STR_FMT "'",
			       STR_ARG(path), STR_ARG(unknown.p[0]));
	return 0;
}

static void tell(struct check *c, struct str path, const config_lints *lints, const config_names *notes)
{
	for (size_t i = 0; i < lints->n; i++)
		fprintf(stderr, STR_FMT ": warning: " STR_FMT "\n", STR_ARG(path), STR_ARG(lints->p[i]));
	for (size_t i = 0; i < notes->n; i++)
		fprintf(stderr, STR_FMT ": note: " STR_FMT "\n", STR_ARG(path), STR_ARG(notes->p[i]));
	c->warnings += lints->n;
}

static int check_file(struct check *c, struct str path, struct err *err)
{
	struct arena *a = &c->app->task.arena;
	struct json_value document;
	struct config config;
	config_lints lints = { 0 };

	TRY(config_merge(a, path, &document, err));
	TRY(config_decode(a, &document, path, c->mode, &config, &lints, err));
	TRY(check_names(c, &config, path, err));
	TRY(print_document(c, path, &document, err));
	if (c->settings->lint)
		tell(c, path, &lints, &config.notes);
	return 0;
}

/* ---- the command ---- */

static int parse_words(struct check *c, struct err *err)
{
	static const char *const formats[] = { "json", "yaml", NULL };

	if (c->settings->mode.n)
		TRY(config_mode_parse(c->settings->mode, &c->mode, err));
	if (c->settings->out.n) {
		int format = options_choice("format", c->settings->out, formats, err);

		TRY(format);
		c->is_yaml = format == 1;
	}
	return 0;
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct check_settings settings = { 0 };
	struct check c = { .app = app, .settings = &settings, .mode = MODE_COMBO };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);
	char *conf = getenv("CLAIR_CONF"), *otherwise = conf && *conf ? conf : (char *)"config.yaml";

	if (status >= 0)
		return status;
	if (parse_words(&c, &err) < 0)
		return app_usage(self, &err);
	if (settings.keys)
		return print_keys();
	if (settings.config.n)
		otherwise = (char *)str_copy(&app->task.arena, settings.config).p;
	c.is_one_of_several = operands > 1;
	status = EXIT_DONE;
	for (int i = 0; i < (operands ? operands : 1); i++) {
		if (check_file(&c, str_of(operands ? argv[i] : otherwise), &err) == 0)
			continue;
		(void)app_fail(app, &err);
		status = EXIT_ERROR;
	}
	return status == EXIT_DONE && c.warnings ? EXIT_INCOMPLETE : status;
}

const struct command command_check_config = {
	.name = "check-config",
	.usage = "clair check-config [OPTIONS] [FILES]",
	.summary = SUMMARY_CHECK_CONFIG,
	.about = "Read each of FILES with the drop-ins in FILE.d/ as the service would, say what is\n"
		 "wrong, and print the merged configuration, without defaults. Keys and passwords are\n"
		 "shown as ***.\n",
	.examples = "clair check-config /etc/clair/config.yaml\n"
		    "clair check-config --lint --mode indexer config.yaml\n"
		    "clair check-config --keys | less\n",
	.exit_status = "0 done, 1 a configuration cannot be used, 3 --lint found something,\n"
		       "64 wrong usage\n",
	.options = check_options,
	.run = run,
};
