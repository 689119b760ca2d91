/* SPDX-License-Identifier: Apache-2.0 */
/* `clair version`: what this program is, for bug reports. The one thing to know: the worker is a file of its
 * own; parent and worker refuse each other when their engine versions differ, so where it was found is part
 * of the answer. */
#include "base/json.h"
#include "cmd/app.h"
#include "model/scanner_id.h"
#include "sandbox/sandbox.h"
#include "store/schema.h"

#include <stddef.h>
#include <unistd.h>

#ifndef CLAIR_VERSION
#define CLAIR_VERSION "unknown"
#endif

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

struct version_settings {
	struct str format;
};

static const struct option_spec version_options[] = {
	{ "format", 'f', OPTION_TEXT, offsetof(struct version_settings, format), "FORMAT",
	  "table (default) or json" },
	{ 0 },
};

static int write_json(const char *worker, const struct err *missing, struct err *err)
{
	struct fd_writer to;
	struct json_writer w;

	fd_writer_open(&to, STDOUT_FILENO);
	json_writer_open(&w, &to.writer, 2, err);
	json_object_begin(&w);
	json_member(&w, "version", STR(CLAIR_VERSION));
	json_member(&w, "engine_version", STR(ENGINE_VERSION));
	json_member_int(&w, "advisories_schema", schema_advisories.migration_count);
	json_member_int(&w, "index_schema", schema_index.migration_count);
	json_member(&w, "compiler", STR(COMPILER));
	json_member(&w, "worker", str_of(worker));
	json_member(&w, "worker_problem", str_of(missing->text));
	json_key(&w, "scanners");
	json_object_begin(&w);
	for (const struct scanner_id *id = scanner_ids; id->name; id++)
		json_member(&w, id->name, str_of(id->version));
	json_object_end(&w);
	json_object_end(&w);
	TRY(json_writer_end(&w));
	TRY(writer_str(&to.writer, STR("\n"), err));
	return fd_writer_flush(&to, err);
}

static void print(const char *worker, const struct err *missing)
{
	printf("clair %s\n", CLAIR_VERSION);
	printf("engine:   %s\n", ENGINE_VERSION);
	printf("schemas:  advisories %u, index %u\n", schema_advisories.migration_count,
	       schema_index.migration_count);
	printf("scanners:");
	for (const struct scanner_id *id = scanner_ids; id->name; id++)
		printf(" %s %s%s", id->name, id->version, id[1].name ? "," : "\n");
	printf("compiler: %s\n", COMPILER);
	printf("worker:   %s\n", worker ? worker : missing->text);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	static const char *const formats[] = { "table", "json", NULL };
	struct version_settings settings = { 0 };
	struct err err = { 0 }, missing = { 0 };
	const char *worker = NULL;
	int operands = 0, format = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (settings.format.n)
		format = options_choice("format", settings.format, formats, &err);
	if (format < 0)
		return app_usage(self, &err);
	(void)sandbox_find_worker(&app->task.arena, &worker, &missing);
	if (format == 1)
		return write_json(worker, &missing, &err) < 0 ? app_fail(app, &err) : EXIT_DONE;
	print(worker, &missing);
	return EXIT_DONE;
}

const struct command command_version = {
	.name = "version",
	.usage = "clair version [OPTIONS]",
	.summary = "what this program is",
	.about = "Print the version, how the program was built, and which worker it uses.\n",
	.exit_status = "0 done, 64 wrong usage\n",
	.options = version_options,
	.run = run,
};
