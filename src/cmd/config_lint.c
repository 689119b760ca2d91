/* SPDX-License-Identifier: Apache-2.0 */
/* What is allowed but probably not meant. The list is that of Clair's configuration package; all of it runs
 * at the start of a service and in check-config, for the parts the mode runs. What a reader would get wrong:
 * what is left open on purpose is no warning here but a note, because a service without a configuration is a
 * supported one. */
#include "cmd/config_parts.h"
#include "cmd/config_value.h"

#include <unistd.h>

enum { HOUR = 3600 };

struct lint {
	const struct config_document *d;
	struct config *c;
	config_lints *out;
};

static void warn(const struct lint *l, const char *text, const char *path)
{
	VEC_PUSH(l->d->arena, l->out, str_format(l->d->arena, "%s (at $.%s)", text, path));
}

static void note(const struct lint *l, const char *text, const char *path)
{
	VEC_PUSH(l->d->arena, &l->c->notes, str_format(l->d->arena, "%s (at $.%s)", text, path));
}

static bool has(const struct lint *l, const char *path)
{
	return config_find(l->d, path) != NULL;
}

static bool is_true(const struct lint *l, const char *path)
{
	const struct json_value *v = config_find(l->d, path);

	return v && v->type == JSON_TRUE;
}

/* A duration that is given and is shorter. */
static bool is_shorter(const struct lint *l, const char *path, int64_t seconds)
{
	struct str text = config_find_text(l->d, path);
	int64_t got;

	return text.n && config_duration(text, &got) && got < seconds;
}

/* ---- connection strings ---- */

static bool has_postgres_environment(void)
{
	for (char **e = environ; *e; e++)
		if (str_starts(str_of(*e), STR("PG")))
			return true;
	return false;
}

static void lint_connstring(const struct lint *l, const char *path)
{
	static const char *const known[] = { "postgresql://", "postgres://", "sqlite:", "/" };
	struct str text = config_find_text(l->d, path);

	if (text.n == 0 && has_postgres_environment())
		note(l, "no connection string: PostgreSQL as the PG* variables say", path);
	else if (text.n == 0)
		note(l, "no connection string: SQLite in the data directory", path);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text.n == 0 || str_starts(text, str_of(known[i])))
			return;
	if (str_search(text, STR("://")) < text.n)
		warn(l, "connection string: a URL, but not of postgresql://", path);
	else if (str_find(text, '=') == text.n)
		warn(l, "connection string: neither a URL nor key=value pairs", path);
}

/* ---- services ---- */

static void lint_indexer(const struct lint *l)
{
	const struct config_indexer *c = &l->c->indexer;

	lint_connstring(l, "indexer.connstring");
	if (c->scanlock_retry > 10)
		warn(l, "a lock is tried again after more than 10 seconds", "indexer.scanlock_retry");
	if (c->layer_scan_concurrency < 4)
		warn(l, "few layers at once: indexing will be slow", "indexer.layer_scan_concurrency");
	if (c->layer_scan_concurrency > 32)
		warn(l, "many layers at once: memory and connections may run out",
		     "indexer.layer_scan_concurrency");
	if (c->index_report_request_concurrency == 0)
		note(l, "requests at once: four for each core", "indexer.index_report_request_concurrency");
	if (c->fetch.mode == FETCH_ANY && !c->fetch.is_airgapped)
		warn(l, "layers may be fetched from any address, metadata services of clouds too",
		     "indexer.layer_fetch.policy");
}

static void lint_matcher(const struct lint *l)
{
	const struct config_matcher *c = &l->c->matcher;
	const struct json_value *retention = config_find(l->d, "matcher.update_retention");

	lint_connstring(l, "matcher.connstring");
	if (is_shorter(l, "matcher.period", 6 * HOUR))
		warn(l, "updates more often than publishers like", "matcher.period");
	if (c->cache_age < c->period / 2)
		warn(l, "reports are cached for less than half the time between updates",
		     "matcher.cache_age");
	if (retention && str_eq(retention->text, STR("0")))
		warn(l, "0 keeps 10 update operations; write -1 to keep all", "matcher.update_retention");
	if (has(l, "matcher.max_conn_pool"))
		warn(l, "deprecated: use server.store_connections", "matcher.max_conn_pool");
	config_lint_updaters(l->d, l->out);
}

static void lint_mechanism(const struct lint *l, const char *name)
{
	struct arena *a = l->d->arena;
	const char *callback = str_format(a, "notifier.%s.callback", name).p;
	const char *direct = str_format(a, "notifier.%s.direct", name).p;
	const char *rollup = str_format(a, "notifier.%s.rollup", name).p;
	const struct json_value *n = config_find(l->d, rollup);
	struct str url = config_find_text(l->d, callback);

	if (url.n && !str_ends(url, STR("/")))
		warn(l, "no slash at the end: one is put there", callback);
	if (url.n && is_true(l, direct))
		warn(l, "a callback, but notifications are sent directly", callback);
	if (n && str_eq(n->text, STR("1")))
		warn(l, "a rollup of 1 is none", rollup);
}

static void lint_notifier(const struct lint *l)
{
	unsigned mechanisms = (unsigned)has(l, "notifier.webhook") + has(l, "notifier.amqp") +
			      has(l, "notifier.stomp");

	if (l->d->mode == MODE_COMBO && !has(l, "notifier"))
		return;
	lint_connstring(l, "notifier.connstring");
	if (mechanisms == 0)
		warn(l, "nobody is told: neither webhook nor amqp nor stomp", "notifier");
	if (mechanisms > 1)
		warn(l, "several ways of delivery: only the first of webhook, amqp, stomp is used",
		     "notifier");
	if (is_shorter(l, "notifier.poll_interval", 6 * HOUR))
		warn(l, "update operations are looked for more often than there are any",
		     "notifier.poll_interval");
	if (is_shorter(l, "notifier.delivery_interval", HOUR))
		warn(l, "deliveries in short intervals", "notifier.delivery_interval");
	if (is_true(l, "notifier.disable_summary"))
		warn(l, "without summaries there are very many notifications", "notifier.disable_summary");
	if (has(l, "notifier.webhook.signed"))
		warn(l, "deprecated: requests are signed when auth.psk is there", "notifier.webhook.signed");
	lint_mechanism(l, "webhook");
	lint_mechanism(l, "amqp");
	lint_mechanism(l, "stomp");
}

/* ---- everywhere ---- */

static void lint_addresses(const struct lint *l)
{
	if (!config_find_text(l->d, "http_listen_addr").n)
		note(l, "the API listens at :6060", "http_listen_addr");
	if (!config_find_text(l->d, "introspection_addr").n)
		note(l, "metrics and health are at :8089", "introspection_addr");
	else if (!config_is_address(l->c->introspection_addr))
		warn(l, "no address: there will be no metrics and health", "introspection_addr");
}

static bool is_one_of(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(s, str_of(*names)))
			return true;
	return false;
}

static void lint_otlp(const struct lint *l, const char *section)
{
	static const char *const kinds[] = { "http", "grpc" };
	struct arena *a = l->d->arena;
	struct str path = config_find_text(l->d, str_format(a, "%s.http.url_path", section).p);

	if (has(l, str_format(a, "%s.http", section).p) && has(l, str_format(a, "%s.grpc", section).p))
		warn(l, "both http and grpc", section);
	if (path.n > 1 && str_ends(path, STR("/")))
		warn(l, "a slash at the end of the path", str_format(a, "%s.http.url_path", section).p);
	for (size_t i = 0; i < 2; i++) {
		const char *timeout = str_format(a, "%s.%s.timeout", section, kinds[i]).p;

		if (is_shorter(l, timeout, 1))
			warn(l, "no time at all for an export", timeout);
	}
}

static void lint_telemetry(const struct lint *l)
{
	static const char *const tracers[] = { "", "otlp", "jaeger", "sentry", "stdout", NULL };
	static const char *const meters[] = { "prometheus", "otlp", "stdout", NULL };
	struct str tracer = config_find_text(l->d, "trace.name");

	if (!is_one_of(tracer, tracers))
		warn(l, "unknown provider of traces", "trace.name");
	if (str_eq(tracer, STR("jaeger")) || has(l, "trace.jaeger"))
		warn(l, "jaeger is deprecated", "trace.jaeger");
	if (!is_one_of(l->c->metrics_name, meters))
		warn(l, "unknown provider of metrics: there will be none", "metrics.name");
	lint_otlp(l, "trace.otlp");
	lint_otlp(l, "metrics.otlp");
}

static void lint_deprecated(const struct lint *l)
{
	static const char *const authorities[] = { "tls.root_ca", "notifier.amqp.tls.root_ca",
						   "notifier.stomp.tls.root_ca" };

	for (size_t i = 0; i < 3; i++)
		if (has(l, authorities[i]))
			warn(l, "deprecated: use SSL_CERT_FILE", authorities[i]);
	if (has(l, "auth.keyserver"))
		warn(l, "the key server is no more; requests are not checked by it", "auth.keyserver");
}

static void lint_auth(const struct lint *l)
{
	for (size_t i = 0; i < l->c->auth.keys.n; i++)
		if (l->c->auth.keys.p[i].n < 16)
			warn(l, "a key of less than 16 bytes can be guessed", "auth.psk");
}

void config_lint(const struct config_document *d, struct config *c, config_lints *lints)
{
	const struct lint l = { d, c, lints };

	if (d->mode == MODE_CLIENT)
		return;
	lint_addresses(&l);
	if (config_runs_indexer(d->mode))
		lint_indexer(&l);
	if (config_runs_matcher(d->mode))
		lint_matcher(&l);
	if (config_runs_notifier(d->mode))
		lint_notifier(&l);
	lint_auth(&l);
	lint_telemetry(&l);
	lint_deprecated(&l);
}
