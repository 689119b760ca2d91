/* SPDX-License-Identifier: Apache-2.0 */
/* What updating and mirroring have in common at the command line. What a reader would get wrong: a failed
 * updater is no reason to stop; its old data stay, the others go on, and the exit status tells. */
#include "cmd/updating.h"

#include "store/advisories.h"

#include <stdlib.h>
#include <unistd.h>

static void add_names(struct arena *a, str_list *out, struct str text)
{
	struct str name;

	while (text.n) {
		str_cut(text, ',', &name, &text);
		name = str_trim(name);
		if (name.n)
			VEC_PUSH(a, out, str_copy(a, name));
	}
}

static struct str first_of(struct str a, struct str b, struct str c)
{
	return a.n ? a : b.n ? b : c;
}

int updating_prepare(struct app *app, const struct updating_settings *settings, int operands, char **argv,
		     const struct config_updaters *config, struct update_options *out, struct err *err)
{
	str_list only = { 0 }, except = { 0 };
	struct arena *a = &app->task.arena;

	for (int i = 0; i < operands; i++)
		add_names(a, &only, str_of(argv[i]));
	add_names(a, &only, settings->only);
	add_names(a, &except, settings->except);
	TRY(update_names_check(only.p, only.n, err));
	TRY(update_names_check(except.p, except.n, err));
	*out = (struct update_options){
		.mirror = first_of(settings->mirror, config->mirror, (struct str){ NULL, 0 }),
		.debian_archive = first_of(settings->debian_archive, config->debian_archive,
					   str_of(getenv("CLAIR_DEBIAN_ARCHIVE"))),
		.filter = config->filter,
		.config = config->config.type == JSON_OBJECT ? &config->config : NULL,
		.only = only.p,
		.only_count = only.n,
		.except = except.p,
		.except_count = except.n,
		.force = settings->force,
		.log = &app->log,
	};
	return 0;
}

/* ---- telling ---- */

static void tell(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
		 struct str error)
{
	struct updating *u = ctx;

	progress_set(&u->progress, ++u->done, u->count);
	progress_erase(&u->progress);
	if (error.n) {
		log_line(&u->app->log, LOG_WARNING, STR_FMT ": " STR_FMT, STR_ARG(updater), STR_ARG(error));
		return;
	}
	if (!u->each)
		return;
	u->line(updater, changed, summary);
	fflush(stdout);
}

/* Sets that could not be asked count as done before. */
static void count(void *ctx, size_t updaters)
{
	struct updating *u = ctx;

	u->count = u->done + updaters;
	progress_set(&u->progress, u->done, u->count);
}

static void transfer(void *ctx, uint64_t bytes)
{
	progress_bytes(&((struct updating *)ctx)->progress, bytes);
}

void updating_open(struct updating *u, const struct app *app, const char *what,
		   void (*line)(struct str updater, bool changed, const struct update_summary *summary),
		   struct update_options *options)
{
	*u = (struct updating){ .app = app, .line = line };
	u->each = !app->quiet && (app->verbose || isatty(STDOUT_FILENO));
	options->progress = tell;
	options->counted = count;
	options->transferred = transfer;
	options->progress_ctx = u;
	progress_open(&u->progress, !app->quiet, what);
}

void updating_close(struct updating *u)
{
	progress_close(&u->progress);
}

int updating_summarize(const struct app *app, const struct update_totals *t)
{
	if (!app->quiet)
		printf("%u updater%s: %u changed, %u unchanged, %u failed%s\n", t->updaters,
		       t->updaters == 1 ? "" : "s", t->changed,
		       t->updaters - t->changed - t->failed - t->busy, t->failed,
		       t->busy ? ", others are being updated by another process" : "");
	return t->failed ? EXIT_ERROR : EXIT_DONE;
}

int updating_run_all(struct app *app, struct err *err)
{
	autoadvisories struct advisory_store *store = NULL;
	const struct updating_settings settings = { 0 };
	const struct config_updaters config = { 0 };
	struct sandbox sandbox = { .required = app_required_defences(false) };
	autoupdating struct updating telling = { 0 };
	struct update_options options;
	struct update_totals totals = { 0 };

	TRY(updating_prepare(app, &settings, 0, NULL, &config, &options, err));
	app_make_parents(app);
	TRY(advisories_open(app->data, STORE_WRITE, &store, err));
	TRY(sandbox_find_worker(&app->task.arena, &sandbox.worker_path, err));
	options.sandbox = &sandbox;
	updating_open(&telling, app, "updating", NULL, &options);
	telling.each = false;
	return engine_update(&app->task, store, NULL, 0, &options, &totals, err);
}

bool updating_has_config(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		struct str arg = str_of(argv[i]);

		if (str_eq(arg, STR("--")))
			return false;
		if (str_eq(arg, STR("--config")) || str_starts(arg, STR("--config=")) ||
		    str_starts(arg, STR("-c")))
			return true;
	}
	return false;
}
