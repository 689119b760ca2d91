/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data clean`: forget scanned layers and advisories that ended long ago. The one thing to know:
 * nothing that is lost here changes a report of today; a layer is scanned again when it is met again, and
 * advisories that are valid now are never dropped. */
#include "base/time.h"
#include "cmd/data.h"
#include "cmd/size.h"
#include "store/advisories.h"
#include "store/index.h"

#include <inttypes.h>
#include <stddef.h>

enum { NOT_GIVEN = -1, DEFAULT_AGE = 30 * 86400 };

struct clean_settings {
	int64_t older_than, history;
	uint64_t max_size;
};
#define MEMBER(name) offsetof(struct clean_settings, name)

static const struct option_spec clean_options[] = {
	{ "older-than", 0, OPTION_DURATION, MEMBER(older_than), "DURATION",
	  "forget layers not used for so long\n(default 30d, unless --max-size is given)" },
	{ "history", 0, OPTION_DURATION, MEMBER(history), "DURATION",
	  "forget advisories that ended before; no date before\ncan be asked for any more (default 90d)" },
	{ "max-size", 0, OPTION_SIZE, MEMBER(max_size), "SIZE",
	  "forget the layers used longest ago until the others\nare at most this" },
	{ 0 },
};

static int clean_index(struct app *app, int64_t before, uint64_t max_size, struct err *err)
{
	autoindex struct index_store *store = NULL;
	const char *path;
	uint64_t dropped = 0, was, is;
	char from[32], to[32];

	if (!data_file(app, "index.db", &path, &was))
		return 0;
	TRY(index_store_open(app->data, &store, err));
	TRY(index_clean(store, before, max_size, true, &dropped, err));
	if (!data_file(app, "index.db", &path, &is))
		is = 0;
	if (!app->quiet)
		printf("%s: %" PRIu64 " layers forgotten, %s to %s\n", path, dropped, size_text(was, from),
		       size_text(is, to));
	return 0;
}

static int clean_advisories(struct app *app, int64_t before, struct err *err)
{
	autoadvisories struct advisory_store *store = NULL;
	const char *path;
	uint64_t dropped = 0, size;

	if (!data_file(app, "advisories.db", &path, &size))
		return 0;
	TRY(advisories_open(app->data, STORE_WRITE, &store, err));
	TRY(advisories_collect(store, before, &dropped, err));
	if (!app->quiet)
		printf("%s: %" PRIu64 " ended advisories dropped\n", path, dropped);
	return 0;
}

/* The moment so long ago; 0s: all that is past. */
static int64_t before_of(int64_t age)
{
	return time_now() - age + (age == 0);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct clean_settings settings = { .older_than = NOT_GIVEN, .history = DATA_HISTORY };
	struct err err = { 0 };
	int status = data_parse(app, self, &settings, argc, argv);
	int64_t before;

	if (status >= 0)
		return status;
	if (settings.older_than == NOT_GIVEN && settings.max_size == 0)
		settings.older_than = DEFAULT_AGE;
	before = settings.older_than == NOT_GIVEN ? 0 : before_of(settings.older_than);
	if (clean_index(app, before, settings.max_size, &err) < 0 ||
	    clean_advisories(app, before_of(settings.history), &err) < 0) {
		(void)app_fail(app, &err);
		return err.code == E_CANCELED ? EXIT_INTERRUPTED : EXIT_ERROR;
	}
	return EXIT_DONE;
}

const struct command command_data_clean = {
	.name = "clean",
	.usage = "clair data clean [OPTIONS]",
	.summary = "forget what was not used for long",
	.about = "Forget layers that were not used for long, and give their space back. They are scanned\n"
		 "again when they are met again. Advisories that are valid now are never dropped; those\n"
		 "that ended are kept for `clair scan --as-of`, as long as --history says.\n",
	.examples = "clair data clean\n"
		    "clair data clean --older-than 7d\n"
		    "clair data clean --older-than 0s        forget all layers\n"
		    "clair data clean --history 0s           forget what is not valid any more\n"
		    "clair data clean --max-size 200M\n",
	.exit_status = "0 done, 1 error, 64 wrong usage\n",
	.options = clean_options,
	.run = run,
};
