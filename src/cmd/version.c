/* SPDX-License-Identifier: Apache-2.0 */
/* `clair version`: what this program is, for bug reports. The one thing to know: the worker is a file of its
 * own; parent and worker refuse each other when their engine versions differ, so where it was found is part
 * of the answer. */
#include "base/json.h"
#include "cmd/app.h"
#include "model/defence.h"
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
	bool security;
};

static const struct option_spec version_options[] = {
	{ "format", 'f', OPTION_TEXT, offsetof(struct version_settings, format), "FORMAT",
	  "table (default) or json" },
	{ "security", 0, OPTION_FLAG, offsetof(struct version_settings, security), NULL,
	  "start a worker and tell what confines it here" },
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

/* Which defences hold a worker on this machine. Status 1 when one that is required for --require-sandbox is
 * missing. */
static int print_security(struct app *app, const char *worker, struct err *err)
{
	const struct sandbox sandbox = { .worker_path = worker };
	unsigned got = 0;

	TRY(sandbox_probe(&app->task, &sandbox, &got, err));
	for (const struct defence_row *r = defence_rows; r->name; r++)
		printf("%-10s  %-6s  stops %s\n", r->name, got & r->bit ? "active" : "absent", r->stops);
	if ((got & DEFENCE_REQUIRED) == DEFENCE_REQUIRED)
		return EXIT_DONE;
	printf("Layers and feeds are parsed with less protection than this program can give; "
	       "--require-sandbox "
	       "refuses that.\n");
	return EXIT_ERROR;
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
	if (settings.security) {
		status = worker ? print_security(app, worker, &err) : (err = missing).code;
		return status < 0 ? app_fail(app, &err) : status;
	}
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
