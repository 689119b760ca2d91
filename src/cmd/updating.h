/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_UPDATING_H
#define CMD_UPDATING_H

#include "cmd/app.h"
#include "cmd/config.h"
#include "cmd/progress.h"
#include "engine/update.h"

#include <stddef.h>

/* What `clair update` and `clair mirror` have in common: which updaters, where from, and telling of them. */
struct updating_settings {
	struct str mirror, debian_archive, only, except, config;
	bool force;
};
/* Rows of an option table; at: offset of a struct updating_settings in the settings of the command. */
#define UPDATING_OPTIONS(at)                                                                                 \
	{ "only",      0,                                                                                    \
	  OPTION_TEXT, (at) + offsetof(struct updating_settings, only),                                      \
	  "NAMES",     "only these, as NAME: separated by commas" },                                         \
		{ "except",    0,                                                                            \
		  OPTION_TEXT, (at) + offsetof(struct updating_settings, except),                            \
		  "NAMES",     "all but these; patterns with * and ? are allowed" },                         \
		{ "mirror",                                                                                  \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  (at) + offsetof(struct updating_settings, mirror),                                         \
		  "BASE",                                                                                    \
		  "take all feeds from below BASE (http, https or file\nURL, or a folder) instead of from "  \
		  "the publishers" },                                                                        \
		{ "debian-archive",                                                                          \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  (at) + offsetof(struct updating_settings, debian_archive),                                 \
		  "URL",                                                                                     \
		  "the Debian archive whose suites are looked up\n(default $CLAIR_DEBIAN_ARCHIVE)" },        \
		{ "config",    'c',                                                                          \
		  OPTION_TEXT, (at) + offsetof(struct updating_settings, config),                            \
		  "FILE",      "do as the section updaters of this configuration of\nthe service says" },    \
	{                                                                                                    \
		"force", 0, OPTION_FLAG, (at) + offsetof(struct updating_settings, force), NULL,             \
			"take again what did not change, or is older than what\nis there"                    \
	}

/* Fills the members of update_options that say which and from where, and the telling. operands are as the
 * names of --only. config: zeros when there is none. E_CONFIG: a name that nothing has. */
int updating_prepare(struct app *app, const struct updating_settings *settings, int operands, char **argv,
		     const struct config_updaters *config, struct update_options *out, struct err *err);

/* Telling: a line for each updater on a terminal or with -v, a progress line when it takes long. Must stay
 * where it is while open. */
struct updating {
	const struct app *app;
	struct progress progress;
	bool each;
	size_t done, count;
	void (*line)(struct str updater, bool changed, const struct update_summary *summary);
};
/* line prints what is said of an updater that did not fail. Sets the callbacks of options. */
void updating_open(struct updating *u, const struct app *app, const char *what,
		   void (*line)(struct str updater, bool changed, const struct update_summary *summary),
		   struct update_options *options);
void updating_close(struct updating *u);
#define autoupdating __attribute__((cleanup(updating_close)))
/* The last line, and the exit status. */
int updating_summarize(const struct app *app, const struct update_totals *totals);

/* As `clair update` does without arguments, for a command that is about something else: nothing is printed,
 * failed updaters are logged. */
int updating_run_all(struct app *app, struct err *err);

/* Is --config (-c) among the arguments? Then the command is clair-server's (app.h, read_config). */
bool updating_has_config(int argc, char **argv);

#endif
