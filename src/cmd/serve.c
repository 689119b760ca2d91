/* SPDX-License-Identifier: Apache-2.0 */
/* `clair serve`: read the configuration, start the service, await signals, drain, stop. Clair's own flags
 * (-conf, -mode, with one dash or two) and variables (CLAIR_CONF, CLAIR_MODE) are understood. What a reader
 * would get wrong: without a configuration this is a working service, on SQLite in the data directory that
 * `clair update` uses too. */
#include "cmd/serve.h"

#include "cmd/elsewhere.h"

#include <malloc.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CERTIFICATE_POLL_MS = 60 * 1000 };

struct serve_settings {
	struct str conf, mode, listen, introspection;
};
#define MEMBER(name) offsetof(struct serve_settings, name)

static const struct option_spec serve_specs[] = {
	{ "conf", 0, OPTION_TEXT, MEMBER(conf), "FILE",
	  "configuration, .yaml or .json, with FILE.d/ beside it\n(default $CLAIR_CONF; none: built-in "
	  "defaults)" },
	{ "mode", 0, OPTION_TEXT, MEMBER(mode), "MODE",
	  "combo, indexer, matcher or notifier\n(default $CLAIR_MODE, else combo)" },
	{ "listen", 0, OPTION_TEXT, MEMBER(listen), "ADDRESS",
	  "of the API, before the configuration's\n(:6060)" },
	{ "introspection", 0, OPTION_TEXT, MEMBER(introspection), "ADDRESS",
	  "of metrics and health, before the configuration's\n(:8089)" },
	{ 0 },
};

/* Go's flags have one dash or two; ours have two. */
static void double_dashes(struct arena *a, int argc, char **argv)
{
	static const char *const flags[] = { "-conf", "-mode" };

	for (int i = 0; i < argc; i++)
		for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
			struct str name = str_of(flags[f]), word = str_of(argv[i]);

			if (str_starts(word, name) && (word.n == name.n || word.p[name.n] == '='))
				argv[i] = (char *)str_format(a, "-" STR_FMT, STR_ARG(word)).p;
		}
}

static struct str given(struct str option, const char *variable)
{
	return option.n ? option : str_of(getenv(variable));
}

static int level_of(struct str word)
{
	static const struct {
		const char *word;
		int level;
	} levels[] = { { "debug", LOG_DEBUG },	{ "debug-color", LOG_DEBUG }, { "info", LOG_INFO },
		       { "warn", LOG_WARNING }, { "error", LOG_ERROR },	      { "fatal", LOG_ERROR },
		       { "panic", LOG_ERROR } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (str_eq_nocase(word, str_of(levels[i].word)))
			return levels[i].level;
	return LOG_INFO;
}

static void set_log(struct serve *s)
{
	struct str format = s->config.server.log_format;
	bool is_terminal = isatty(STDERR_FILENO);

	s->log.level = level_of(s->config.log_level);
	if (s->app->verbose)
		s->log.level = LOG_DEBUG;
	if (s->app->quiet)
		s->log.level = LOG_ERROR;
	if (str_eq(format, STR("text")) || (!format.n && is_terminal))
		s->log.format = is_terminal && app_wants_color(s->app, STDERR_FILENO) ? LOG_COLOR : LOG_TEXT;
	else
		s->log.format = LOG_JSON;
	if (str_eq_nocase(s->config.log_level, STR("debug-color")))
		s->log.format = LOG_COLOR;
}

static void tell_lints(const struct serve *s)
{
	VEC_EACH (struct str, lint, &s->lints)
		log_event(&s->log, LOG_WARNING, "configuration lint",
			  (const struct log_attribute[]){ { "lint", *lint }, { 0 } });
	VEC_EACH (struct str, note, &s->config.notes)
		log_event(&s->log, LOG_INFO, "configuration",
			  (const struct log_attribute[]){ { "note", *note }, { 0 } });
	VEC_EACH (struct str, name, &s->unknown)
		log_event(&s->log, LOG_WARNING, "a name in the configuration is not known",
			  (const struct log_attribute[]){ { "name", *name }, { 0 } });
}

static int configure(struct serve *s, const struct serve_settings *settings, struct err *err)
{
	struct arena *a = &s->app->task.arena;
	struct str mode = given(settings->mode, "CLAIR_MODE");

	s->mode = MODE_COMBO;
	if (mode.n)
		TRY(config_mode_parse(mode, &s->mode, err));
	TRY(config_load(a, given(settings->conf, "CLAIR_CONF"), s->mode, &s->config, &s->lints, err));
	if (settings->listen.n)
		s->config.http_listen_addr = settings->listen;
	if (settings->introspection.n)
		s->config.introspection_addr = settings->introspection;
	return 0;
}

/* When certificate or key were changed last; 0: no TLS. */
static int64_t certificate_time(const struct serve *s)
{
	const struct str paths[] = { s->config.tls_cert, s->config.tls_key };
	struct stat st;
	int64_t sum = 0;

	for (size_t i = 0; i < 2; i++)
		if (paths[i].n && stat(str_copy(&s->app->task.arena, paths[i]).p, &st) == 0)
			sum += st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return sum;
}

static void reload(struct serve *s)
{
	struct err err = { 0 };

	if (!s->config.tls_cert.n)
		return;
	if (http_server_reload_tls(s->server, &err) < 0 ||
	    (s->introspector && s->config.tls_introspection &&
	     http_server_reload_tls(s->introspector, &err) < 0))
		log_event(&s->log, LOG_ERROR, "the certificate stays as it was",
			  (const struct log_attribute[]){ { "reason", str_of(err.text) }, { 0 } });
	else
		log_event(&s->log, LOG_INFO, "certificate read again",
			  (const struct log_attribute[]){ { 0 } });
}

/* Until the first SIGINT or SIGTERM. A hang-up, or a file that changed, has the certificate read again. */
static void await_end(struct serve *s)
{
	struct interrupt *i = s->app->interrupt;
	struct pollfd p = { .fd = i->event_fd, .events = POLLIN };
	int64_t changed = certificate_time(s);
	eventfd_t ignored;
	unsigned hangups = 0;

	while (!atomic_load(&i->canceled)) {
		int64_t now;

		if (poll(&p, 1, CERTIFICATE_POLL_MS) > 0)
			(void)eventfd_read(i->event_fd, &ignored);
		now = certificate_time(s);
		if (now == changed && hangups == atomic_load(&i->hangups))
			continue;
		changed = now;
		hangups = atomic_load(&i->hangups);
		reload(s);
	}
}

static int serve_until_told(struct serve *s, struct err *err)
{
	static const char *const modes[] = { "combo", "indexer", "matcher", "notifier" };

	TRY(serve_start(s, err));
	log_event(&s->log, LOG_INFO, "ready to serve",
		  (const struct log_attribute[]){
			  { "mode", str_of(modes[s->mode]) },
			  { "address", s->config.http_listen_addr },
			  { "port", str_format(&s->app->task.arena, "%u", http_server_port(s->server)) },
			  { "version", STR(CLAIR_VERSION) },
			  { 0 } });
	systemd_notify("READY=1");
	await_end(s);
	log_event(&s->log, LOG_INFO, "draining", (const struct log_attribute[]){ { 0 } });
	systemd_notify("STOPPING=1");
	return serve_drain(s, err);
}

static int run(struct app *app, const struct command *self, int argc, char **argv)
{
	struct serve_settings settings = { 0 };
	struct serve s = { .app = app };
	struct err err = { 0 };
	int operands = 0, status, rc;

	double_dashes(&app->task.arena, argc, argv);
	status = app_parse(app, self, &settings, argc, argv, &operands);
	if (status >= 0)
		return status;
	if (operands) {
		err_set(&err, E_CONFIG, "serve takes no argument: \"%s\"", argv[0]);
		return app_usage(self, &err);
	}
	if (configure(&s, &settings, &err) < 0)
		return app_fail(app, &err);
	set_log(&s);
	tell_lints(&s);
	/* threads come and go: a heap for each would keep what they used */
	mallopt(M_ARENA_MAX, 2);
	atomic_store(&app->interrupt->takes_hangups, true);
	rc = serve_until_told(&s, &err);
	serve_stop(&s);
	if (rc < 0) {
		log_event(&s.log, LOG_ERROR, "fatal error",
			  (const struct log_attribute[]){ { "reason", str_of(err.text) }, { 0 } });
		return EXIT_ERROR;
	}
	return EXIT_DONE;
}

const struct command command_serve = {
	.name = "serve",
	.usage = "clair serve [-conf FILE] [-mode MODE] [OPTIONS]",
	.summary = SUMMARY_SERVE,
	.about = "Serve Clair v4's HTTP API: index images, report their vulnerabilities, keep the\n"
		 "advisories up to date. Without a configuration it listens on port 6060 and keeps its\n"
		 "data in SQLite files in the data directory. Health and metrics are on port 8089.\n",
	.examples = "clair serve\n"
		    "clair serve -conf /etc/clair/config.yaml -mode indexer\n"
		    "clair check-config /etc/clair/config.yaml\n",
	.exit_status = "0    told to end (SIGINT, SIGTERM), and all requests were answered\n"
		       "1    could not start, or requests had to be cut off\n"
		       "64   wrong usage\n"
		       "130  told to end twice\n",
	.options = serve_specs,
	.run = run,
};
