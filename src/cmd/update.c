/* SPDX-License-Identifier: Apache-2.0 */
/* `clair update`: fetch what publishers changed. One line per updater on a terminal, a summary always. What a
 * reader would get wrong: a failed updater is no reason to stop; its old data stay, the others go on, and the
 * exit status tells. */
#include "cmd/app.h"
#include "cmd/progress.h"
#include "engine/update.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

enum { UPDATERS_MAX = 64 };

struct update_settings {
	struct str mirror, debian_archive;
	bool force, require_sandbox;
};
#define MEMBER(name) offsetof(struct update_settings, name)

static const struct option_spec update_specs[] = {
	{ "mirror", 0, OPTION_TEXT, MEMBER(mirror), "BASE",
	  "take all feeds from below BASE (http, https or file\nURL, or a folder) instead of from the "
	  "publishers" },
	{ "debian-archive", 0, OPTION_TEXT, MEMBER(debian_archive), "URL",
	  "the Debian archive whose suites are looked up\n(default $CLAIR_DEBIAN_ARCHIVE)" },
	{ "require-sandbox", 0, OPTION_FLAG, MEMBER(require_sandbox), NULL,
	  "refuse to parse feeds where the kernel cannot\nconfine the worker\n(default "
	  "$CLAIR_REQUIRE_SANDBOX)" },
	{ "force", 0, OPTION_FLAG, MEMBER(force), NULL, "parse again what did not change" },
	{ 0 },
};

/* What the callback needs. */
struct telling {
	const struct app *app;
	struct progress *progress;
	bool each; /* a line per updater */
	size_t done;
};

/* Is it an enricher's? Those have the names of their sets. */
static bool enriches(struct str updater)
{
	for (const struct ecosystem *const *e = ecosystems; *e; e++)
		if ((*e)->updaters && str_eq(updater, str_of((*e)->updaters->name)))
			return feed_format_enriches((*e)->updaters->format);
	return false;
}

static void tell(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
		 struct str error)
{
	struct telling *t = ctx;

	progress_set(t->progress, ++t->done, 0);
	progress_erase(t->progress);
	if (error.n) {
		log_line(&t->app->log, LOG_WARNING, STR_FMT ": " STR_FMT, STR_ARG(updater), STR_ARG(error));
		return;
	}
	if (!t->each)
		return;
	if (changed && summary)
		printf("%-36.*s %8" PRIu64 " %s, %" PRIu64 " new, %" PRIu64 " ended\n", STR_ARG(updater),
		       summary->valid, enriches(updater) ? "enrichments" : "advisories", summary->added,
		       summary->ended);
	else
		printf("%-36.*s unchanged\n", STR_ARG(updater));
	fflush(stdout);
}

static int check_names(int n, char **argv, struct err *err)
{
	const char *names[UPDATERS_MAX + 1] = { 0 };
	size_t known = 0;

	for (const struct ecosystem *const *e = ecosystems; *e && known < UPDATERS_MAX; e++)
		if ((*e)->updaters)
			names[known++] = (*e)->updaters->name;
	for (int i = 0; i < n; i++)
		TRY(options_choice("updater", str_of(argv[i]), names, err));
	return 0;
}

static int update(struct app *app, struct advisory_store *store, const struct update_settings *settings,
		  const struct str *names, size_t n, struct update_totals *totals, struct err *err)
{
	autoprogress struct progress progress = { 0 };
	struct telling telling = { app, &progress, !app->quiet && (app->verbose || isatty(STDOUT_FILENO)),
				   0 };
	struct sandbox sandbox = { .required = app_required_defences(settings->require_sandbox) };
	const struct update_options options = { .sandbox = &sandbox,
						.mirror = settings->mirror,
						.debian_archive = settings->debian_archive,
						.log = &app->log,
						.force = settings->force,
						.progress = tell,
						.progress_ctx = &telling };

	TRY(sandbox_find_worker(&app->task.arena, &sandbox.worker_path, err));
	progress_open(&progress, !app->quiet, "updating");
	return engine_update(&app->task, store, names, n, &options, totals, err);
}

static int summarize(const struct app *app, const struct update_totals *t)
{
	if (!app->quiet)
		printf("%u updater%s: %u changed, %u unchanged, %u failed%s\n", t->updaters,
		       t->updaters == 1 ? "" : "s", t->changed,
		       t->updaters - t->changed - t->failed - t->busy, t->failed,
		       t->busy ? ", others are being updated by another process" : "");
	if (t->failed)
		return EXIT_ERROR;
	return EXIT_DONE;
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct update_settings settings = { .debian_archive = str_of(getenv("CLAIR_DEBIAN_ARCHIVE")) };
	autoadvisories struct advisory_store *store = NULL;
	struct update_totals totals = { 0 };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);
	struct str *names;

	if (status >= 0)
		return status;
	if (check_names(operands, argv, &err) < 0 || app_data(app, &err) < 0)
		return app_usage(self, &err);
	names = ARENA_ARRAY(&app->task.arena, struct str, (size_t)operands);
	for (int i = 0; i < operands; i++)
		names[i] = str_of(argv[i]);
	app_make_parents(app);
	if (advisories_open(app->data, STORE_WRITE, &store, &err) < 0) {
		(void)app_fail(app, &err);
		return EXIT_ERROR;
	}
	if (update(app, store, &settings, names, (size_t)operands, &totals, &err) < 0)
		return app_fail(app, &err);
	return summarize(app, &totals);
}

const struct command command_update = {
	.name = "update",
	.usage = "clair update [OPTIONS] [NAME...]",
	.summary = "fetch advisories from their publishers",
	.about = "Fetch what changed since the last time. NAME is a publisher, such as alpine or debian,\n"
		 "or clair.cvss (ratings), clair.epss (exploit predictions), clair.kev (known\n"
		 "exploitation); without one, all are updated but the last two. A publisher that\n"
		 "cannot be reached does not stop the others: its last data stay in force, and every\n"
		 "report says how old they are.\n",
	.examples = "clair update\n"
		    "clair update alpine\n"
		    "clair update clair.epss clair.kev\n"
		    "clair update --mirror https://mirror.example/feeds\n",
	.exit_status = "0    done\n"
		       "1    error, or an updater failed (the others are done)\n"
		       "64   wrong usage\n"
		       "130  interrupted\n",
	.options = update_specs,
	.run = run,
};
