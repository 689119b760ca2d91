/* SPDX-License-Identifier: Apache-2.0 */
/* Advisories for a scan that lacks them. What a reader would get wrong: a scan does not fetch by itself. It
 * does when it was told to, or when somebody at a terminal says so; a job whose input was left open must not
 * wait for an answer, so both ends must be terminals. */
#include "cmd/scan_data.h"

#include "base/time.h"
#include "cmd/data.h"
#include "cmd/updating.h"
#include "engine/data_pull.h"
#include "store/advisories.h"
#include "store/place.h"

#include <stdio.h>
#include <unistd.h>

enum { OLD_SECONDS = 86400 };

enum state { STATE_NONE, STATE_OLD, STATE_FRESH };

/* Fresh: something was known to be current within a day. A publisher that fails for long is no reason to ask
 * the others at each scan. */
static int look(struct app *app, enum state *out, struct err *err)
{
	autoadvisories struct advisory_store *store = NULL;
	updater_states updaters = { 0 };
	int64_t last = 0;
	int rc = advisories_open(app->data, STORE_READ, &store, err);

	*out = STATE_NONE;
	if (rc == E_NOTFOUND)
		return 0;
	TRY(rc);
	TRY(advisories_updaters(store, &app->task, &updaters, err));
	VEC_EACH (const struct updater_state, u, &updaters)
		last = u->last_success > last ? u->last_success : last;
	*out = time_now() - last > OLD_SECONDS ? STATE_OLD : STATE_FRESH;
	return 0;
}

static bool agrees(void)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "There are no advisories yet. Pull a prebuilt database now? [Y/n] ");
	return fgets(answer, sizeof(answer), stdin) &&
	       (answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y');
}

static int pull(struct app *app, const str_list *urls, struct err *err)
{
	struct data_trust trust = { 0 };
	struct data_pulled pulled = { 0 };

	TRY(data_check_place(app, err));
	TRY(data_trust_of(app, STR(""), false, &trust, err));
	TRY(data_pull_from(app, urls, &trust, STR(""), &pulled, err));
	log_line(&app->log, LOG_INFO, STR_FMT ": %s", STR_ARG(pulled.url),
		 pulled.how == DATA_PULL_CURRENT ? "the data are current" : "the data were pulled");
	return 0;
}

static int renew(struct app *app, const str_list *urls, struct err *err)
{
	return urls->n ? pull(app, urls, err) : updating_run_all(app, err);
}

static int lacking(const struct app *app, bool has_url, struct err *err)
{
	return err_set(err, E_NOTFOUND,
		       "no advisories in " STR_FMT ": run `clair update`%s first, or scan with --auto-update",
		       STR_ARG(app->data), has_url ? " or `clair data pull`" : "");
}

int scan_data_prepare(struct app *app, const struct scan_data *wish, struct err *err)
{
	str_list urls = { 0 };
	enum state state;
	int rc;

	TRY(look(app, &state, err));
	if (state == STATE_FRESH || (state == STATE_OLD && (!wish->is_automatic || wish->is_past)))
		return 0;
	data_urls(app, wish->url, &urls);
	if (state == STATE_NONE && !wish->is_automatic && !(urls.n && agrees()))
		return lacking(app, urls.n > 0, err);
	rc = renew(app, &urls, err);
	if (rc == 0 || state == STATE_NONE)
		return rc;
	TRY(task_check(&app->task, err));
	log_line(&app->log, LOG_WARNING, "the advisories could not be renewed: %s", err->text);
	return 0;
}
