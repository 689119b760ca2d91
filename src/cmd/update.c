/* SPDX-License-Identifier: Apache-2.0 */
/* `clair update`: fetch what publishers changed. One line per updater on a terminal, a summary always. What a
 * reader would get wrong: reading a configuration is clair-server's, as it would make this program slow to
 * start, so an update with --config becomes that program. */
#include "base/time.h"
#include "cmd/data.h"
#include "cmd/elsewhere.h"
#include "cmd/updating.h"

#include <inttypes.h>
#include <stddef.h>

struct update_settings {
	struct updating_settings common;
	int64_t history;
	bool require_sandbox;
};

static const struct option_spec update_specs[] = {
	UPDATING_OPTIONS(offsetof(struct update_settings, common)),
	{ "history", 0, OPTION_DURATION, offsetof(struct update_settings, history), "DURATION",
	  "keep what was valid so long ago, for `clair scan\n--as-of` (default 90d)" },
	{ "require-sandbox", 0, OPTION_FLAG, offsetof(struct update_settings, require_sandbox), NULL,
	  "refuse to parse feeds where the kernel cannot\nconfine the worker\n(default "
	  "$CLAIR_REQUIRE_SANDBOX)" },
	{ 0 },
};

/* Is it an enricher's? Those have the names of their sets. */
static bool enriches(struct str updater)
{
	for (const struct ecosystem *const *e = ecosystems; *e; e++)
		if ((*e)->updaters && str_eq(updater, str_of((*e)->updaters->name)))
			return feed_format_enriches((*e)->updaters->format);
	return false;
}

static void line(struct str updater, bool changed, const struct update_summary *summary)
{
	if (changed && summary)
		printf("%-44.*s %8" PRIu64 " %s, %" PRIu64 " new, %" PRIu64 " ended\n", STR_ARG(updater),
		       summary->valid, enriches(updater) ? "enrichments" : "advisories", summary->added,
		       summary->ended);
	else
		printf("%-44.*s unchanged\n", STR_ARG(updater));
}

static int update(struct app *app, struct advisory_store *store, const struct config *config,
		  const struct update_options *options, struct update_totals *totals, struct err *err)
{
	const struct config_updaters *u = &config->updaters;
	struct sandbox sandbox = { .required = app_required_defences(config->require_sandbox) };
	autoupdating struct updating telling = { 0 };
	struct update_options all = *options;

	if (u->has_sets && u->sets.n == 0)
		return 0;
	TRY(sandbox_find_worker(&app->task.arena, &sandbox.worker_path, err));
	all.sandbox = &sandbox;
	updating_open(&telling, app, "updating", line, &all);
	return engine_update(&app->task, store, u->sets.p, u->sets.n, &all, totals, err);
}

/* What ended before is of no use any more. Not at each run, as it costs a second for a million advisories:
 * only when an eighth more than that is there. */
static int forget(struct advisory_store *store, int64_t history, struct err *err)
{
	int64_t before = time_now() - history, earliest = 0;
	uint64_t dropped;
	int found = advisories_history(store, 0, &earliest, err);

	TRY(found);
	return found && earliest < before - history / 8 ? advisories_collect(store, before, &dropped, err)
							: 0;
}

static int update_as(struct app *app, const struct command *self, int argc, char **argv)
{
	autoadvisories struct advisory_store *store = NULL;
	struct update_settings settings = { .history = DATA_HISTORY };
	struct update_options options;
	struct update_totals totals = { 0 };
	struct config config = { 0 };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (settings.common.config.n && app->read_config(app, settings.common.config, &config, &err) < 0)
		return app_fail(app, &err);
	if (updating_prepare(app, &settings.common, operands, argv, &config.updaters, &options, &err) < 0 ||
	    app_data(app, &err) < 0)
		return app_usage(self, &err);
	config.require_sandbox = config.require_sandbox || settings.require_sandbox;
	app_make_parents(app);
	if (advisories_open(app->data, STORE_WRITE, &store, &err) < 0) {
		(void)app_fail(app, &err);
		return EXIT_ERROR;
	}
	if (update(app, store, &config, &options, &totals, &err) < 0 ||
	    forget(store, settings.history, &err) < 0)
		return app_fail(app, &err);
	return updating_summarize(app, &totals);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	if (!app->read_config && updating_has_config(argc, argv))
		return elsewhere_run(app, self, argc, argv);
	return update_as(app, self, argc, argv);
}

const struct command command_update = {
	.name = "update",
	.usage = "clair update [OPTIONS] [NAME...]",
	.summary = "fetch advisories from their publishers",
	.about = "Fetch what changed since the last time. NAME is a publisher, such as alpine or debian,\n"
		 "or clair.cvss (ratings), clair.epss (exploit predictions), clair.kev (known\n"
		 "exploitation), or one updater of a publisher, such as debian/updater, or a pattern of\n"
		 "such: 'alpine-main-*'. Without one, all are updated but clair.epss and clair.kev. A\n"
		 "publisher that cannot be reached does not stop the others: its last data stay in\n"
		 "force, and every report says how old they are.\n",
	.examples = "clair update\n"
		    "clair update alpine\n"
		    "clair update clair.epss clair.kev\n"
		    "clair update --except 'oracle*,clair.cvss'\n"
		    "clair update --mirror https://mirror.example/feeds\n",
	.exit_status = "0    done\n"
		       "1    error, or an updater failed (the others are done)\n"
		       "64   wrong usage\n"
		       "130  interrupted\n",
	.options = update_specs,
	.run = run,
};
