/* SPDX-License-Identifier: Apache-2.0 */
/* `clair scan`: open the image, index its layers, match, print, and say with the exit status what the result
 * is worth. What a reader would get wrong: a report without findings is no success by itself; coverage and
 * age decide that (gate.c). */
#include "cmd/scan_settings.h"

#include "base/time.h"
#include "cmd/filter.h"
#include "cmd/layer_cache.h"
#include "cmd/lister.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/scan_data.h"
#include "engine/index.h"
#include "engine/match.h"
#include "engine/rate.h"
#include "engine/repositories.h"
#include "image/registry.h"

#include <inttypes.h>
#include <unistd.h>

/* One scan: what its steps hand on. */
struct scan {
	struct app *app;
	struct scan_settings settings;
	struct sandbox sandbox;
	struct image image;
	struct advisory_store *advisories; /* NULL for formats that need none */
	bool has_image, lacks_advisories;
	struct progress progress;
	struct index_report index;
	struct vulnerability_report report;
	uint64_t hidden;
	struct gate gate;
};

/* "registry.example:5000,other.example". */
static void list_insecure(struct arena *a, struct str list, struct registry_options *out)
{
	str_list hosts = { 0 };
	struct str host;

	while (list.n) {
		str_cut(list, ',', &host, &list);
		if (str_trim(host).n)
			VEC_PUSH(a, &hosts, str_trim(host));
	}
	out->insecure = hosts.p;
	out->insecure_count = hosts.n;
}

static int open_image(struct scan *s, struct err *err)
{
	struct worker_lister lister;
	struct registry_options registry = { .client = { .ca_file = s->settings.ca_cert } };
	struct image_options options = { .platform = s->settings.platform,
					 .lister = &lister.lister,
					 .registry = &registry };

	list_insecure(&s->app->task.arena, s->settings.insecure, &registry);

	TRY(sandbox_find_worker(&s->app->task.arena, &s->sandbox.worker_path, err));
	s->sandbox.required = app_required_defences(s->settings.require_sandbox);
	worker_lister_open(&lister, &s->sandbox);
	return image_open(&s->app->task, s->settings.target, &options, &s->image, err);
}

/* A date that cannot be answered is refused before anything is read. */
static int check_date(const struct scan *s, struct err *err)
{
	autoadvisories struct advisory_store *then = NULL;

	return s->settings.as_of ? advisories_as_of(s->advisories, s->settings.as_of, &then, err) : 0;
}

/* What is said or asked meanwhile takes the place of our line of progress. */
static int prepare_advisories(struct scan *s, struct err *err)
{
	const struct scan_settings *settings = &s->settings;
	const struct scan_data wish = { settings->data_url, settings->auto_update, settings->as_of != 0 };
	int rc;

	progress_close(&s->progress);
	rc = scan_data_prepare(s->app, &wish, err);
	progress_open(&s->progress, !s->app->quiet, "reading the image");
	s->lacks_advisories = rc == E_NOTFOUND;
	return rc;
}

static int open_advisories(struct scan *s, struct err *err)
{
	struct err ignored = { 0 };
	int rc;

	if (!s->settings.format->needs_matches) { /* only for what repositories stand for */
		(void)advisories_open(s->app->data, STORE_READ, &s->advisories, &ignored);
		return 0;
	}
	if (s->settings.auto_update)
		TRY(prepare_advisories(s, err));
	rc = advisories_open(s->app->data, STORE_READ, &s->advisories, err);
	if (rc == E_NOTFOUND && !s->settings.auto_update) {
		TRY(prepare_advisories(s, err));
		rc = advisories_open(s->app->data, STORE_READ, &s->advisories, err);
	}
	TRY(rc);
	return check_date(s, err);
}

/* Of a directory that is not ours: what we may not read could be what matters. */
static void note_unreadable(struct scan *s)
{
	struct arena *a = &s->app->task.arena;

	if (s->image.unreadable)
		VEC_PUSH(a, &s->index.notes,
			 str_format(a, "%" PRIu64 " files or directories could not be read and are left out",
				    s->image.unreadable));
}

static int index_layers(struct scan *s, struct err *err)
{
	struct app *app = s->app;
	autocache struct layer_cache cache = { 0 };
	struct index_options options = { .sandbox = &s->sandbox,
					 .log = &app->log,
					 .jobs = (unsigned)s->settings.jobs,
					 .refresh = s->settings.refresh,
					 .retry = s->settings.retry,
					 .layer_seconds = (unsigned)s->settings.layer_timeout,
					 .max_inflated_bytes = s->settings.max_layer_size,
					 .progress = progress_layer,
					 .progress_ctx = &s->progress };

	TRY(layer_cache_open(app, &cache, err));
	progress_say(&s->progress, "scanning layers");
	TRY(engine_index(&app->task, cache.store, &s->image, &options, &s->index, err));
	note_unreadable(s);
	layer_cache_trim(app, &cache, s->settings.cache_size);
	return 0;
}

static int match(struct scan *s, struct err *err)
{
	const struct report_format *format = s->settings.format;
	const struct match_options options = { .with_text = format->needs_text,
					       .now = time_now(),
					       .as_of = s->settings.as_of };

	TRY(repositories_expand(&s->app->task, s->advisories, &s->index, err));
	if (!format->needs_matches) {
		s->report.index = &s->index;
		return 0;
	}
	TRY(engine_match(&s->app->task, s->advisories, &s->index, &options, &s->report, err));
	if (format->needs_text)
		TRY(engine_rate(&s->app->task, s->advisories, s->settings.order, &s->report, err));
	if (s->settings.ignore_unfixed)
		s->hidden = filter_unfixed(&s->report);
	if (s->settings.ignored_statuses)
		s->hidden += filter_statuses(&s->report, s->settings.ignored_statuses);
	gate_check(&s->report, &s->settings.gate, &s->gate);
	if (s->settings.severity_set)
		s->hidden += filter_severities(&s->report, s->settings.severity_set);
	engine_rate_trim(&s->app->task, &s->report);
	return 0;
}

static int print(struct scan *s, struct err *err)
{
	const struct scan_settings *settings = &s->settings;
	bool to_stdout = settings->output.n == 0 || str_eq(settings->output, STR("-"));
	autooutput struct output output;
	struct report_options options = {
		.target = settings->target,
		.color = app_wants_color(s->app, to_stdout ? STDOUT_FILENO : -1),
		.boxes = to_stdout && app_wants_boxes(STDOUT_FILENO),
		.width = to_stdout ? app_width(STDOUT_FILENO) : 0,
		.indent = 2,
		.max_data_age = settings->gate.max_data_age,
		.hidden = s->hidden,
	};

	TRY(output_open(&s->app->task.arena, settings->output, &output, err));
	TRY(settings->format->write(&s->app->task, &s->report, &options, &output.to.writer, err));
	return output_commit(&output, err);
}

static void warn_age(const struct scan *s)
{
	const struct feed_state *feed = s->gate.oldest;
	char age[32];

	if (!feed)
		return;
	if (feed->last_success <= 0)
		log_line(&s->app->log, LOG_WARNING,
			 "the advisories of " STR_FMT " were never fetched: run `clair update`",
			 STR_ARG(feed->updater));
	else
		log_line(&s->app->log, LOG_WARNING,
			 "the advisories of " STR_FMT " are %s old: run `clair update`",
			 STR_ARG(feed->updater), time_age(s->report.created_at - feed->last_success, age));
}

static void warn_coverage(const struct scan *s)
{
	const struct gate *gate = &s->gate;
	const struct index_report *index = &s->index;
	const struct distribution *d = index->distribution < 0 ? NULL
							       : &index->distributions.p[index->distribution];
	struct str name = !d ? STR("unknown") : d->pretty_name.n ? d->pretty_name : d->did;

	if (!gate->is_uncovered)
		return;
	if (gate->packages == 0) {
		log_line(&s->app->log, LOG_WARNING, "no packages were found (distribution: " STR_FMT ")",
			 STR_ARG(name));
		return;
	}
	log_line(&s->app->log, LOG_WARNING,
		 "advisories cover %" PRIu64 " of %" PRIu64 " packages (distribution: " STR_FMT ")",
		 gate->matched, gate->packages, STR_ARG(name));
	VEC_EACH (const struct coverage, c, &s->report.coverage)
		if (c->problem.n)
			log_line(&s->app->log, LOG_WARNING, STR_FMT, STR_ARG(c->problem));
}

static void warn_end_of_life(const struct scan *s)
{
	const struct coverage *c = s->gate.eol;
	const struct distribution *d = c ? &s->index.distributions.p[c->distribution] : NULL;
	char day[32];

	if (d)
		log_line(&s->app->log, LOG_WARNING,
			 STR_FMT " has had no support since %.10s: new vulnerabilities may not be listed",
			 STR_ARG(d->pretty_name.n ? d->pretty_name : d->did), time_rfc3339(c->eol_date, day));
}

/* All formats but the table have no or a quiet place for these, and a table may be piped away. */
static void warn(const struct scan *s)
{
	const struct gate *gate = &s->gate;
	const struct log *log = &s->app->log;

	if (s->index.is_incomplete)
		log_line(log, LOG_WARNING, "the result is incomplete: some of the image could not be read");
	VEC_EACH (const struct str, note, &s->index.notes)
		log_line(log, LOG_WARNING, STR_FMT, STR_ARG(*note));
	if (!s->settings.format->needs_matches)
		return;
	warn_coverage(s);
	warn_age(s);
	warn_end_of_life(s);
	if (gate->undecided)
		log_line(log, LOG_WARNING, "%" PRIu64 " findings are undecided", gate->undecided);
	if (s->settings.gate.has_fail_on && s->settings.gate.fail_on > SEVERITY_UNKNOWN && gate->unrated)
		log_line(log, LOG_WARNING,
			 "%" PRIu64 " findings have no severity and do not count for --fail-on",
			 gate->unrated);
}

static int status_of(const struct scan *s)
{
	if (!s->settings.format->needs_matches)
		return s->index.is_incomplete ? EXIT_INCOMPLETE : EXIT_DONE;
	return gate_status(&s->gate, &s->settings.gate);
}

static int read_image(struct scan *s, struct err *err)
{
	TRY(open_image(s, err));
	s->has_image = true; /* from here on nothing is a usage error */
	TRY(open_advisories(s, err));
	return index_layers(s, err);
}

static int run_steps(struct scan *s, struct err *err)
{
	int rc;

	progress_open(&s->progress, !s->app->quiet, "reading the image");
	rc = read_image(s, err);
	progress_close(&s->progress);
	TRY(rc);
	TRY(match(s, err));
	return print(s, err);
}

/* Returns the exit status. */
static int scan(struct scan *s)
{
	struct err err = { 0 };

	if (run_steps(s, &err) < 0) {
		int status = app_fail(s->app, &err);

		if (s->lacks_advisories)
			return EXIT_INCOMPLETE;
		return s->has_image && status == EXIT_USAGE ? EXIT_ERROR : status;
	}
	warn(s);
	return status_of(s);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct scan s = { .app = app };
	int status = scan_settings_parse(app, self, argc, argv, &s.settings);

	if (status >= 0)
		return status;
	status = scan(&s);
	if (s.advisories)
		advisories_close(s.advisories);
	image_close(&s.image);
	return status;
}

const struct command command_scan = {
	.name = "scan",
	.usage = "clair scan [OPTIONS] TARGET",
	.summary = "find known vulnerabilities in an image",
	.about = "Find known vulnerabilities in the packages of a container image.\n"
		 "\n"
		 "TARGET is a file or directory, whose kind is recognised, an image in a registry such as\n"
		 "debian:12 or registry.example/app:1.2, or says what it is:\n"
		 "  oci:DIR[:TAG|@DIGEST]      an OCI image layout\n"
		 "  oci-archive:FILE[:TAG]     the same in a tar file\n"
		 "  docker-archive:FILE[:REF]  what `docker save` wrote\n"
		 "  dir:DIR                    a root file system\n"
		 "  registry:REF               [HOST[:PORT]/]NAME[:TAG][@DIGEST]\n"
		 "\n"
		 "Layers are read by confined worker processes, each layer once: what was found in it is\n"
		 "kept in the data directory. The report says what no advisories cover.\n",
	.examples = "clair scan debian:12\n"
		    "docker save app -o app.tar && clair scan app.tar\n"
		    "clair scan oci:build/image:latest\n"
		    "clair scan --fail-on high --ignore-unfixed app.tar\n"
		    "clair scan --as-of 2026-08-01 app.tar\n"
		    "clair scan --format json -o report.json app.tar\n",
	.exit_status = "0    done\n"
		       "1    error\n"
		       "2    --fail-on was reached, or --exit-on-eol (--exit-code overrides)\n"
		       "3    the result is incomplete, or there are no data to match against\n"
		       "64   wrong usage\n"
		       "130  interrupted\n",
	.options = scan_options,
	.run = run,
};
