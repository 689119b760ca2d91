/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data status`: what is in the data directory and how old it is. What a reader would get wrong:
 * opening the index store makes it, so its file is looked for first; a missing file is a fact to be told, not
 * an error. */
#include "base/json.h"
#include "base/time.h"
#include "cmd/data.h"
#include "cmd/size.h"
#include "store/advisories.h"
#include "store/index.h"
#include "store/schema.h"

#include <inttypes.h>
#include <stddef.h>
#include <unistd.h>

struct status_settings {
	struct str format;
};

static const struct option_spec status_options[] = {
	{ "format", 'f', OPTION_TEXT, offsetof(struct status_settings, format), "FORMAT",
	  "table (default) or json" },
	{ 0 },
};

struct status {
	int64_t now;
	const char *advisories_path, *index_path;
	bool has_advisories, has_index;
	uint64_t advisories_bytes, index_bytes, advisories;
	int64_t history_since; /* 0: none */
	updater_states updaters;
	struct index_totals index;
};

static int read_advisories(struct app *app, struct status *s, struct err *err)
{
	autoadvisories struct advisory_store *store = NULL;
	int rc = advisories_open(app->data, STORE_READ, &store, err);

	s->has_advisories = rc != E_NOTFOUND;
	if (rc == E_NOTFOUND)
		return 0;
	TRY(rc);
	TRY(advisories_updaters(store, &app->task, &s->updaters, err));
	TRY(advisories_history(store, 0, &s->history_since, err));
	VEC_EACH (const struct updater_state, u, &s->updaters)
		s->advisories += u->advisories;
	return 0;
}

static int read_index(struct app *app, struct status *s, struct err *err)
{
	autoindex struct index_store *store = NULL;

	TRY(index_store_open(app->data, &store, err));
	return index_status(store, &s->index, err);
}

static int read_status(struct app *app, struct status *s, struct err *err)
{
	s->now = time_now();
	s->has_advisories = data_file(app, "advisories.db", &s->advisories_path, &s->advisories_bytes);
	s->has_index = data_file(app, "index.db", &s->index_path, &s->index_bytes);
	if (s->has_advisories)
		TRY(read_advisories(app, s, err));
	return s->has_index ? read_index(app, s, err) : 0;
}

static void print_updater(const struct status *s, const struct updater_state *u)
{
	autoarena struct arena scratch = { 0 };
	char age[32] = "never", when[32] = "never";

	if (u->last_success > 0) {
		time_age(s->now - u->last_success, age);
		time_rfc3339(u->last_success, when);
	}
	printf("  %-44.*s %9" PRIu64 "  %-20s  %s\n", STR_ARG(u->name), u->advisories + u->enrichments, when,
	       age);
	if (u->last_error.n)
		printf("    last attempt failed: " STR_FMT "\n",
		       STR_ARG(str_printable(&scratch, u->last_error)));
}

static void print_advisories(const struct status *s)
{
	char size[32], date[32];

	if (!s->has_advisories) {
		printf("Advisories: none; run `clair update`\n");
		return;
	}
	printf("Advisories: %s, schema %u, %s, %" PRIu64 " advisories\n", s->advisories_path,
	       schema_advisories.migration_count, size_text(s->advisories_bytes, size), s->advisories);
	if (s->history_since)
		printf("  clair scan --as-of can ask for dates from %s on\n",
		       time_rfc3339(s->history_since, date));
	if (s->updaters.n)
		printf("  %-44s %9s  %-20s  %s\n", "Updater", "Records", "Last success", "Age");
	VEC_EACH (const struct updater_state, u, &s->updaters)
		print_updater(s, u);
}

static void print_index(const struct status *s)
{
	char size[32];

	if (!s->has_index) {
		printf("Scanned layers: none\n");
		return;
	}
	printf("Scanned layers: %s, schema %u, %s\n", s->index_path, schema_index.migration_count,
	       size_text(s->index_bytes, size));
	printf("  %" PRIu64 " layers, %" PRIu64 " manifests, %" PRIu64 " packages\n", s->index.layers,
	       s->index.manifests, s->index.records);
}

static void member_time(struct json_writer *w, const char *key, int64_t utc)
{
	char buf[32];

	json_key(w, key);
	if (utc > 0)
		json_str(w, str_of(time_rfc3339(utc, buf)));
	else
		json_null(w);
}

static void write_updater(struct json_writer *w, const struct status *s, const struct updater_state *u)
{
	json_object_begin(w);
	json_member(w, "name", u->name);
	json_member_int(w, "advisories", (int64_t)u->advisories);
	json_member_int(w, "enrichments", (int64_t)u->enrichments);
	member_time(w, "last_success", u->last_success);
	member_time(w, "last_attempt", u->last_attempt);
	member_time(w, "changed_at", u->changed_at);
	json_key(w, "data_age_seconds");
	if (u->last_success > 0)
		json_int(w, s->now - u->last_success);
	else
		json_null(w);
	json_member(w, "last_error", u->last_error);
	json_object_end(w);
}

static void write_file(struct json_writer *w, const char *path, unsigned schema, uint64_t bytes)
{
	json_member(w, "path", str_of(path));
	json_member_int(w, "schema", schema);
	json_member_int(w, "size_bytes", (int64_t)bytes);
}

static void write_advisories(struct json_writer *w, const struct status *s)
{
	json_key(w, "advisories");
	if (!s->has_advisories) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	write_file(w, s->advisories_path, schema_advisories.migration_count, s->advisories_bytes);
	json_member_int(w, "advisories", (int64_t)s->advisories);
	member_time(w, "history_since", s->history_since);
	json_key(w, "updaters");
	json_array_begin(w);
	VEC_EACH (const struct updater_state, u, &s->updaters)
		write_updater(w, s, u);
	json_array_end(w);
	json_object_end(w);
}

static void write_index(struct json_writer *w, const struct status *s)
{
	json_key(w, "index");
	if (!s->has_index) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	write_file(w, s->index_path, schema_index.migration_count, s->index_bytes);
	json_member_int(w, "layers", (int64_t)s->index.layers);
	json_member_int(w, "manifests", (int64_t)s->index.manifests);
	json_member_int(w, "packages", (int64_t)s->index.records);
	json_member_int(w, "package_sets", (int64_t)s->index.package_sets);
	json_member_int(w, "layer_bytes", (int64_t)s->index.layer_bytes);
	json_object_end(w);
}

static int write_json(const struct app *app, const struct status *s, struct err *err)
{
	struct fd_writer to;
	struct json_writer w;

	fd_writer_open(&to, STDOUT_FILENO);
	json_writer_open(&w, &to.writer, 2, err);
	json_object_begin(&w);
	json_member(&w, "directory", app->data);
	write_advisories(&w, s);
	write_index(&w, s);
	json_object_end(&w);
	TRY(json_writer_end(&w));
	TRY(writer_str(&to.writer, STR("\n"), err));
	return fd_writer_flush(&to, err);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	static const char *const formats[] = { "table", "json", NULL };
	struct status_settings settings = { 0 };
	struct status s = { 0 };
	struct err err = { 0 };
	int format = 0, status = data_parse(app, self, &settings, argc, argv);

	if (status >= 0)
		return status;
	if (settings.format.n)
		format = options_choice("format", settings.format, formats, &err);
	if (format < 0)
		return app_usage(self, &err);
	if (read_status(app, &s, &err) < 0) {
		(void)app_fail(app, &err);
		return err.code == E_CANCELED ? EXIT_INTERRUPTED : EXIT_ERROR;
	}
	if (format == 1)
		return write_json(app, &s, &err) < 0 ? app_fail(app, &err) : EXIT_DONE;
	printf("Data directory: " STR_FMT "\n", STR_ARG(app->data));
	print_advisories(&s);
	print_index(&s);
	return EXIT_DONE;
}

const struct command command_data_status = {
	.name = "status",
	.usage = "clair data status [OPTIONS]",
	.summary = "what is there, and how old it is",
	.about = "Show the files of the data directory, their sizes, and of every updater when its\n"
		 "advisories were last known to be current.\n",
	.exit_status = "0 done (also when there are no data), 1 error, 64 wrong usage\n",
	.options = status_options,
	.run = run,
};
