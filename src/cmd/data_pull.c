/* SPDX-License-Identifier: Apache-2.0 */
/* `clair data pull`: take over a database that somebody prepared, by changes when they are less to fetch.
 * What a reader would get wrong: several URLs are mirrors of one another, not parts of one whole; the first
 * that serves is enough. */
#include "cmd/data.h"

#include "cmd/progress.h"
#include "cmd/size.h"
#include "engine/data_pull.h"

#include <stddef.h>
#include <stdlib.h>

struct pull_settings {
	struct str verify_key, ca_cert;
	bool require_signature;
};
#define MEMBER(name) offsetof(struct pull_settings, name)

static const struct option_spec pull_options[] = {
	{ "verify-key", 0, OPTION_TEXT, MEMBER(verify_key), "FILE",
	  "take only what was signed with this public Ed25519\nkey (PEM; default $CLAIR_VERIFY_KEY)" },
	{ "require-signature", 0, OPTION_FLAG, MEMBER(require_signature), NULL,
	  "refuse to work without such a key" },
	{ "ca-cert", 0, OPTION_TEXT, MEMBER(ca_cert), "FILE",
	  "trust these certificates (PEM) of servers too" },
	{ 0 },
};

void data_urls(struct app *app, struct str text, str_list *out)
{
	struct str word;

	if (text.n == 0)
		text = str_of(getenv("CLAIR_DATA_URL"));
	while (str_word(&text, &word))
		VEC_PUSH(&app->task.arena, out, word);
}

static void transferred(void *ctx, uint64_t bytes)
{
	progress_bytes(ctx, bytes);
}

int data_pull_from(struct app *app, const str_list *urls, const struct data_trust *trust, struct str ca_file,
		   struct data_pulled *out, struct err *err)
{
	autoprogress struct progress progress = { 0 };
	const struct data_pull_options options = { .urls = urls->p,
						   .url_count = urls->n,
						   .trust = *trust,
						   .client = { .ca_file = ca_file },
						   .log = &app->log,
						   .transferred = transferred,
						   .transferred_ctx = &progress };

	app_make_parents(app);
	progress_open(&progress, !app->quiet, "pulling data");
	return data_pull(&app->task, app->data, &options, out, err);
}

static void tell(const struct app *app, const struct data_pulled *p)
{
	char bytes[32];

	if (app->quiet)
		return;
	size_text(p->bytes, bytes);
	if (p->how == DATA_PULL_CURRENT)
		printf(STR_FMT ": already current, %s transferred\n", STR_ARG(p->url), bytes);
	else if (p->how == DATA_PULL_DELTAS)
		printf(STR_FMT ": %u change%s applied, %s transferred\n", STR_ARG(p->url), p->deltas,
		       p->deltas == 1 ? "" : "s", bytes);
	else
		printf(STR_FMT ": the whole database, %s transferred\n", STR_ARG(p->url), bytes);
	if (p->how != DATA_PULL_CURRENT)
		data_tell(app, &p->manifest);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct pull_settings settings = { 0 };
	struct data_pulled pulled = { 0 };
	struct data_trust trust = { 0 };
	str_list urls = { 0 };
	struct err err = { 0 };
	int operands = 0, status = app_parse(app, self, &settings, argc, argv, &operands);

	if (status >= 0)
		return status;
	for (int i = 0; i < operands; i++)
		VEC_PUSH(&app->task.arena, &urls, str_of(argv[i]));
	if (operands == 0)
		data_urls(app, STR(""), &urls);
	if (urls.n == 0)
		(void)err_set(&err, E_CONFIG, "data pull wants a URL, or one in $CLAIR_DATA_URL");
	if (err.code || app_data(app, &err) < 0 || data_check_place(app, &err) < 0 ||
	    data_trust_of(app, settings.verify_key, settings.require_signature, &trust, &err) < 0)
		return app_usage(self, &err);
	if (data_pull_from(app, &urls, &trust, settings.ca_cert, &pulled, &err) < 0) {
		(void)app_fail(app, &err);
		return err.code == E_CANCELED ? EXIT_INTERRUPTED : EXIT_ERROR;
	}
	tell(app, &pulled);
	return EXIT_DONE;
}

const struct command command_data_pull = {
	.name = "pull",
	.usage = "clair data pull [OPTIONS] [URL...]",
	.summary = "take over a prebuilt database from a server",
	.about = "Fetch advisories that somebody prepared with `clair data export`, instead of from their\n"
		 "publishers. URL is a file of that command, or a folder, with a slash at its end, that\n"
		 "`clair data export --to-folder` keeps; of a folder, only what changed is fetched. Both\n"
		 "may be local, too (file:// or a path); oci://REGISTRY/REPOSITORY:TAG is an artifact in\n"
		 "a registry. Several URLs are mirrors, tried in this order; without one, those of\n"
		 "$CLAIR_DATA_URL, separated by blanks. A download that broke off goes on where it\n"
		 "ended. Everything is checked before it takes the place of what is there.\n",
	.examples =
		"clair data pull https://data.example/clair/\n"
		"clair data pull --verify-key public.pem https://a.example/clair/ https://b.example/clair/\n"
		"clair data pull advisories.clair\n",
	.exit_status = "0 done, 1 error (what was there stays), 64 wrong usage, 130 interrupted\n",
	.options = pull_options,
	.run = run,
};
