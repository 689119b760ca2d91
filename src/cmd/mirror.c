/* SPDX-License-Identifier: Apache-2.0 */
/* `clair mirror`: the feeds as their publishers have them, in a folder that `clair update --mirror` takes, as
 * it is or behind any web server. What a reader would get wrong: no advisories are stored, yet each document
 * is parsed, so that one that is broken does not replace one that is not. */
#include "engine/mirror.h"

#include "cmd/elsewhere.h"
#include "cmd/updating.h"

#include <inttypes.h>

struct mirror_settings {
	struct updating_settings common;
	bool prune, require_sandbox;
};

static const struct option_spec mirror_specs[] = {
	UPDATING_OPTIONS(offsetof(struct mirror_settings, common)),
	{ "prune", 0, OPTION_FLAG, offsetof(struct mirror_settings, prune), NULL,
	  "remove what publishers have no more" },
	{ "require-sandbox", 0, OPTION_FLAG, offsetof(struct mirror_settings, require_sandbox), NULL,
	  "refuse to parse feeds where the kernel cannot\nconfine the worker\n(default "
	  "$CLAIR_REQUIRE_SANDBOX)" },
	{ 0 },
};

static void line(struct str updater, bool changed, const struct update_summary *summary)
{
	(void)summary;
	printf("%-36.*s %s\n", STR_ARG(updater), changed ? "changed" : "unchanged");
}

static int mirror(struct app *app, const struct config *config, struct mirror_options *options,
		  struct update_totals *totals, uint64_t *pruned, struct err *err)
{
	const struct config_updaters *u = &config->updaters;
	struct sandbox sandbox = { .required = app_required_defences(config->require_sandbox) };
	autoupdating struct updating telling = { 0 };

	if (u->has_sets && u->sets.n == 0)
		return 0;
	TRY(sandbox_find_worker(&app->task.arena, &sandbox.worker_path, err));
	options->update.sandbox = &sandbox;
	updating_open(&telling, app, "mirroring", line, &options->update);
	return engine_mirror(&app->task, options, u->sets.p, u->sets.n, totals, pruned, err);
}

static int mirror_as(struct app *app, const struct command *self, int argc, char **argv)
{
	struct mirror_settings settings = { 0 };
	struct mirror_options options = { 0 };
	struct update_totals totals = { 0 };
	struct config config = { 0 };
	struct err err = { 0 };
	uint64_t pruned = 0;
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands == 0) {
		err_set(&err, E_CONFIG, "no DIR: where should the mirror be?");
		return app_usage(self, &err);
	}
	if (settings.common.config.n && app->read_config(app, settings.common.config, &config, &err) < 0)
		return app_fail(app, &err);
	config.require_sandbox = config.require_sandbox || settings.require_sandbox;
	if (updating_prepare(app, &settings.common, operands - 1, argv + 1, &config.updaters, &options.update,
			     &err) < 0)
		return app_usage(self, &err);
	options.dir = str_of(argv[0]);
	options.prune = settings.prune;
	if (mirror(app, &config, &options, &totals, &pruned, &err) < 0)
		return app_fail(app, &err);
	if (pruned && !app->quiet)
		printf("%" PRIu64 " files removed\n", pruned);
	return updating_summarize(app, &totals);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	if (!app->read_config && updating_has_config(argc, argv))
		return elsewhere_run(app, self, argc, argv);
	return mirror_as(app, self, argc, argv);
}

const struct command command_mirror = {
	.name = "mirror",
	.usage = "clair mirror [OPTIONS] DIR [NAME...]",
	.summary = "keep the publishers' feeds in a folder, for machines without internet",
	.about = "Fetch what changed of the feeds, as published, into DIR, for `clair update --mirror`: of\n"
		 "the folder itself, or of its address behind any web server. NAME is as with `clair\n"
		 "update`. Files are replaced whole or not at all, and only by what can be read. What\n"
		 "publishers remove stays, unless --prune is given.\n",
	.examples = "clair mirror /srv/feeds\n"
		    "clair mirror /srv/feeds debian 'ubuntu/updater/*' clair.cvss\n"
		    "clair mirror --except rhel-vex --prune /srv/feeds\n",
	.exit_status = "0    done\n"
		       "1    error, or an updater failed (the others are done)\n"
		       "64   wrong usage\n"
		       "130  interrupted\n",
	.options = mirror_specs,
	.run = run,
};
