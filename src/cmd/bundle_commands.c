/* SPDX-License-Identifier: Apache-2.0 */
/* `clair export-updaters` and `import-updaters`: all advisories in one file, for machines without internet.
 * The file is Clair's (bundle.h). What a reader would get wrong: an export fetches everything anew, into a
 * store of its own that is thrown away, so it neither needs nor touches the service's. */
#include "base/compress.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "base/time.h"
#include "cmd/bundle.h"
#include "cmd/elsewhere.h"
#include "cmd/output.h"
#include "cmd/places.h"
#include "engine/update.h"
#include "net/http_client.h"
#include "net/url.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

struct bundle_settings {
	struct str config, mirror;
	bool strict, gzip, zstd, require_sandbox;
};
#define MEMBER(name) offsetof(struct bundle_settings, name)

#define CONFIG                                                                                               \
	{                                                                                                    \
		"config", 'c', OPTION_TEXT, MEMBER(config), "FILE",                                          \
			"the service's configuration (default $CLAIR_CONF, else\nconfig.yaml if there)"      \
	}

static const struct option_spec export_specs[] = {
	{ "strict", 0, OPTION_FLAG, MEMBER(strict), NULL, "exit with 1 when an updater failed" },
	{ "gzip", 'g', OPTION_FLAG, MEMBER(gzip), NULL, "compress (default when FILE ends in .gz)" },
	{ "zstd", 'z', OPTION_FLAG, MEMBER(zstd), NULL, "compress (default when FILE ends in .zst)" },
	{ "mirror", 0, OPTION_TEXT, MEMBER(mirror), "BASE",
	  "take the feeds from below BASE (see `clair update`)" },
	CONFIG,
	{ 0 },
};
static const struct option_spec import_specs[] = {
	{ "gzip", 'g', OPTION_FLAG, MEMBER(gzip), NULL, "accepted; compression is recognised" },
	{ "zstd", 'z', OPTION_FLAG, MEMBER(zstd), NULL, "accepted; compression is recognised" },
	CONFIG,
	{ 0 },
};

static int load_config(struct app *app, struct str given, struct config *out, struct err *err)
{
	struct str path = given.n ? given : str_of(getenv("CLAIR_CONF"));
	config_lints lints = { 0 };

	if (!path.n && access("config.yaml", F_OK) == 0)
		path = STR("config.yaml");
	return config_load(&app->task.arena, path, MODE_CLIENT, out, &lints, err);
}

/* ---- export ---- */

/* A store that lives as long as one export. */
struct scratch_store {
	char *dir;
	struct advisory_store *store;
};

static int scratch_open(struct app *app, struct scratch_store *out, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	out->dir = (char *)str_format(&app->task.arena, "%s/clair-export-XXXXXX",
				      tmp && *tmp ? tmp : "/var/tmp")
			   .p;
	if (!mkdtemp(out->dir)) {
		out->dir = NULL;
		return err_set(err, E_IO, "no directory for temporary files: %m (set TMPDIR)");
	}
	return advisories_open(str_of(out->dir), STORE_WRITE, &out->store, err);
}

static void scratch_close(struct scratch_store *s)
{
	struct dirent *entry;
	DIR *dir;

	advisories_closep(&s->store);
	dir = s->dir ? opendir(s->dir) : NULL;
	while (dir && (entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	if (s->dir)
		(void)rmdir(s->dir);
}

static void tell(void *ctx, struct str updater, bool changed, const struct update_summary *summary,
		 struct str error)
{
	const struct app *app = ctx;

	(void)changed;
	(void)summary;
	if (error.n)
		log_line(&app->log, LOG_WARNING, STR_FMT ": " STR_FMT, STR_ARG(updater), STR_ARG(error));
}

static int fetch_all(struct app *app, const struct config *c, const struct bundle_settings *settings,
		     struct advisory_store *store, unsigned *failed, struct err *err)
{
	struct sandbox sandbox = { .required = app_required_defences(c->require_sandbox) };
	struct update_totals totals = { 0 };
	const struct update_options options = {
		.sandbox = &sandbox,
		.mirror = settings->mirror.n ? settings->mirror : c->updaters.mirror,
		.debian_archive = c->updaters.debian_archive.n ? c->updaters.debian_archive
							       : str_of(getenv("CLAIR_DEBIAN_ARCHIVE")),
		.config = &c->updaters.config,
		.log = &app->log,
		.progress = tell,
		.progress_ctx = app,
	};

	TRY(sandbox_find_worker(&app->task.arena, &sandbox.worker_path, err));
	if (c->updaters.has_sets && !c->updaters.sets.n)
		return err_set(err, E_CONFIG,
			       "the configuration's updaters.sets is empty: nothing to export");
	TRY(engine_update(&app->task, store, c->updaters.sets.p, c->updaters.sets.n, &options, &totals, err));
	*failed = totals.failed;
	return 0;
}

static enum compression compression_wanted(const struct bundle_settings *s, struct str path)
{
	if (s->gzip)
		return COMPRESSION_GZIP;
	if (s->zstd)
		return COMPRESSION_ZSTD;
	if (str_ends(path, STR(".gz")))
		return COMPRESSION_GZIP;
	return str_ends(path, STR(".zst")) ? COMPRESSION_ZSTD : COMPRESSION_NONE;
}

static int write_file(struct app *app, struct advisory_store *store, struct str path, enum compression kind,
		      struct bundle_totals *totals, struct err *err)
{
	autocompressor struct compressor *compressor = NULL;
	autooutput struct output output;

	TRY(output_open(&app->task.arena, path, &output, err));
	compressor = compressor_new(kind, &output.to.writer);
	TRY(bundle_write(&app->task, store, time_now(), compressor_writer(compressor), totals, err));
	TRY(compressor_end(compressor, err));
	return output_commit(&output, err);
}

static int export(struct app *app, const struct bundle_settings *settings, struct str path, unsigned *failed,
		  struct err *err)
{
	__attribute__((cleanup(scratch_close))) struct scratch_store scratch = { 0 };
	struct bundle_totals totals = { 0 };
	struct config config;

	TRY(load_config(app, settings->config, &config, err));
	TRY(scratch_open(app, &scratch, err));
	TRY(fetch_all(app, &config, settings, scratch.store, failed, err));
	TRY(write_file(app, scratch.store, path, compression_wanted(settings, path), &totals, err));
	log_line(&app->log, LOG_INFO, "exported %" PRIu64 " records of %" PRIu64 " updaters", totals.records,
		 totals.operations);
	return 0;
}

static int run_export(struct app *app, const struct command *self, int argc, char **argv)
{
	struct bundle_settings settings = { 0 };
	struct err err = { 0 };
	unsigned failed = 0;
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands > 1 || (settings.gzip && settings.zstd)) {
		err_set(&err, E_CONFIG,
			operands > 1 ? "export-updaters writes one file" : "--gzip or --zstd, not both");
		return app_usage(self, &err);
	}
	if (export(app, &settings, operands ? str_of(argv[0]) : STR("-"), &failed, &err) < 0)
		return app_fail(app, &err);
	return failed && settings.strict ? EXIT_ERROR : EXIT_DONE;
}

/* ---- import ---- */

/* A URL is fetched into an unlinked file first: a download that breaks must not end an import in the middle.
 */
static int fetch_bundle(struct app *app, struct str url, int *fd, struct err *err)
{
	struct http_request request = { .url = url,
					.max_bytes = LIMIT_FEED_INFLATED_BYTES,
					.timeout_seconds = 3600 };
	struct http_response response = { 0 };
	struct http_client *client = NULL;
	struct fd_writer *to = ARENA_NEW(&app->task.arena, struct fd_writer);
	int rc = http_client_new(&client, err);

	if (rc == 0)
		rc = fd_spool(fd, err);
	if (rc == 0) {
		fd_writer_open(to, *fd);
		rc = http_perform(client, &app->task, &request, &to->writer, &response, err);
	}
	if (rc == 0)
		rc = fd_writer_flush(to, err);
	if (client)
		http_client_free(client);
	if (rc == 0 && response.status != 200)
		return err_set(err, E_NOTFOUND, "the bundle's server answers %u", response.status);
	return rc < 0 ? rc : 0;
}

static bool is_url(struct str input)
{
	return str_starts(input, STR("http://")) || str_starts(input, STR("https://"));
}

static int open_bundle(struct app *app, struct str input, int *fd, struct fd_reader *out, struct err *err)
{
	int64_t offset = -1;

	if (str_eq(input, STR("-"))) {
		*fd = dup(STDIN_FILENO);
	} else if (is_url(input)) {
		TRY(fetch_bundle(app, input, fd, err));
		offset = 0;
	} else {
		*fd = open(str_copy(&app->task.arena, input).p, O_RDONLY | O_CLOEXEC);
	}
	if (*fd < 0)
		return err_set(err, E_NOTFOUND, STR_FMT ": %m", STR_ARG(input));
	fd_reader_open(out, *fd, offset, UINT64_MAX);
	return 0;
}

static int import(struct app *app, const struct bundle_settings *settings, struct str input,
		  struct bundle_totals *totals, struct err *err)
{
	autoadvisories struct advisory_store *store = NULL;
	autoinflate struct inflate *inflate = NULL;
	autoclose int fd = -1;
	struct fd_reader file;
	struct limit_reader limited;
	struct store_place place;
	struct config config;

	TRY(load_config(app, settings->config, &config, err));
	TRY(places_data(app, &config, err));
	TRY(places_advisories(app, &config, &place, err));
	TRY(advisories_open_at(&place, STORE_WRITE, &store, err));
	TRY(open_bundle(app, input, &fd, &file, err));
	TRY(inflate_open(&file.reader, &inflate, err));
	limit_reader_open(&limited, inflate_reader(inflate), LIMIT_FEED_INFLATED_BYTES, "the bundle");
	if (bundle_read(&app->task, store, &limited.reader, time_now(), totals, err) < 0)
		return err_wrap(err, STR_FMT,
				STR_ARG(is_url(input) ? url_redact(&app->task.arena, input) : input));
	return 0;
}

static int run_import(struct app *app, const struct command *self, int argc, char **argv)
{
	struct bundle_settings settings = { 0 };
	struct bundle_totals totals = { 0 };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands != 1) {
		err_set(&err, E_CONFIG,
			"import-updaters wants one input: a file, a URL, or - for standard input");
		return app_usage(self, &err);
	}
	if (import(app, &settings, str_of(argv[0]), &totals, &err) < 0)
		return app_fail(app, &err);
	if (!app->quiet)
		printf("%" PRIu64 " updaters imported, %" PRIu64 " were there already, %" PRIu64 " records\n",
		       totals.operations, totals.skipped, totals.records);
	return EXIT_DONE;
}

const struct command command_export = {
	.name = "export-updaters",
	.usage = "clair export-updaters [OPTIONS] [FILE]",
	.summary = SUMMARY_EXPORT,
	.about = "Fetch all advisories from their publishers and write them to FILE (default: standard\n"
		 "output), for `clair import-updaters` or clairctl on a machine without internet. What a\n"
		 "publisher says is not affected has no place in that format and is left out.\n",
	.examples = "clair export-updaters advisories.zst\n",
	.exit_status = "0 done (also when an updater failed, unless --strict), 1 error, 64 wrong usage\n",
	.options = export_specs,
	.run = run_export,
};

const struct command command_import = {
	.name = "import-updaters",
	.usage = "clair import-updaters [OPTIONS] FILE|URL|-",
	.summary = SUMMARY_IMPORT,
	.about = "Put a bundle of export-updaters, ours or Clair's, plain or compressed, into the\n"
		 "matcher's store. A running service uses it at once.\n",
	.examples = "clair import-updaters -c /etc/clair/config.yaml advisories.zst\n",
	.exit_status = "0 done, 1 error (what came before it is in force), 64 wrong usage\n",
	.options = import_specs,
	.run = run_import,
};
