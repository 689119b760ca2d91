/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data export`: all advisories as one file that `clair data import` puts in force elsewhere without
 * parsing anything. What a reader would get wrong: it is a copy of what is there, as old as that is; nothing
 * is fetched. */
#include "cmd/data.h"

#include "cmd/output.h"
#include "cmd/size.h"
#include "engine/data_publish.h"
#include "store/data.h"
#include "store/data_pack.h"

#include <inttypes.h>
#include <stddef.h>

struct export_settings {
	struct str sign_key;
	bool to_folder;
};
#define MEMBER(name) offsetof(struct export_settings, name)

static const struct option_spec export_options[] = {
	{ "to-folder", 0, OPTION_FLAG, MEMBER(to_folder), NULL,
	  "FILE is a folder for `clair data pull`: add to it\nwhat changed since the last time" },
	{ "sign-key", 0, OPTION_TEXT, MEMBER(sign_key), "FILE", "sign with this private Ed25519 key (PEM)" },
	{ 0 },
};

static int export_file(struct app *app, struct str key, struct str path, struct data_packed *packed,
		       struct err *err)
{
	autocopy struct data_copy copy = { 0 };
	autooutput struct output output;

	TRY(output_open(&app->task.arena, path, &output, err));
	if (!output.temporary)
		return err_set(err, E_CONFIG, STR_FMT " is no regular file", STR_ARG(path));
	TRY(data_copy_open(&app->task, app->data, output.path, &copy, err));
	TRY(data_copy_pack(&app->task, &copy, key, output.fd, packed, err));
	return output_commit(&output, err);
}

static void tell(const struct app *app, struct str path, const struct data_packed *p)
{
	char whole[32], packed[32];

	if (app->quiet)
		return;
	printf(STR_FMT ": %zu updaters, %s, inflated %s\n", STR_ARG(path), p->manifest.updaters.n,
	       size_text(p->size_bytes, packed), size_text(p->manifest.inflated.size_bytes, whole));
	printf("  " STR_FMT "\n", STR_ARG(p->digest));
}

static int publish(struct app *app, struct str key, struct str folder, struct err *err)
{
	struct data_published p = { 0 };
	char whole[32], delta[32];

	TRY(data_publish(&app->task, app->data, folder, key, &p, err));
	if (app->quiet)
		return 0;
	if (!p.is_changed)
		printf(STR_FMT ": nothing changed\n", STR_ARG(folder));
	else if (p.delta.name.n)
		printf(STR_FMT ": %zu updaters, %s, changes %s\n", STR_ARG(folder), p.updaters,
		       size_text(p.full.size_bytes, whole), size_text(p.delta.size_bytes, delta));
	else
		printf(STR_FMT ": %zu updaters, %s\n", STR_ARG(folder), p.updaters,
		       size_text(p.full.size_bytes, whole));
	return 0;
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct export_settings settings = { 0 };
	struct data_packed packed = { 0 };
	struct str key = { 0 };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands != 1 || str_eq(str_of(argv[0]), STR("-")))
		(void)err_set(&err, E_CONFIG, "data export writes one FILE, which is not a pipe");
	if (err.code || app_data(app, &err) < 0 || data_check_place(app, &err) < 0 ||
	    data_key(app, settings.sign_key, &key, &err) < 0)
		return app_usage(self, &err);
	if (settings.to_folder)
		return publish(app, key, str_of(argv[0]), &err) < 0 ? app_fail(app, &err) : EXIT_DONE;
	if (export_file(app, key, str_of(argv[0]), &packed, &err) < 0)
		return app_fail(app, &err);
	tell(app, str_of(argv[0]), &packed);
	return EXIT_DONE;
}

const struct command command_data_export = {
	.name = "export",
	.usage = "clair data export [OPTIONS] FILE",
	.summary = "write all advisories to one file",
	.about = "Write the advisories of the data directory, as they are now, to one file, which\n"
		 "`clair data import` puts in force elsewhere within seconds. It may be signed. With\n"
		 "--to-folder, keep a folder that any static file server can offer to `clair data\n"
		 "pull`: the newest database, and the changes from those before.\n",
	.examples = "clair data export advisories.clair\n"
		    "clair data export --sign-key private.pem advisories.clair\n"
		    "clair data export --to-folder /srv/clair\n",
	.exit_status = "0 done, 1 error, 64 wrong usage\n",
	.options = export_options,
	.run = run,
};
