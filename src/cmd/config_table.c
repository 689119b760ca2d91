/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of the configuration, once: decoding, defaults, unknown keys, masking of secrets, documentation
 * and tests follow from these rows. Source of Clair's keys: its documentation, "Config Reference",
 * https://quay.github.io/clair/reference/config.html . What a reader would get wrong: a key without a member
 * is not forgotten; it is checked, and read from the tree by who needs it. */
#include "cmd/config_table.h"

#include <stddef.h>

#define AT(member) offsetof(struct config, member)

static const char *const levels[] = {
	"debug-color", "debug", "info", "warn", "error", "fatal", "panic", NULL
};
static const char *const formats[] = { "json", "text", NULL };

/* What several sections have alike. */
#define TLS(section, what)                                                                                     \
	{ section ".cert",                                                                                     \
	  CONFIG_TEXT,                                                                                         \
	  CONFIG_UNUSED,                                                                                       \
	  CONFIG_NOWHERE,                                                                                      \
	  NULL,                                                                                                \
	  "certificate file for " what "; needs key",                                                          \
	  NULL },                                                                                              \
		{ section ".key", CONFIG_TEXT, CONFIG_UNUSED, CONFIG_NOWHERE, NULL, "its private key", NULL }, \
	{                                                                                                      \
		section ".root_ca", CONFIG_TEXT, CONFIG_UNUSED, CONFIG_NOWHERE, NULL,                          \
			"authorities to trust; deprecated, use SSL_CERT_FILE", NULL                            \
	}
#define UNUSED(path, type, about)                                                                            \
	{                                                                                                    \
		path, type, CONFIG_UNUSED, CONFIG_NOWHERE, NULL, about, NULL                                 \
	}
#define OTLP(section, at)                                                                                    \
	UNUSED(section ".endpoint", CONFIG_TEXT, "collector, host:port (" at ")"),                           \
		UNUSED(section ".compression", CONFIG_COMPRESSION, "how it is compressed: none or gzip"),    \
		{ section ".headers",                                                                        \
		  CONFIG_TEXTS,                                                                              \
		  CONFIG_UNUSED | CONFIG_SECRET,                                                             \
		  CONFIG_NOWHERE,                                                                            \
		  NULL,                                                                                      \
		  "sent with every request",                                                                 \
		  NULL },                                                                                    \
		UNUSED(section ".insecure", CONFIG_BOOL, "without TLS"),                                     \
		UNUSED(section ".timeout", CONFIG_DURATION, "of one export (10s)"),                          \
		TLS(section ".client_tls", "the collector")
#define OTLP_HTTP(section, path)                                                                             \
	OTLP(section, "localhost:4318"), UNUSED(section ".url_path", CONFIG_TEXT, "path (" path ")")
#define OTLP_GRPC(section)                                                                                   \
	OTLP(section, "localhost:4317"),                                                                     \
		UNUSED(section ".reconnect", CONFIG_DURATION, "shortest pause between attempts"),            \
		UNUSED(section ".service_config", CONFIG_TEXT, "gRPC service configuration")

/* clang-format off */
const struct config_key config_keys[] = {
	{ "http_listen_addr", CONFIG_TEXT, CONFIG_ZERO, AT(http_listen_addr), ":6060", "where the API listens, host:port", NULL },
	{ "introspection_addr", CONFIG_TEXT, CONFIG_ZERO, AT(introspection_addr), ":8089",
	  "where metrics and health are, host:port", NULL },
	{ "log_level", CONFIG_TEXT, 0, AT(log_level), "info",
	  "one of debug, info, warn and error; fatal and panic are as error, debug-color is debug for a terminal", levels },
	{ "data_dir", CONFIG_TEXT, CONFIG_OURS, AT(data_dir), NULL,
	  "where SQLite files are when no connection string says otherwise ($STATE_DIRECTORY, else --data)", NULL },
	{ "require_sandbox", CONFIG_BOOL, CONFIG_OURS, AT(require_sandbox), "false",
	  "refuse to read layers and feeds where workers cannot be confined fully", NULL },
	{ "tls.cert", CONFIG_TEXT, 0, AT(tls_cert), NULL, "certificate file of the API; needs tls.key", NULL },
	{ "tls.key", CONFIG_TEXT, 0, AT(tls_key), NULL, "its private key", NULL },
	UNUSED("tls.root_ca", CONFIG_TEXT, "deprecated, use SSL_CERT_FILE"),
	{ "tls.introspection", CONFIG_BOOL, CONFIG_OURS, AT(tls_introspection), "false",
	  "metrics and health with this certificate too", NULL },

	{ "server.connections", CONFIG_INTEGER, CONFIG_OURS | CONFIG_ZERO, AT(server.connections), "1000",
	  "connections at once; beyond, the idlest one is closed", NULL },
	{ "server.connections_per_address", CONFIG_INTEGER, CONFIG_OURS, AT(server.connections_per_address), "0",
	  "of them from one address; 0: as many as there are", NULL },
	{ "server.request_timeout", CONFIG_DURATION, CONFIG_OURS | CONFIG_ZERO, AT(server.request_timeout), "14s",
	  "until a request must be read whole", NULL },
	{ "server.shutdown_timeout", CONFIG_DURATION, CONFIG_OURS, AT(server.shutdown_timeout), "10s",
	  "for requests that run when the service is told to end", NULL },
	{ "server.threads", CONFIG_INTEGER, CONFIG_OURS, AT(server.threads), "0",
	  "threads that answer requests; 0: two for each core, at least 4", NULL },
	{ "server.store_connections", CONFIG_INTEGER, CONFIG_OURS | CONFIG_ZERO, AT(server.store_connections), "4",
	  "connections to each database", NULL },
	{ "server.log_format", CONFIG_TEXT, CONFIG_OURS, AT(server.log_format), NULL,
	  "how lines are written: json or text; json unless standard error is a terminal", formats },

	{ "indexer.connstring", CONFIG_CONNSTRING, 0, AT(indexer.connstring), NULL,
	  "PostgreSQL's URL or key=value form, or sqlite:DIR; empty: PG* variables, else SQLite in data_dir", NULL },
	{ "indexer.scanlock_retry", CONFIG_INTEGER, CONFIG_ZERO | CONFIG_UNUSED, AT(indexer.scanlock_retry), "1",
	  "seconds between attempts to get a lock", NULL },
	{ "indexer.layer_scan_concurrency", CONFIG_INTEGER, CONFIG_ZERO, AT(indexer.layer_scan_concurrency), "10",
	  "layers of one request that are read at once", NULL },
	{ "indexer.index_report_request_concurrency", CONFIG_INTEGER, CONFIG_SIGNED,
	  AT(indexer.index_report_request_concurrency), "0",
	  "manifests indexed at once; 0: four for each core, below 0: no limit", NULL },
	{ "indexer.migrations", CONFIG_BOOL, 0, AT(indexer.migrations), "false",
	  "bring a PostgreSQL schema up to date at start (SQLite's always is)", NULL },
	{ "indexer.airgap", CONFIG_BOOL, 0, AT(indexer.airgap), "false",
	  "fetch layers from private addresses only", NULL },
	{ "indexer.layer_fetch.policy", CONFIG_POLICY, CONFIG_OURS, AT(indexer.fetch.mode), "default",
	  "where layers may be fetched from: default (not link-local and metadata services), strict (public addresses only) or any", NULL },
	{ "indexer.layer_fetch.allow", CONFIG_RULES, CONFIG_OURS, AT(indexer.fetch.allow), NULL,
	  "addresses, networks, hosts or *.domains that are allowed all the same", NULL },
	{ "indexer.layer_fetch.deny", CONFIG_RULES, CONFIG_OURS, AT(indexer.fetch.deny), NULL,
	  "those that are refused all the same", NULL },
	{ "indexer.layer_fetch.timeout", CONFIG_DURATION, CONFIG_OURS | CONFIG_ZERO, AT(indexer.layer_timeout), "5m",
	  "for one layer, fetching and reading", NULL },
	{ "indexer.worker_memory", CONFIG_SIZE, CONFIG_OURS, AT(indexer.memory), "0",
	  "memory of all workers together, as 512M; 0: by the cores there are", NULL },
	UNUSED("indexer.scanner.package", CONFIG_FREE, "settings of package scanners"),
	UNUSED("indexer.scanner.dist", CONFIG_FREE, "settings of distribution scanners"),
	UNUSED("indexer.scanner.repo", CONFIG_FREE, "settings of repository scanners"),

	{ "matcher.connstring", CONFIG_CONNSTRING, 0, AT(matcher.connstring), NULL, "as indexer.connstring", NULL },
	{ "matcher.indexer_addr", CONFIG_URL, 0, AT(matcher.indexer_addr), NULL,
	  "URL of the indexer; needed in matcher mode unless indexer.connstring is given", NULL },
	{ "matcher.period", CONFIG_DURATION, CONFIG_ZERO, AT(matcher.period), "6h",
	  "between updates of the advisories; below a minute: the default", NULL },
	{ "matcher.update_retention", CONFIG_INTEGER, CONFIG_SIGNED, AT(matcher.update_retention), "10",
	  "update operations kept for each updater; 0 and 1: 10, below 0: all", NULL },
	{ "matcher.history", CONFIG_DURATION, CONFIG_OURS, AT(matcher.history), "90d",
	  "how long advisories are kept that are no longer valid", NULL },
	{ "matcher.cache_age", CONFIG_DURATION, CONFIG_ZERO, AT(matcher.cache_age), NULL,
	  "how long reports may be cached (matcher.period)", NULL },
	{ "matcher.wait_for_data", CONFIG_BOOL, CONFIG_OURS, AT(matcher.wait_for_data), "true",
	  "not ready before there are advisories", NULL },
	{ "matcher.migrations", CONFIG_BOOL, 0, AT(matcher.migrations), "false", "as indexer.migrations", NULL },
	{ "matcher.disable_updaters", CONFIG_BOOL, 0, AT(matcher.disable_updaters), "false",
	  "fetch no advisories; they come by import-updaters or another node", NULL },
	{ "matcher.disable_enrichment", CONFIG_BOOL, 0, AT(matcher.disable_enrichment), "false",
	  "leave enrichments out of reports", NULL },
	UNUSED("matcher.max_conn_pool", CONFIG_INTEGER, "deprecated, use server.store_connections"),

	{ "matchers.names", CONFIG_NAMES, 0, AT(matcher.names), NULL, "matchers to use; absent: all, []: none", NULL },
	{ "matchers.config", CONFIG_FREE, 0, AT(matcher.matchers_config), NULL, "matcher name to its settings: `rhel` has `ignore_unpatched`, to leave out what has no fix", NULL },
	{ "updaters.sets", CONFIG_NAMES, 0, AT(updaters.sets), NULL, "updater sets to run; absent: all but those that are opt-in, []: none", NULL },
	{ "updaters.config", CONFIG_FREE, 0, AT(updaters.config), NULL, "set or updater name to its settings", NULL },
	{ "updaters.filter", CONFIG_TEXT, 0, AT(updaters.filter), NULL,
	  "regular expression that the names of updaters must match", NULL },
	{ "updaters.mirror", CONFIG_URL, CONFIG_OURS, AT(updaters.mirror), NULL,
	  "URL or folder to take all feeds from, instead of their publishers", NULL },
	{ "updaters.debian_archive", CONFIG_URL, CONFIG_OURS, AT(updaters.debian_archive), NULL,
	  "URL of the Debian archive, to learn its releases ($CLAIR_DEBIAN_ARCHIVE)", NULL },

	{ "auth.psk.key", CONFIG_BASE64, CONFIG_SECRET, CONFIG_NOWHERE, NULL,
	  "key that tokens are signed with; with auth.psk every request needs a token", NULL },
	{ "auth.psk.keys", CONFIG_BASE64_LIST, CONFIG_OURS | CONFIG_SECRET, CONFIG_NOWHERE, NULL,
	  "further keys that are accepted, to change keys without a pause", NULL },
	{ "auth.psk.iss", CONFIG_NAMES, 0, AT(auth.issuers), NULL, "issuers that are accepted; at least one", NULL },
	{ "auth.psk.require_expiry", CONFIG_BOOL, CONFIG_OURS, AT(auth.require_expiry), "false",
	  "refuse tokens that never expire", NULL },
	UNUSED("auth.keyserver.api", CONFIG_TEXT, "a feature that was removed from Clair"),
	{ "auth.keyserver.intraservice", CONFIG_BASE64, CONFIG_SECRET | CONFIG_UNUSED, CONFIG_NOWHERE, NULL,
	  "a feature that was removed from Clair", NULL },

	{ "notifier.connstring", CONFIG_CONNSTRING, 0, AT(notifier_connstring), NULL, "as indexer.connstring", NULL },
	{ "notifier.migrations", CONFIG_BOOL, 0, CONFIG_NOWHERE, "false", "as indexer.migrations", NULL },
	{ "notifier.indexer_addr", CONFIG_URL, 0, AT(notifier_indexer_addr), NULL,
	  "URL of the indexer; needed in notifier mode", NULL },
	{ "notifier.matcher_addr", CONFIG_URL, 0, AT(notifier_matcher_addr), NULL,
	  "URL of the matcher; needed in notifier mode", NULL },
	{ "notifier.poll_interval", CONFIG_DURATION, CONFIG_ZERO, CONFIG_NOWHERE, "6h",
	  "between looks for update operations; below a minute: the default", NULL },
	{ "notifier.delivery_interval", CONFIG_DURATION, CONFIG_ZERO, CONFIG_NOWHERE, "1h",
	  "between deliveries; below a minute: the default", NULL },
	{ "notifier.disable_summary", CONFIG_BOOL, 0, CONFIG_NOWHERE, "false",
	  "one notification for each vulnerability instead of the worst of a manifest", NULL },
	{ "notifier.webhook.target", CONFIG_URL, 0, CONFIG_NOWHERE, NULL, "URL that is told of notifications", NULL },
	{ "notifier.webhook.callback", CONFIG_URL, 0, CONFIG_NOWHERE, NULL, "URL they can be fetched from", NULL },
	{ "notifier.webhook.headers", CONFIG_TEXTS, CONFIG_SECRET, CONFIG_NOWHERE, NULL, "sent to the target", NULL },
	UNUSED("notifier.webhook.signed", CONFIG_BOOL, "deprecated; requests are signed when auth.psk is there"),
	{ "notifier.amqp.uris", CONFIG_URLS, 0, CONFIG_NOWHERE, NULL, "brokers, tried in this order", NULL },
	{ "notifier.amqp.exchange.name", CONFIG_TEXT, 0, CONFIG_NOWHERE, NULL, "exchange to publish to", NULL },
	{ "notifier.amqp.exchange.type", CONFIG_TEXT, 0, CONFIG_NOWHERE, NULL, "its type; needed", NULL },
	{ "notifier.amqp.exchange.durability", CONFIG_BOOL, 0, CONFIG_NOWHERE, "false", "is it durable", NULL },
	{ "notifier.amqp.exchange.auto_delete", CONFIG_BOOL, 0, CONFIG_NOWHERE, "false", "is it deleted when unused", NULL },
	{ "notifier.amqp.routing_key", CONFIG_TEXT, 0, CONFIG_NOWHERE, NULL, "of every message; needed", NULL },
	{ "notifier.amqp.callback", CONFIG_URL, 0, CONFIG_NOWHERE, NULL, "as notifier.webhook.callback", NULL },
	{ "notifier.amqp.direct", CONFIG_BOOL, 0, CONFIG_NOWHERE, "false", "send the notifications themselves", NULL },
	{ "notifier.amqp.rollup", CONFIG_INTEGER, 0, CONFIG_NOWHERE, "0", "notifications in one direct message", NULL },
	TLS("notifier.amqp.tls", "the broker"),
	{ "notifier.stomp.uris", CONFIG_URLS, 0, CONFIG_NOWHERE, NULL, "brokers, host:port, tried in this order", NULL },
	{ "notifier.stomp.destination", CONFIG_TEXT, 0, CONFIG_NOWHERE, NULL, "where messages go", NULL },
	{ "notifier.stomp.callback", CONFIG_URL, 0, CONFIG_NOWHERE, NULL, "as notifier.webhook.callback", NULL },
	{ "notifier.stomp.direct", CONFIG_BOOL, 0, CONFIG_NOWHERE, "false", "send the notifications themselves", NULL },
	{ "notifier.stomp.rollup", CONFIG_INTEGER, 0, CONFIG_NOWHERE, "0", "notifications in one direct message", NULL },
	TLS("notifier.stomp.tls", "the broker"),
	{ "notifier.stomp.user.login", CONFIG_TEXT, 0, CONFIG_NOWHERE, NULL, "user at the broker", NULL },
	{ "notifier.stomp.user.passcode", CONFIG_TEXT, CONFIG_SECRET, CONFIG_NOWHERE, NULL, "the user's password", NULL },

	UNUSED("trace.name", CONFIG_TEXT, "where traces go: otlp, jaeger, sentry or stdout"),
	UNUSED("trace.probability", CONFIG_NUMBER, "share of requests that are traced, 0 to 1"),
	UNUSED("trace.jaeger.agent.endpoint", CONFIG_TEXT, "deprecated"),
	UNUSED("trace.jaeger.collector.endpoint", CONFIG_TEXT, "deprecated"),
	UNUSED("trace.jaeger.collector.username", CONFIG_TEXT, "deprecated"),
	{ "trace.jaeger.collector.password", CONFIG_TEXT, CONFIG_SECRET | CONFIG_UNUSED, CONFIG_NOWHERE, NULL, "deprecated", NULL },
	UNUSED("trace.jaeger.service_name", CONFIG_TEXT, "deprecated"),
	UNUSED("trace.jaeger.tags", CONFIG_TEXTS, "deprecated"),
	UNUSED("trace.jaeger.buffer_max", CONFIG_INTEGER, "deprecated"),
	OTLP_HTTP("trace.otlp.http", "/v1/traces"),
	OTLP_GRPC("trace.otlp.grpc"),
	{ "trace.sentry.dsn", CONFIG_TEXT, CONFIG_SECRET | CONFIG_UNUSED, CONFIG_NOWHERE, NULL, "where traces go", NULL },
	UNUSED("trace.sentry.environment", CONFIG_TEXT, "name of the installation"),

	{ "metrics.name", CONFIG_TEXT, CONFIG_ZERO, AT(metrics_name), "prometheus",
	  "where metrics go: prometheus; otlp, stdout and others switch them off", NULL },
	{ "metrics.prometheus.endpoint", CONFIG_TEXT, CONFIG_ZERO, AT(metrics_endpoint), "/metrics",
	  "path of the metrics at introspection_addr", NULL },
	OTLP_HTTP("metrics.otlp.http", "/v1/metrics"),
	OTLP_GRPC("metrics.otlp.grpc"),
	{ 0 },
};
/* clang-format on */

const struct config_key *config_key_find(struct str path)
{
	for (const struct config_key *k = config_keys; k->path; k++)
		if (str_eq_nocase(str_of(k->path), path))
			return k;
	return NULL;
}

/* The rest of the path of a key that is in the section, or empty. */
static struct str below(const struct config_key *key, struct str section)
{
	struct str path = str_of(key->path);

	if (section.n == 0)
		return path;
	if (path.n <= section.n + 1 || path.p[section.n] != '.' ||
	    !str_eq_nocase(str_sub(path, 0, section.n), section))
		return (struct str){ NULL, 0 };
	return str_sub(path, section.n + 1, path.n - section.n - 1);
}

bool config_key_is_section(struct str path)
{
	for (const struct config_key *k = config_keys; k->path; k++)
		if (below(k, path).n)
			return true;
	return false;
}

/* The path of the first key that is called `name`, wherever it is. */
static const char *elsewhere(struct str name)
{
	for (const struct config_key *k = config_keys; k->path; k++) {
		struct str before, last;

		if (str_rcut(str_of(k->path), '.', &before, &last) && str_eq_nocase(last, name))
			return k->path;
	}
	return NULL;
}

const char *config_key_nearest(struct arena *a, struct str section, struct str name)
{
	VEC(const char *) names = { 0 };
	const char *nearest;

	for (const struct config_key *k = config_keys; k->path; k++) {
		struct str head, tail;

		str_cut(below(k, section), '.', &head, &tail);
		if (head.n && (!names.n || !str_eq(str_of(names.p[names.n - 1]), head)))
			VEC_PUSH(a, &names, str_copy(a, head).p);
	}
	VEC_PUSH(a, &names, NULL);
	nearest = str_nearest(str_copy(a, str_sub(name, 0, name.n < 64 ? name.n : 64)).p, names.p);
	return nearest ? nearest : elsewhere(name);
}

const char *config_type_name(enum config_type type)
{
	static const char *const names[] = {
		[CONFIG_TEXT] = "a text",
		[CONFIG_CONNSTRING] = "a connection string",
		[CONFIG_URL] = "a URL",
		[CONFIG_BOOL] = "true or false",
		[CONFIG_INTEGER] = "a whole number",
		[CONFIG_NUMBER] = "a number",
		[CONFIG_DURATION] = "a duration like 90s, 15m or 1h30m",
		[CONFIG_SIZE] = "a size like 512M or 2G",
		[CONFIG_NAMES] = "a list of texts",
		[CONFIG_URLS] = "a list of URLs",
		[CONFIG_FREE] = "a mapping",
		[CONFIG_TEXTS] = "a mapping of texts",
		[CONFIG_BASE64] = "base64 with padding",
		[CONFIG_BASE64_LIST] = "a list of base64 with padding",
		[CONFIG_POLICY] = "default, strict or any",
		[CONFIG_RULES] = "a list of addresses, networks or host names",
		[CONFIG_COMPRESSION] = "none or gzip",
	};

	return names[type];
}
