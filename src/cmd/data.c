/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data`: looking at and tidying the data directory. The one thing to know: these commands must work on
 * a directory that is not there yet, and must not make one just by looking. */
#include "cmd/data.h"

#include "base/io.h"
#include "base/limits.h"
#include "store/data_file.h"
#include "store/place.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

bool data_file(struct app *app, const char *name, const char **path, uint64_t *size_bytes)
{
	struct arena *a = &app->task.arena;
	struct stat st;

	*path = str_format(a, STR_FMT "/%s", STR_ARG(app->data), name).p;
	if (stat(*path, &st) < 0)
		return false;
	*size_bytes = (uint64_t)st.st_size;
	if (stat(str_format(a, "%s-wal", *path).p, &st) == 0)
		*size_bytes += (uint64_t)st.st_size;
	return true;
}

int data_parse(struct app *app, const struct command *command, void *settings, int argc, char **argv)
{
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, command, settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands)
		(void)err_set(&err, E_CONFIG, "'%s' is one argument too many", argv[0]);
	if (err.code || app_data(app, &err) < 0)
		return app_usage(command, &err);
	return -1;
}

int data_key(struct app *app, struct str path, struct str *out, struct err *err)
{
	autoclose int fd = -1;
	struct fd_reader file;

	if (path.n == 0)
		return 0;
	fd = open(str_copy(&app->task.arena, path).p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, E_CONFIG, "key " STR_FMT ": %m", STR_ARG(path));
	fd_reader_open(&file, fd, -1, UINT64_MAX);
	if (reader_all(&file.reader, &app->task.arena, LIMIT_KEY_BYTES, out, err) < 0)
		return err_wrap(err, "key " STR_FMT, STR_ARG(path));
	return out->n ? 0 : err_set(err, E_CONFIG, "key " STR_FMT ": empty", STR_ARG(path));
}

int data_check_place(const struct app *app, struct err *err)
{
	struct store_place place;

	TRY(store_place_parse(app->data, "--data", &place, err));
	if (place.kind != STORE_SQLITE)
		return err_set(err, E_CONFIG,
			       "prebuilt databases are files for a data directory; for PostgreSQL there are "
			       "`clair export-updaters` and `clair import-updaters`");
	return 0;
}

int data_trust_of(struct app *app, struct str verify_key, bool is_required, struct data_trust *out,
		  struct err *err)
{
	if (!verify_key.n)
		verify_key = str_of(getenv("CLAIR_VERIFY_KEY"));
	if (is_required && !verify_key.n)
		return err_set(err, E_CONFIG,
			       "--require-signature: whose? Give --verify-key or set CLAIR_VERIFY_KEY");
	return data_key(app, verify_key, &out->key, err);
}

static const struct command *const commands[] = { &command_data_status, &command_data_clean,
						  &command_data_export, &command_data_import,
						  &command_data_pull,	NULL };

const struct command command_data = {
	.name = "data",
	.usage = "clair data COMMAND [OPTIONS]",
	.summary = "show, tidy, hand on or take over the data",
	.about = "The data directory holds two files: the advisories that `clair update` fetched, and\n"
		 "what was found in the layers scanned so far.\n",
	.commands = commands,
};
