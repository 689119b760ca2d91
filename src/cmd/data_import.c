/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data import`: a file of `clair data export` takes the place of the advisories that are there. What a
 * reader would get wrong: nothing is added to what is there. Whatever is wrong with the file, what is there
 * stays. */
#include "cmd/data.h"

#include "base/time.h"
#include "store/data.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <sys/stat.h>

struct import_settings {
	struct str verify_key;
	bool require_signature;
};
#define MEMBER(name) offsetof(struct import_settings, name)

static const struct option_spec import_options[] = {
	{ "verify-key", 0, OPTION_TEXT, MEMBER(verify_key), "FILE",
	  "take only what was signed with this public Ed25519\nkey (PEM; default $CLAIR_VERIFY_KEY)" },
	{ "require-signature", 0, OPTION_FLAG, MEMBER(require_signature), NULL,
	  "refuse to work without such a key" },
	{ 0 },
};

static int open_regular(struct app *app, struct str path, int *out, struct err *err)
{
	autoclose int fd = open(str_copy(&app->task.arena, path).p, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_set(err, E_NOTFOUND, STR_FMT ": %m", STR_ARG(path));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, E_CONFIG, STR_FMT " is no regular file", STR_ARG(path));
	*out = take_fd(&fd);
	return 0;
}

static int import(struct app *app, struct str path, const struct data_trust *trust, struct data_manifest *m,
		  struct err *err)
{
	autoclose int fd = -1, lock = -1;

	TRY(open_regular(app, path, &fd, err));
	app_make_parents(app);
	TRY(data_lock(&app->task, app->data, &lock, err));
	if (data_import(&app->task, app->data, fd, trust, m, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(path));
	return 0;
}

void data_tell(const struct app *app, const struct data_manifest *m)
{
	uint64_t advisories = 0;
	char age[32];

	if (app->quiet)
		return;
	VEC_EACH (const struct data_updater, u, &m->updaters)
		advisories += u->advisories;
	printf("%" PRIu64 " advisories of %zu updaters, exported %s ago\n", advisories, m->updaters.n,
	       time_age(time_now() - m->created, age));
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct import_settings settings = { 0 };
	struct data_manifest manifest = { 0 };
	struct data_trust trust = { 0 };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	if (operands != 1)
		(void)err_set(&err, E_CONFIG, "data import wants one FILE");
	if (err.code || app_data(app, &err) < 0 || data_check_place(app, &err) < 0 ||
	    data_trust_of(app, settings.verify_key, settings.require_signature, &trust, &err) < 0)
		return app_usage(self, &err);
	if (import(app, str_of(argv[0]), &trust, &manifest, &err) < 0) {
		(void)app_fail(app, &err);
		return err.code == E_CANCELED ? EXIT_INTERRUPTED : EXIT_ERROR;
	}
	data_tell(app, &manifest);
	return EXIT_DONE;
}

const struct command command_data_import = {
	.name = "import",
	.usage = "clair data import [OPTIONS] FILE",
	.summary = "put such a file in force",
	.about = "Replace the advisories of the data directory by those of a file that `clair data\n"
		 "export` wrote. The file is checked first: on any error what is there stays. Scans that\n"
		 "run meanwhile go on with what they began with.\n",
	.examples = "clair data import advisories.clair\n"
		    "clair data import --verify-key public.pem advisories.clair\n",
	.exit_status = "0 done, 1 error (what was there stays), 64 wrong usage, 130 interrupted\n",
	.options = import_options,
	.run = run,
};
