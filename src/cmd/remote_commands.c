/* SPDX-License-Identifier: Apache-2.0 */
/* `clair report`, `index`, `manifest` and `delete`: commands about images in registries that ask a service.
 * Several images are worked on at once, and told of in the order of the command line. What a reader would get
 * wrong: an image that cannot be indexed ends the run before anything is printed, unless --keep-going. */
#include "base/cursor.h"
#include "cmd/elsewhere.h"
#include "cmd/filter.h"
#include "cmd/output.h"
#include "cmd/remote_report.h"

#include "report/clair_manifest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { AT_ONCE = 8, EXIT_REPORT_MISSING = 2 };

#define HOST                                                                                                 \
	{                                                                                                    \
		"host", 0, OPTION_TEXT, REMOTE_MEMBER(host), "URL",                                          \
			"the service (default $CLAIR_API, else\nhttp://localhost:6060/)"                     \
	}
#define CONFIG                                                                                               \
	{ "config",                                                                                          \
	  'c',                                                                                               \
	  OPTION_TEXT,                                                                                       \
	  REMOTE_MEMBER(config),                                                                             \
	  "FILE",                                                                                            \
	  "the service's configuration: requests are signed with\nits key (default $CLAIR_CONF, else "       \
	  "config.yaml if there)" },                                                                         \
	{                                                                                                    \
		"issuer", 0, OPTION_TEXT, REMOTE_MEMBER(issuer), "NAME",                                     \
			"issuer of signed requests (default clairctl)"                                       \
	}
#define REGISTRY                                                                                             \
	{ "platform",  0,                                                                                    \
	  OPTION_TEXT, REMOTE_MEMBER(platform),                                                              \
	  "OS/ARCH",   "of an image with several (default linux/amd64)" },                                   \
		{ "insecure",                                                                                \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  REMOTE_MEMBER(insecure),                                                                   \
		  "HOSTS",                                                                                   \
		  "registries, by comma, that may be asked without TLS\nor with a certificate that cannot "  \
		  "be verified" },                                                                           \
	{                                                                                                    \
		"ca-cert", 0, OPTION_TEXT, REMOTE_MEMBER(ca_cert), "FILE",                                   \
			"certificates to trust besides the system's (PEM)"                                   \
	}
#define KEEP_GOING                                                                                           \
	{                                                                                                    \
		"keep-going", 'k', OPTION_FLAG, REMOTE_MEMBER(keep_going), NULL,                             \
			"go on when an image cannot be indexed"                                              \
	}
#define NOVEL                                                                                                \
	{                                                                                                    \
		"novel", 0, OPTION_FLAG, REMOTE_MEMBER(novel), NULL,                                         \
			"post only images that the service does not know"                                    \
	}

static const struct option_spec report_specs[] = {
	HOST,
	{ "out", 'o', OPTION_TEXT, REMOTE_MEMBER(out), "FORMAT", "text (default), json or xml (JUnit)" },
	KEEP_GOING,
	NOVEL,
	{ "fail-on", 0, OPTION_TEXT, REMOTE_MEMBER(fail_on), "SEVERITY",
	  "exit with 2 when a vulnerability is as severe as that" },
	CONFIG,
	REGISTRY,
	{ 0 },
};
static const struct option_spec index_specs[] = { HOST, KEEP_GOING, NOVEL, CONFIG, REGISTRY, { 0 } };
static const struct option_spec manifest_specs[] = { REGISTRY, { 0 } };
static const struct option_spec delete_specs[] = { HOST, CONFIG, { 0 } };

/* ---- images, several at once ---- */

struct run {
	const struct remote_service *service;
	struct remote_result *results;
	size_t n;
	bool with_report, novel;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct run *r = arg;
	size_t i;

	while ((i = atomic_fetch_add(&r->next, 1)) < r->n)
		remote_report(r->service, r->with_report, r->novel, &r->results[i]);
	return NULL;
}

static void ask_all(struct run *r)
{
	pthread_t threads[AT_ONCE];
	size_t started = 0;

	atomic_init(&r->next, 0);
	while (started + 1 < r->n && started + 1 < AT_ONCE &&
	       pthread_create(&threads[started], NULL, work, r) == 0)
		started++;
	work(r);
	while (started)
		pthread_join(threads[--started], NULL);
}

/* Parse, configure, and have operands. -1 to go on, or the exit status. */
static int begin(struct app *app, const struct command *self, int argc, char **argv,
		 struct remote_settings *settings, struct remote_service *service, int *operands)
{
	struct err err = { 0 };
	int status = app_parse(app, self, settings, argc, argv, operands);

	if (status >= 0)
		return status;
	if (*operands == 0) {
		err_set(&err, E_CONFIG, "%s: which image?", self->name);
		return app_usage(self, &err);
	}
	if (remote_configure(app, settings, service, &err) < 0)
		return app_fail(app, &err);
	return -1;
}

static void run_images(struct app *app, const struct remote_settings *settings,
		       const struct remote_service *service, bool with_report, int n, char **argv,
		       struct run *r)
{
	*r = (struct run){ .service = service,
			   .results = ARENA_ARRAY(&app->task.arena, struct remote_result, (size_t)n),
			   .n = (size_t)n,
			   .with_report = with_report,
			   .novel = settings->novel };
	for (int i = 0; i < n; i++) {
		r->results[i].reference = str_of(argv[i]);
		r->results[i].task.canceled = app->task.canceled;
	}
	ask_all(r);
}

static void end(struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		task_close(&r->results[i].task);
}

/* 0, or EXIT_ERROR when the run ends here: an image failed and nothing says to go on. */
static int check_indexed(const struct app *app, const struct run *r, bool keep_going)
{
	int status = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct remote_result *image = &r->results[i];

		if (!image->error.code)
			continue;
		log_line(&app->log, LOG_ERROR, STR_FMT ": %s", STR_ARG(image->reference), image->error.text);
		if (image->is_index_error && !(keep_going && r->n > 1))
			status = EXIT_ERROR;
	}
	return status;
}

/* ---- report ---- */

static int print_report(struct app *app, const struct run *r, const struct remote_format *format,
			struct err *err)
{
	autooutput struct output output;

	TRY(output_open(&app->task.arena, (struct str){ 0 }, &output, err));
	TRY(format->write(&app->task, r->results, r->n, &output.to.writer, err));
	return output_commit(&output, err);
}

static int gate(struct app *app, const struct run *r, struct str fail_on, bool *reached, struct err *err)
{
	enum severity least;

	*reached = false;
	if (!fail_on.n)
		return 0;
	TRY(filter_severity("--fail-on", fail_on, &least, err));
	for (size_t i = 0; i < r->n; i++) {
		remote_findings findings = { 0 };

		if (r->results[i].report.n)
			TRY(remote_findings_list(&app->task, r->results[i].report, &findings, err));
		VEC_EACH (struct remote_finding, f, &findings)
			if (f->severity >= least)
				*reached = true;
	}
	return 0;
}

static int report_status(struct app *app, const struct run *r, const struct remote_settings *settings,
			 const struct remote_format *format)
{
	int status = check_indexed(app, r, settings->keep_going);
	struct err err = { 0 };
	bool reached;

	if (status)
		return status;
	if (print_report(app, r, format, &err) < 0 || gate(app, r, settings->fail_on, &reached, &err) < 0)
		return app_fail(app, &err);
	for (size_t i = 0; i < r->n; i++)
		if (r->results[i].error.code)
			return EXIT_REPORT_MISSING;
	return reached ? EXIT_GATE : EXIT_DONE;
}

/* Which output; what cannot be meant is told before anything is asked. */
static int report_choices(const struct remote_settings *settings, int *format, struct err *err)
{
	static const char *const names[] = { "text", "json", "xml", NULL };
	enum severity ignored;

	if (settings->out.n) {
		*format = options_choice("--out", settings->out, names, err);
		TRY(*format);
	}
	return settings->fail_on.n ? filter_severity("--fail-on", settings->fail_on, &ignored, err) : 0;
}

static int run_report(struct app *app, const struct command *self, int argc, char **argv)
{
	struct remote_settings settings = { 0 };
	struct remote_service service;
	struct err err = { 0 };
	struct run r;
	int operands = 0, format = 0, status;

	status = begin(app, self, argc, argv, &settings, &service, &operands);
	if (status >= 0)
		return status;
	if (report_choices(&settings, &format, &err) < 0)
		return app_usage(self, &err);
	run_images(app, &settings, &service, true, operands, argv, &r);
	status = report_status(app, &r, &settings, &remote_formats[format]);
	end(&r);
	return status;
}

/* ---- index ---- */

static int run_index(struct app *app, const struct command *self, int argc, char **argv)
{
	struct remote_settings settings = { 0 };
	struct remote_service service;
	struct run r;
	int operands = 0, status;

	status = begin(app, self, argc, argv, &settings, &service, &operands);
	if (status >= 0)
		return status;
	run_images(app, &settings, &service, false, operands, argv, &r);
	status = EXIT_DONE;
	for (size_t i = 0; i < r.n; i++) {
		const struct remote_result *image = &r.results[i];

		if (image->error.code)
			status = EXIT_ERROR;
		else if (!app->quiet)
			printf(STR_FMT " " STR_FMT "\n", STR_ARG(image->digest), STR_ARG(image->reference));
	}
	check_indexed(app, &r, true);
	end(&r);
	return status;
}

/* ---- manifest ---- */

static int print_manifest(struct app *app, const struct remote_service *service, struct str reference,
			  struct err *err)
{
	struct manifest manifest = { 0 };
	struct fd_writer to;
	struct json_writer w;

	TRY(registry_manifest(&app->task, reference, &service->registry, &manifest, err));
	fd_writer_open(&to, 1);
	json_writer_open(&w, &to.writer, 0, err);
	clair_manifest_write(&w, &manifest);
	TRY(json_writer_end(&w));
	return fd_writer_flush(&to, err);
}

static int run_manifest(struct app *app, const struct command *self, int argc, char **argv)
{
	struct remote_settings settings = { .host = STR("http://localhost:6060") };
	struct remote_service service;
	struct err err = { 0 };
	int operands = 0, status;

	status = begin(app, self, argc, argv, &settings, &service, &operands);
	if (status >= 0)
		return status;
	for (int i = 0; i < operands; i++)
		if (print_manifest(app, &service, str_of(argv[i]), &err) < 0)
			return app_fail(app, &err);
	return EXIT_DONE;
}

/* ---- delete ---- */

static int delete_all(struct app *app, const struct remote_service *service, int n, char **argv,
		      struct err *err)
{
	autoremote struct remote remote = { 0 };
	struct remote_request request = { .method = "DELETE", .path = STR("/indexer/api/v1/index_report") };
	struct buffer b = { .arena = &app->task.arena };
	struct remote_answer answer;
	struct mem_writer to;
	struct json_writer w;

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, err);
	json_array_begin(&w);
	for (int i = 0; i < n; i++)
		json_str(&w, str_of(argv[i]));
	json_array_end(&w);
	TRY(json_writer_end(&w));
	request.body = buffer_str(&b);
	TRY(remote_open(service, &remote, err));
	TRY(remote_call(&remote, &app->task, &request, &answer, err));
	if (answer.status != 200)
		return remote_refused(&answer, "delete", err);
	if (!app->quiet)
		printf(STR_FMT "\n", STR_ARG(str_printable(&app->task.arena, answer.body)));
	return 0;
}

static int run_delete(struct app *app, const struct command *self, int argc, char **argv)
{
	struct remote_settings settings = { 0 };
	struct remote_service service;
	struct err err = { 0 };
	int operands = 0, status;

	status = begin(app, self, argc, argv, &settings, &service, &operands);
	if (status >= 0)
		return status;
	if (delete_all(app, &service, operands, argv, &err) < 0)
		return app_fail(app, &err);
	return EXIT_DONE;
}

const struct command command_report = {
	.name = "report",
	.usage = "clair report [OPTIONS] IMAGE...",
	.summary = SUMMARY_REPORT,
	.about = "Have a service index images that lie in a registry, and print what it knows about\n"
		 "their vulnerabilities. The service fetches the layers itself; this program only asks\n"
		 "the registry where they are, with the credentials of `docker login`.\n",
	.examples = "clair report registry.example/app:1.2\n"
		    "clair report --host https://clair.example -o xml a:1 b:2 > junit.xml\n",
	.exit_status = "0    every report was had\n"
		       "1    error, or an image could not be indexed\n"
		       "2    a report could not be had, or --fail-on was reached\n"
		       "64   wrong usage (called as clairctl: 2)\n",
	.options = report_specs,
	.run = run_report,
};

const struct command command_index = {
	.name = "index",
	.usage = "clair index [OPTIONS] IMAGE...",
	.summary = SUMMARY_INDEX,
	.about = "Have a service index images that lie in a registry. Prints digest and reference of each.\n",
	.exit_status = "0 done, 1 an image could not be indexed, 64 wrong usage\n",
	.options = index_specs,
	.run = run_index,
};

const struct command command_manifest = {
	.name = "manifest",
	.usage = "clair manifest [OPTIONS] IMAGE...",
	.summary = SUMMARY_MANIFEST,
	.about = "Print the JSON that POST /indexer/api/v1/index_report takes: the layers, where they are,\n"
		 "and the headers to fetch them with. The headers may be credentials: keep the output to\n"
		 "yourself.\n",
	.exit_status = "0 done, 1 error, 64 wrong usage\n",
	.options = manifest_specs,
	.run = run_manifest,
};

const struct command command_delete = {
	.name = "delete",
	.usage = "clair delete [OPTIONS] DIGEST...",
	.summary = SUMMARY_DELETE,
	.about = "Have a service forget images, by the digests of their manifests. Prints those that were\n"
		 "deleted.\n",
	.exit_status = "0 done, 1 error, 64 wrong usage\n",
	.options = delete_specs,
	.run = run_delete,
};
