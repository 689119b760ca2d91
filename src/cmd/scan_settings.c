/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `clair scan`. Everything that can be wrong with them is found here, before any work is done.
 * The one thing to know: "not given" is told from a value by a number that no user can write (negative, or
 * above OPTION_NUMBER's bound). */
#include "cmd/scan_settings.h"

#include "base/time.h"
#include "cmd/filter.h"
#include "cmd/layer_cache.h"

#include <stddef.h>

enum { NOT_GIVEN = -1, FORMATS_MAX = 16, DEFAULT_MAX_AGE = 5 * 86400, JOBS_MAX = 256 };
#define MEMBER(name) offsetof(struct scan_settings, name)

const struct option_spec scan_options[] = {
	{ "format", 'f', OPTION_TEXT, MEMBER(format_name), "FORMAT",
	  "table (default), plain, clair, index or json;\nindex is what is installed, without advisories" },
	{ "output", 'o', OPTION_TEXT, MEMBER(output), "FILE",
	  "write the report to FILE, all of it or nothing" },
	{ "platform", 0, OPTION_TEXT, MEMBER(platform), "OS/ARCH",
	  "which image of several, such as linux/arm64\n(default: this machine's)" },
	{ "insecure", 0, OPTION_TEXT, MEMBER(insecure), "HOSTS",
	  "registries, separated by commas, that may be asked\nby http and without a verified certificate" },
	{ "ca-cert", 0, OPTION_TEXT, MEMBER(ca_cert), "FILE",
	  "trust these certificates (PEM) of registries too" },
	{ "severity", 's', OPTION_TEXT, MEMBER(severities), "LIST",
	  "show only these, such as high,critical\n(default: all)" },
	{ "sort", 0, OPTION_TEXT, MEMBER(sort), "KEY",
	  "worst first by severity (default), cvss, epss or\nkev; see `clair update clair.epss`" },
	{ "as-of", 0, OPTION_TEXT, MEMBER(date), "DATE",
	  "use the advisories as they were at the end of that\nday (2026-08-01) or then "
	  "(2026-08-01T12:00:00Z)" },
	{ "ignore-unfixed", 0, OPTION_FLAG, MEMBER(ignore_unfixed), NULL,
	  "leave out what has no fixed version" },
	{ "ignore-status", 0, OPTION_TEXT, MEMBER(statuses), "LIST",
	  "leave out what the publisher says of it, such as\nwill_not_fix,fix_deferred,no_advisory,"
	  "end_of_life,\nunder_investigation, affected (no fix) or fixed" },
	{ "fail-on", 0, OPTION_TEXT, MEMBER(fail_on), "SEVERITY",
	  "exit with status 2 when something of this\nseverity or a worse one is found" },
	{ "exit-on-eol", 0, OPTION_FLAG, MEMBER(exit_on_eol), NULL,
	  "exit with status 2 when the distribution has no\nsupport any more" },
	{ "exit-code", 0, OPTION_NUMBER, MEMBER(exit_code), "N",
	  "status for --fail-on and --exit-on-eol (default 2)" },
	{ "max-data-age", 0, OPTION_DURATION, MEMBER(max_data_age), "DURATION",
	  "exit with status 3 when advisories are older;\nwithout it: a warning above 5d" },
	{ "auto-update", 0, OPTION_FLAG, MEMBER(auto_update), NULL,
	  "get advisories first when there are none, or those\nthere are a day old" },
	{ "data-url", 0, OPTION_TEXT, MEMBER(data_url), "URL",
	  "get them by `clair data pull` from here, not by\n`clair update` (default $CLAIR_DATA_URL)" },
	{ "require-coverage", 0, OPTION_FLAG, MEMBER(require_coverage), NULL,
	  "exit with status 3 when no advisories cover\nsome packages, or the distribution is unknown" },
	{ "require-sandbox", 0, OPTION_FLAG, MEMBER(require_sandbox), NULL,
	  "refuse to scan where the kernel cannot confine\nthe worker; see `clair version "
	  "--security`\n(default $CLAIR_REQUIRE_SANDBOX)" },
	{ "refresh", 0, OPTION_FLAG, MEMBER(refresh), NULL, "scan layers again that are known" },
	{ "retry", 0, OPTION_FLAG, MEMBER(retry), NULL, "try layers again that failed before" },
	{ "layer-timeout", 0, OPTION_DURATION, MEMBER(layer_timeout), "DURATION",
	  "give up on a layer after this time (default 5m)" },
	{ "max-layer-size", 0, OPTION_SIZE, MEMBER(max_layer_size), "SIZE",
	  "give up on a layer that inflates to more\n(default 64G)" },
	{ "jobs", 'j', OPTION_NUMBER, MEMBER(jobs), "N", "layers scanned at once (default: one per core)" },
	{ "timeout", 0, OPTION_DURATION, MEMBER(timeout), "DURATION",
	  "give up after this time (default: never)" },
	{ "cache-size", 0, OPTION_SIZE, MEMBER(cache_size), "SIZE",
	  "forget layers when their file grows above this\n(default $CLAIR_CACHE_SIZE or 1G)" },
	{ 0 },
};

static int parse_format(struct scan_settings *s, struct err *err)
{
	const char *names[FORMATS_MAX + 1] = { 0 };
	int i;

	for (size_t n = 0; report_formats[n].name && n < FORMATS_MAX; n++)
		names[n] = report_formats[n].name;
	i = s->format_name.n ? options_choice("format", s->format_name, names, err) : 0;
	TRY(i);
	s->format = &report_formats[i];
	return 0;
}

static int parse_order(struct scan_settings *s, struct err *err)
{
	static const char *const names[] = { "severity", "cvss", "epss", "kev", NULL };
	int i = s->sort.n ? options_choice("sort key", s->sort, names, err) : RATE_BY_SEVERITY;

	TRY(i);
	s->order = (enum rate_order)i;
	return 0;
}

static int parse_gate(struct scan_settings *s, struct err *err)
{
	s->gate = (struct gate_rules){ .require_coverage = s->require_coverage,
				       .has_fail_on = s->fail_on.n > 0,
				       .exit_on_eol = s->exit_on_eol };
	s->gate.is_age_strict = s->max_data_age != NOT_GIVEN;
	s->gate.max_data_age = s->gate.is_age_strict ? s->max_data_age : DEFAULT_MAX_AGE;
	s->gate.status = s->exit_code == UINT64_MAX ? EXIT_GATE : (int)s->exit_code;
	if (s->exit_code != UINT64_MAX && s->exit_code > 255)
		return err_set(err, E_CONFIG, "--exit-code: a number from 0 to 255");
	if (s->exit_code != UINT64_MAX && !s->gate.has_fail_on && !s->gate.exit_on_eol)
		return err_set(err, E_CONFIG, "--exit-code is for --fail-on SEVERITY, which is missing");
	if (s->fail_on.n)
		return filter_severity("severity", s->fail_on, &s->gate.fail_on, err);
	return 0;
}

static int parse_filters(struct arena *a, struct scan_settings *s, struct err *err)
{
	if (s->severities.n)
		TRY(filter_parse(s->severities, &s->severity_set, err));
	if (s->statuses.n)
		TRY(filter_parse_statuses(a, s->statuses, &s->ignored_statuses, err));
	return 0;
}

/* "2026-02-31" has the form of a date, and is none. */
static bool is_day(struct str text, int64_t *at)
{
	char day[32];
	int64_t midnight;

	return time_parse(text, at) && time_parse(str_sub(text, 0, 10), &midnight) &&
	       memcmp(time_rfc3339(midnight, day), text.p, 10) == 0;
}

/* A day means its end; today, which has none yet, means now. */
static int parse_date(struct scan_settings *s, struct err *err)
{
	enum { DAY = 86400 };
	int64_t now = time_now(), at;

	if (s->date.n == 0)
		return 0;
	if (!is_day(s->date, &at))
		return err_set(err, E_CONFIG,
			       "--as-of: '" STR_FMT "' is no date such as 2026-08-01 or 2026-08-01T12:00:00Z",
			       STR_ARG(s->date));
	if (at > now)
		return err_set(err, E_CONFIG, "--as-of: " STR_FMT " is in the future", STR_ARG(s->date));
	if (s->date.n == 10)
		at = at + DAY - 1 < now ? at + DAY - 1 : now;
	s->as_of = at > 1 ? at : 1;
	if (!s->format->needs_matches)
		return err_set(err, E_CONFIG, "--as-of is about advisories, and the format %s has none",
			       s->format->name);
	if (s->gate.is_age_strict)
		return err_set(err, E_CONFIG,
			       "--max-data-age is about today's data: leave it out with --as-of");
	return 0;
}

static int check(struct arena *a, struct scan_settings *s, int operands, char **argv, struct err *err)
{
	if (operands == 0)
		return err_set(err, E_CONFIG, "no TARGET: what should be scanned?");
	if (operands > 1)
		return err_set(err, E_CONFIG, "one TARGET at a time: '%s' is one too many", argv[1]);
	s->target = str_of(argv[0]);
	if (s->jobs > JOBS_MAX)
		return err_set(err, E_CONFIG, "--jobs: a number from 0 to %d", JOBS_MAX);
	TRY(parse_format(s, err));
	TRY(parse_filters(a, s, err));
	TRY(parse_order(s, err));
	TRY(parse_gate(s, err));
	TRY(parse_date(s, err));
	return s->cache_size == UINT64_MAX ? layer_cache_cap(&s->cache_size, err) : 0;
}

int scan_settings_parse(struct app *app, const struct command *command, int argc, char **argv,
			struct scan_settings *out)
{
	struct err err = { 0 };
	int operands = 0, status;

	*out = (struct scan_settings){ .max_data_age = NOT_GIVEN,
				       .exit_code = UINT64_MAX,
				       .cache_size = UINT64_MAX };
	status = app_parse(app, command, out, argc, argv, &operands);
	if (status >= 0)
		return status;
	if (check(&app->task.arena, out, operands, argv, &err) < 0 || app_data(app, &err) < 0)
		return app_usage(command, &err);
	if (out->timeout)
		app->task.deadline_ns = time_monotonic_ns() + (uint64_t)out->timeout * 1000000000u;
	return -1;
}
