/* SPDX-License-Identifier: Apache-2.0 */
/* config: decoding, defaults, checks and lints of documents; files are in config_merge_test.c. */
#include "../source_file.h"
#include "../unit.h"

#include "base/yaml.h"
#include "cmd/config_table.h"
#include "cmd/config_value.h"

#include <stdio.h>
#include <stdlib.h>

static int load(struct arena *a, const char *yaml, enum config_mode mode, struct config *c,
		config_lints *lints, struct err *err)
{
	struct json_value document;

	if (yaml_parse(a, str_of(yaml), &document, err) < 0)
		fail_msg("%s: %s", yaml, err->text);
	return config_decode(a, &document, STR(""), mode, c, lints, err);
}

static void an_empty_document_is_a_service(void **state)
{
	autoarena struct arena a = { 0 };
	struct config c;
	config_lints lints = { 0 };
	struct err err = { 0 };

	(void)state;
	if (load(&a, "{}", MODE_COMBO, &c, &lints, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(lints.n, 0);
	assert_true(c.notes.n > 0);
	assert_str_is(c.http_listen_addr, ":6060");
	assert_str_is(c.introspection_addr, ":8089");
	assert_str_is(c.log_level, "info");
	assert_str_is(c.metrics_name, "prometheus");
	assert_str_is(c.metrics_endpoint, "/metrics");
	assert_int_equal(c.indexer.layer_scan_concurrency, 10);
	assert_int_equal(c.indexer.index_report_request_concurrency, 0);
	assert_int_equal(c.indexer.layer_timeout, 300);
	assert_int_equal(c.indexer.fetch.mode, FETCH_DEFAULT);
	assert_int_equal(c.matcher.period, 6 * 3600);
	assert_int_equal(c.matcher.cache_age, 6 * 3600);
	assert_int_equal(c.matcher.update_retention, 10);
	assert_int_equal(c.matcher.history, 90 * 86400);
	assert_true(c.matcher.wait_for_data);
	assert_false(c.matcher.has_names || c.updaters.has_sets || c.auth.has_psk || c.has_delivery);
	assert_int_equal(c.server.connections, 1000);
	assert_int_equal(c.server.request_timeout, 14);
	assert_int_equal(c.server.shutdown_timeout, 10);
	assert_int_equal(c.server.store_connections, 4);
}

static void every_key_goes_where_it_belongs(void **state)
{
	static const char text[] =
		"HTTP_Listen_Addr: 127.0.0.1:7000\nintrospection_addr: '[::1]:7001'\nlog_level: DEBUG\n"
		"data_dir: /var/lib/clair\nrequire_sandbox: yes\n"
		"server: {connections: 5, connections_per_address: 2, request_timeout: 250ms, "
		"shutdown_timeout: 0,\n"
		"  threads: 3, store_connections: 7, log_format: TEXT}\n"
		"indexer:\n  connstring: host=db\n  scanlock_retry: 2\n  layer_scan_concurrency: 0\n"
		"  index_report_request_concurrency: -1\n  migrations: true\n  airgap: on\n"
		"  layer_fetch: {policy: strict, allow: [10.0.0.0/8, '*.example'], deny: [192.0.2.7], "
		"timeout: 1h30m}\n"
		"  worker_memory: 512M\n  scanner: {repo: {rhel: {a: 1}}}\n"
		"matcher: {connstring: 'sqlite:/x', period: 30s, update_retention: 0, history: 1w, "
		"cache_age: 10m,\n"
		"  wait_for_data: no, disable_updaters: true, disable_enrichment: true, migrations: true, "
		"max_conn_pool: 5}\n"
		"matchers: {names: [python], config: {rhel: {ignore_unpatched: true}}}\n"
		"updaters: {sets: [], config: {debian: {x: y}}, filter: ^a, mirror: /mnt/feeds, "
		"debian_archive: 'http://d.example/'}\n"
		"auth: {psk: {key: 'c2VjcmV0IHNlY3JldCBzZWNyZXQ=', keys: [\"AAEC\\nAwQF\"], iss: [quay], "
		"require_expiry: true}}\n"
		"notifier: {webhook: {target: 'http://q.example/n', callback: 'http://c.example/', headers: "
		"{X: [a]}},\n"
		"  poll_interval: 6h, indexer_addr: 'http://i/', matcher_addr: 'http://m/', connstring: "
		"host=n}\n"
		"trace: {name: otlp, probability: 0.5, otlp: {http: {compression: gzip, timeout: 10s}, grpc: "
		"null}}\n"
		"metrics: {name: prometheus, prometheus: {endpoint: /m}, otlp: {grpc: {compression: 1}}}\n"
		"tls: null\n";
	autoarena struct arena a = { 0 };
	struct config c;
	config_lints lints = { 0 };
	struct err err = { 0 };

	(void)state;
	if (load(&a, text, MODE_COMBO, &c, &lints, &err) < 0)
		fail_msg("%s", err.text);
	assert_str_is(c.http_listen_addr, "127.0.0.1:7000");
	assert_str_is(c.introspection_addr, "[::1]:7001");
	assert_str_is(c.log_level, "debug");
	assert_str_is(c.data_dir, "/var/lib/clair");
	assert_true(c.require_sandbox);
	assert_int_equal(c.server.connections, 5);
	assert_int_equal(c.server.connections_per_address, 2);
	assert_int_equal(c.server.request_timeout, 1);
	assert_int_equal(c.server.shutdown_timeout, 0);
	assert_int_equal(c.server.threads, 3);
	assert_int_equal(c.server.store_connections, 7);
	assert_str_is(c.server.log_format, "text");
	assert_str_is(c.indexer.connstring, "host=db");
	assert_int_equal(c.indexer.scanlock_retry, 2);
	assert_int_equal(c.indexer.layer_scan_concurrency, 10);
	assert_int_equal(c.indexer.index_report_request_concurrency, -1);
	assert_true(c.indexer.migrations && c.indexer.airgap && c.indexer.fetch.is_airgapped);
	assert_int_equal(c.indexer.fetch.mode, FETCH_STRICT);
	assert_int_equal(c.indexer.fetch.allow.n, 2);
	assert_str_is(c.indexer.fetch.allow.p[1].host, "*.example");
	assert_int_equal(c.indexer.fetch.deny.n, 1);
	assert_int_equal(c.indexer.layer_timeout, 5400);
	assert_int_equal(c.indexer.memory, 512 << 20);
	assert_non_null(json_get(json_get(&c.indexer.scanner, "repo"), "rhel"));
	assert_str_is(c.matcher.connstring, "sqlite:/x");
	assert_int_equal(c.matcher.period, 6 * 3600);
	assert_int_equal(c.matcher.update_retention, 10);
	assert_int_equal(c.matcher.history, 7 * 86400);
	assert_int_equal(c.matcher.cache_age, 600);
	assert_false(c.matcher.wait_for_data);
	assert_true(c.matcher.disable_updaters && c.matcher.disable_enrichment && c.matcher.migrations);
	assert_true(c.matcher.has_names && c.matcher.names.n == 1);
	assert_non_null(json_get(&c.matcher.matchers_config, "rhel"));
	assert_true(c.updaters.has_sets && c.updaters.sets.n == 0);
	assert_str_is(c.updaters.mirror, "/mnt/feeds");
	assert_str_is(c.updaters.debian_archive, "http://d.example/");
	assert_str_is(c.updaters.filter, "^a");
	assert_true(c.auth.has_psk && c.auth.require_expiry);
	assert_int_equal(c.auth.keys.n, 2);
	assert_str_is(c.auth.keys.p[0], "secret secret secret");
	assert_int_equal(c.auth.keys.p[1].n, 6);
	assert_int_equal(c.auth.issuers.n, 1);
	assert_true(c.has_delivery);
	assert_str_is(c.notifier_indexer_addr, "http://i/");
	assert_str_is(c.notifier_matcher_addr, "http://m/");
	assert_str_is(c.notifier_connstring, "host=n");
	assert_non_null(json_get(&c.notifier, "webhook"));
	assert_str_is(c.metrics_endpoint, "/m");
}

static const struct {
	enum config_mode mode;
	const char *text, *want; /* what the error begins with */
} bad[] = {
	{ MODE_COMBO, "[]", "line 1: the configuration must be a mapping" },
	{ MODE_COMBO, "a: 1\nindexr: {}", "line 1: unknown key 'a'" },
	{ MODE_COMBO, "\nindexr: {}", "line 2: unknown key 'indexr'; did you mean 'indexer'?" },
	{ MODE_COMBO, "indexer:\n  constring: x",
	  "line 2: unknown key 'indexer.constring'; did you mean 'connstring'?" },
	{ MODE_COMBO, "migrations: x",
	  "line 1: unknown key 'migrations'; did you mean 'indexer.migrations'?" },
	{ MODE_COMBO, "indexer: {layer_fetch: {polcy: any}}",
	  "line 1: unknown key 'indexer.layer_fetch.polcy'; did you mean 'policy'?" },
	{ MODE_COMBO, "indexer.connstring: x", "line 1: unknown key 'indexer.connstring'" },
	{ MODE_COMBO, "'': x", "line 1: unknown key ''" },
	{ MODE_COMBO, "indexer: x", "line 1: indexer: must be a mapping" },
	{ MODE_COMBO, "indexer: {connstring: 5}", "line 1: indexer.connstring: must be a connection string" },
	{ MODE_COMBO, "indexer: {migrations: maybe}", "line 1: indexer.migrations: must be true or false" },
	{ MODE_COMBO, "indexer: {layer_scan_concurrency: 1.5}",
	  "line 1: indexer.layer_scan_concurrency: must be a whole" },
	{ MODE_COMBO, "server: {threads: -1}", "line 1: server.threads: must not be below 0" },
	{ MODE_COMBO, "server: {threads: 4294967296}",
	  "line 1: server.threads: must be a whole number below 2^31" },
	{ MODE_COMBO, "matcher: {period: 6}", "line 1: matcher.period: must be a duration" },
	{ MODE_COMBO, "matcher: {period: 6x}", "line 1: matcher.period: '6x' is no duration" },
	{ MODE_COMBO, "matchers: {names: python}", "line 1: matchers.names: must be a list of texts" },
	{ MODE_COMBO, "matchers: {names: [1]}", "line 1: matchers.names: must be a list of texts" },
	{ MODE_COMBO, "matchers: {config: []}", "line 1: matchers.config: must be a mapping" },
	{ MODE_COMBO, "log_level: ''", "line 1: log_level: unknown value ''" },
	{ MODE_COMBO, "log_level: dbug", "line 1: log_level: unknown value 'dbug'; did you mean 'debug'?" },
	{ MODE_COMBO, "indexer: {layer_fetch: {policy: none}}",
	  "line 1: indexer.layer_fetch.policy: unknown policy" },
	{ MODE_COMBO, "indexer: {layer_fetch: {allow: ['10.0.0.0/99']}}",
	  "line 1: indexer.layer_fetch.allow: " },
	{ MODE_COMBO, "indexer: {worker_memory: much}", "line 1: indexer.worker_memory: must be a size" },
	{ MODE_COMBO, "notifier: {webhook: {headers: {X: 1}}}", "line 1: notifier.webhook.headers: must be" },
	{ MODE_COMBO, "updaters: {config: {alpine: []}}",
	  "line 1: updaters.config.alpine: must be a mapping" },
	{ MODE_COMBO, "updaters: {config: {alpine: {URL: 7}}}",
	  "line 1: updaters.config.alpine.url: must be a URL" },
	{ MODE_MATCHER,
	  "indexer: {connstring: x}\nupdaters:\n  config:\n    clair.cvss:\n      feed_root: http://a",
	  "line 5: updaters.config.clair.cvss.feed_root: must end with /" },
	{ MODE_CLIENT, "updaters: {config: {ubuntu: {force: x}}}",
	  "line 1: updaters.config.ubuntu.force: must be a list" },
	{ MODE_COMBO, "trace: {probability: much}", "line 1: trace.probability: must be a number" },
	{ MODE_COMBO, "trace: {otlp: {http: {compression: zstd}}}",
	  "line 1: trace.otlp.http.compression: must be none" },
	{ MODE_COMBO, "http_listen_addr: localhost", "line 1: http_listen_addr: is no address" },
	{ MODE_COMBO, "http_listen_addr: '::1:80'", "line 1: http_listen_addr: is no address" },
	{ MODE_COMBO, "http_listen_addr: ':99999'", "line 1: http_listen_addr: is no address" },
	{ MODE_COMBO, "auth: {psk: {}}", "line 1: auth.psk: there is no key" },
	{ MODE_COMBO, "auth: {psk: {key: '', iss: [a]}}", "line 1: auth.psk: an empty key" },
	{ MODE_COMBO, "auth: {psk: {key: c2Vj}}", "line 1: auth.psk.iss: at least one" },
	{ MODE_COMBO, "auth: {psk: {key: hunter2, iss: [a]}}",
	  "line 1: auth.psk.key: must be base64 with padding" },
	{ MODE_COMBO, "auth: {psk: {key: c2Vj, iss: quay}}", "line 1: auth.psk.iss: must be a list" },
	{ MODE_COMBO, "tls: {cert: /a}", "line 1: tls: cert is there without key" },
	{ MODE_COMBO, "tls: {key: /a}", "line 1: tls: key is there without cert" },
	{ MODE_INDEXER, "tls: {cert: /nonexistent/a, key: /nonexistent/b}",
	  "line 1: tls.cert: /nonexistent/a: No such file" },
	{ MODE_INDEXER, "notifier: {amqp: {tls: {cert: /a}}}", "line 1: notifier.amqp.tls: cert is there" },
	{ MODE_INDEXER, "notifier: {amqp: {}}", "line 1: notifier.amqp.exchange.type: is missing" },
	{ MODE_COMBO, "notifier: {amqp: {exchange: {type: direct}}}", "notifier.amqp.uris: at least one" },
	{ MODE_COMBO, "notifier: {amqp: {exchange: {type: direct}, uris: ['amqp://u:hunter2@h/']}}",
	  "line 1: notifier.amqp.routing_key: is missing" },
	{ MODE_COMBO,
	  "notifier: {amqp: {exchange: {type: x}, routing_key: y, uris: ['http://u:hunter2@h/']}}",
	  "line 1: notifier.amqp.uris: number 1 is none" },
	{ MODE_COMBO, "notifier: {stomp: {}}", "notifier.stomp.uris: at least one" },
	{ MODE_COMBO, "notifier: {stomp: {uris: [hunter2]}}",
	  "line 1: notifier.stomp.uris: number 1 is none" },
	{ MODE_COMBO, "notifier: {webhook: {target: 'hunter2'}}",
	  "line 1: notifier.webhook.target: is no URL" },
	{ MODE_MATCHER, "{}", "matcher.indexer_addr: is missing" },
	{ MODE_MATCHER, "matcher: {indexer_addr: 'indexer:6060'}",
	  "line 1: matcher.indexer_addr: is no URL" },
	{ MODE_NOTIFIER, "{}", "notifier.indexer_addr: is missing" },
	{ MODE_NOTIFIER, "notifier: {indexer_addr: 'http://i/'}", "notifier.matcher_addr: is missing" },
	{ MODE_INDEXER, "trace: {otlp: {http: {url_path: v1}}}",
	  "line 1: trace.otlp.http.url_path: must begin with /" },
};

static void what_is_wrong_is_said_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		autoarena struct arena a = { 0 };
		struct config c;
		config_lints lints = { 0 };
		struct err err = { 0 };

		assert_int_equal(load(&a, bad[i].text, bad[i].mode, &c, &lints, &err), E_CONFIG);
		if (!str_starts(str_of(err.text), str_of(bad[i].want)))
			fail_msg("%s\ngave %s\nnot  %s", bad[i].text, err.text, bad[i].want);
		assert_null(strstr(err.text, "hunter2"));
	}
}

static const struct {
	enum config_mode mode;
	const char *text, *want; /* the lints, one a line */
} linted[] = {
	{ MODE_COMBO,
	  "updaters: {config: {alpine: {ulr: x}, debain: {}, suse: {url: 'http://a/'}, nothing-like-it: {a: "
	  "b}}}",
	  "unknown key: did you mean 'url'? (at $.updaters.config.alpine.ulr)\n"
	  "no set or updater that has settings: did you mean 'debian'? (at $.updaters.config.debain)\n"
	  "no set or updater that has settings (at $.updaters.config.nothing-like-it)\n" },
	{ MODE_COMBO, "updaters: {config: {debian: {oval_url: ''}, ubuntu/updater/jammy: {use_bzip2: true}}}",
	  "deprecated: use json_url (at $.updaters.config.debian.oval_url)\n"
	  "has no effect (at $.updaters.config.ubuntu/updater/jammy.use_bzip2)\n" },
	{ MODE_INDEXER, "updaters: {config: {alpin: {}}}", "" },
	{ MODE_INDEXER, "matcher: {period: 1h}\nnotifier: {stomp: {}}", "" },
	{ MODE_COMBO, "indexer: {connstring: 'mysql://x'}",
	  "connection string: a URL, but not of postgresql:// (at $.indexer.connstring)\n" },
	{ MODE_INDEXER, "indexer: {connstring: what}",
	  "connection string: neither a URL nor key=value pairs (at $.indexer.connstring)\n" },
	{ MODE_INDEXER,
	  "indexer: {connstring: 'postgres://x', scanlock_retry: 11, layer_scan_concurrency: 3}",
	  "a lock is tried again after more than 10 seconds (at $.indexer.scanlock_retry)\n"
	  "few layers at once: indexing will be slow (at $.indexer.layer_scan_concurrency)\n" },
	{ MODE_INDEXER, "indexer: {layer_scan_concurrency: 33, layer_fetch: {policy: any}}",
	  "many layers at once: memory and connections may run out (at $.indexer.layer_scan_concurrency)\n"
	  "layers may be fetched from any address, metadata services of clouds too (at "
	  "$.indexer.layer_fetch.policy)\n" },
	{ MODE_COMBO, "matcher: {period: 1h, cache_age: 1m, update_retention: 0, max_conn_pool: 1}",
	  "updates more often than publishers like (at $.matcher.period)\n"
	  "reports are cached for less than half the time between updates (at $.matcher.cache_age)\n"
	  "0 keeps 10 update operations; write -1 to keep all (at $.matcher.update_retention)\n"
	  "deprecated: use server.store_connections (at $.matcher.max_conn_pool)\n" },
	{ MODE_COMBO, "notifier: {disable_summary: true, poll_interval: 5s, delivery_interval: 5s}",
	  "nobody is told: neither webhook nor amqp nor stomp (at $.notifier)\n"
	  "update operations are looked for more often than there are any (at $.notifier.poll_interval)\n"
	  "deliveries in short intervals (at $.notifier.delivery_interval)\n"
	  "without summaries there are very many notifications (at $.notifier.disable_summary)\n" },
	{ MODE_COMBO,
	  "notifier: {webhook: {callback: 'http://a/b', signed: true}, stomp: {uris: ['a:1'], callback: "
	  "'http://a/', direct: true, rollup: 1}}",
	  "several ways of delivery: only the first of webhook, amqp, stomp is used (at $.notifier)\n"
	  "deprecated: requests are signed when auth.psk is there (at $.notifier.webhook.signed)\n"
	  "no slash at the end: one is put there (at $.notifier.webhook.callback)\n"
	  "a callback, but notifications are sent directly (at $.notifier.stomp.callback)\n"
	  "a rollup of 1 is none (at $.notifier.stomp.rollup)\n" },
	{ MODE_INDEXER, "auth: {psk: {key: c2Vj, iss: [a]}, keyserver: {api: x}}\nintrospection_addr: x",
	  "no address: there will be no metrics and health (at $.introspection_addr)\n"
	  "a key of less than 16 bytes can be guessed (at $.auth.psk)\n"
	  "the key server is no more; requests are not checked by it (at $.auth.keyserver)\n" },
	{ MODE_INDEXER,
	  "trace: {name: jaeger, otlp: {http: {url_path: /a/, timeout: 0s}, grpc: {}}}\nmetrics: {name: x}\n",
	  "jaeger is deprecated (at $.trace.jaeger)\n"
	  "unknown provider of metrics: there will be none (at $.metrics.name)\n"
	  "both http and grpc (at $.trace.otlp)\n"
	  "a slash at the end of the path (at $.trace.otlp.http.url_path)\n"
	  "no time at all for an export (at $.trace.otlp.http.timeout)\n" },
	{ MODE_CLIENT, "tls: {cert: /nonexistent}\nmatcher: {period: 1h}\nhttp_listen_addr: x", "" },
};

static void what_is_probably_not_meant_is_a_lint(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(linted) / sizeof(linted[0]); i++) {
		autoarena struct arena a = { 0 };
		struct config c;
		config_lints lints = { 0 };
		struct str all = STR("");
		struct err err = { 0 };

		if (load(&a, linted[i].text, linted[i].mode, &c, &lints, &err) < 0)
			fail_msg("%s: %s", linted[i].text, err.text);
		VEC_EACH (struct str, lint, &lints)
			all = str_format(&a, STR_FMT STR_FMT "\n", STR_ARG(all), STR_ARG(*lint));
		if (!str_eq(all, str_of(linted[i].want)))
			fail_msg("%s\ngave " STR_FMT "\nnot  %s", linted[i].text, STR_ARG(all),
				 linted[i].want);
	}
}

static bool has_note(const struct config *c, const char *text)
{
	VEC_EACH (const struct str, note, &c->notes)
		if (str_eq(*note, str_of(text)))
			return true;
	return false;
}

static void an_open_store_is_noted(void **state)
{
	autoarena struct arena a = { 0 };
	struct config c;
	config_lints lints = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(load(&a, "{}", MODE_INDEXER, &c, &lints, &err), 0);
	assert_true(
		has_note(&c, "no connection string: SQLite in the data directory (at $.indexer.connstring)"));
	assert_int_equal(setenv("PGHOST", "db.example", 1), 0);
	assert_int_equal(load(&a, "{}", MODE_INDEXER, &c, &lints, &err), 0);
	unsetenv("PGHOST");
	assert_true(has_note(
		&c, "no connection string: PostgreSQL as the PG* variables say (at $.indexer.connstring)"));
	assert_int_equal(lints.n, 0);
}

static void durations_are_those_of_go(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: none */
	} cases[] = {
		{ "0", 0 },
		{ "90s", 90 },
		{ "1h30m", 5400 },
		{ "1.5h", 5400 },
		{ ".5m", 30 },
		{ "250ms", 1 },
		{ "0s", 0 },
		{ "1m1ms", 61 },
		{ "+5s", 5 },
		{ "90d", 7776000 },
		{ "1\xc2\xb5s", 1 },
		{ "10ns", 1 },
		{ "2w", 1209600 },
		{ "", -1 },
		{ "5", -1 },
		{ "-5s", -1 },
		{ "s", -1 },
		{ "1 h", -1 },
		{ "1hh", -1 },
		{ "1.2.3s", -1 },
		{ ".s", -1 },
		{ "1y", -1 },
		{ "3000000h", -1 },
		{ "+", -1 },
		{ "99999999999999999999h", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t got = -1;

		if (!config_duration(str_of(cases[i].text), &got))
			got = -1;
		if (got != cases[i].want)
			fail_msg("'%s' gave %lld", cases[i].text, (long long)got);
	}
}

static void base64_has_its_padding(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: malformed */
	} cases[] = {
		{ "", "" },	     { "Zg==", "f" },	     { "Zm8=", "fo" },
		{ "Zm9v", "foo" },   { "Zm9vYg==", "foob" }, { "Zm\n9v\r\n", "foo" },
		{ "Zg=\n=\n", "f" }, { "Zg=", NULL },	     { "Zg", NULL },
		{ "Z", NULL },	     { "Zg===", NULL },	     { "Zm8==", NULL },
		{ "=", NULL },	     { "Zm9v====", NULL },   { "Zg==Zg==", NULL },
		{ "Zm9v!", NULL },   { "Zm 9v", NULL },	     { "_-__", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str got;
		bool ok = config_base64(&a, str_of(cases[i].text), &got);

		if (ok != (cases[i].want != NULL))
			fail_msg("'%s'", cases[i].text);
		if (ok)
			assert_str_is(got, cases[i].want);
	}
}

static void modes_have_any_case(void **state)
{
	enum config_mode mode = MODE_COMBO;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(config_mode_parse(STR("Notifier"), &mode, &err), 0);
	assert_int_equal(mode, MODE_NOTIFIER);
	assert_int_equal(config_mode_parse(STR("indxer"), &mode, &err), E_CONFIG);
	assert_string_equal(err.text,
			    "unknown mode 'indxer'; did you mean 'indexer'? There are: combo, indexer, "
			    "matcher, notifier");
	assert_int_equal(config_mode_parse(STR(""), &mode, &err), E_CONFIG);
}

static void names_nobody_knows_are_found(void **state)
{
	static const char *const sets[] = { "wolfi", "rhel-repository-to-cpe", "rhel-container-names", NULL };
	static const char *const matchers[] = { "wolfi-matcher", NULL };
	autoarena struct arena a = { 0 };
	struct config c;
	config_lints lints = { 0 };
	config_names unknown = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(load(&a,
			      "updaters: {sets: [wolfi, rhel, rhcc, pyupio, debain]}\n"
			      "matchers: {names: [wolfi-matcher, python, pyton]}",
			      MODE_COMBO, &c, &lints, &err),
			 0);
	config_unknown_names(&a, &c, sets, matchers, &unknown);
	assert_int_equal(unknown.n, 2);
	assert_str_is(unknown.p[0], "debain");
	assert_str_is(unknown.p[1], "pyton");
}

static void sets_of_the_past_have_their_new_names(void **state)
{
	autoarena struct arena a = { 0 };
	struct config c;
	config_lints lints = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		load(&a, "updaters: {sets: [rhel, alpine, rhcc, rhel-vex]}", MODE_COMBO, &c, &lints, &err),
		0);
	assert_int_equal(c.updaters.sets.n, 4); /* with the maps that Clair's indexer fetches by itself */
	assert_str_is(c.updaters.sets.p[0], "rhel-vex");
	assert_str_is(c.updaters.sets.p[1], "alpine");
	assert_str_is(c.updaters.sets.p[2], "rhel-repository-to-cpe");
	assert_str_is(c.updaters.sets.p[3], "rhel-container-names");
}

static void every_default_is_a_value_of_its_key(void **state)
{
	(void)state;
	for (const struct config_key *k = config_keys; k->path; k++) {
		autoarena struct arena a = { 0 };
		struct config c = { 0 };
		struct json_value v;
		struct err err = { 0 };

		assert_ptr_equal(config_key_find(str_of(k->path)), k);
		assert_false(config_key_is_section(str_of(k->path)));
		assert_non_null(k->about);
		if (!k->standard)
			continue;
		assert_int_equal(
			yaml_parse(&a, str_format(&a, "a: '%s'\nb: %s", k->standard, k->standard), &v, &err),
			0);
		v = v.items[k->type == CONFIG_TEXT ? 0 : 1];
		if (config_value(&a, k, &v, &c, &err) < 0)
			fail_msg("%s: %s", k->path, err.text);
	}
}

/* The documents name every key, with its default, and no other. */
static void every_key_is_documented(void **state)
{
	autoarena struct arena a = { 0 };
	struct str page = source_file(&a, "docs/configuration.md"), rest = page, line, head, path;
	struct str manual = source_file(&a, "docs/man/clair-config.5");

	(void)state;
	if (!page.p || !manual.p)
		skip();
	for (const struct config_key *k = config_keys; k->path; k++) {
		struct str row = str_format(&a, "\n| `%s` | %s | %s |", k->path,
					    k->flags & CONFIG_OURS ? "ours" : "",
					    k->standard ? k->standard : "");
		struct str item = str_format(&a, "\n.It Cm %s", k->path);

		if (str_search(page, row) == page.n)
			fail_msg("docs/configuration.md has no row " STR_FMT, STR_ARG(row));
		if (str_search(manual, item) == manual.n)
			fail_msg("docs/man/clair-config.5 has no " STR_FMT, STR_ARG(item));
	}
	while (str_line(&rest, &line)) {
		if (!str_starts(line, STR("| `")))
			continue;
		str_cut(str_sub(line, 3, line.n - 3), '`', &path, &head);
		if (!config_key_find(path))
			fail_msg("docs/configuration.md: there is no key " STR_FMT, STR_ARG(path));
	}
}

static void the_example_is_a_configuration(void **state)
{
	static const enum config_mode modes[] = { MODE_COMBO, MODE_INDEXER, MODE_MATCHER, MODE_NOTIFIER };
	const char *root = getenv("CLAIR_SOURCE");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		autoarena struct arena a = { 0 };
		struct config c;
		config_lints lints = { 0 };
		struct err err = { 0 };

		if (config_load(&a, str_format(&a, "%s/docs/example-config.yaml", root ? root : "."),
				modes[i], &c, &lints, &err) < 0)
			fail_msg("%s", err.text);
		if (lints.n)
			fail_msg(STR_FMT, STR_ARG(lints.p[0]));
	}
}

static int without_postgres_environment(void **state)
{
	static const char *const names[] = { "PGHOST",	   "PGPORT",	 "PGUSER", "PGDATABASE",
					     "PGPASSWORD", "PGPASSFILE", "PGDATA", "PGSSLMODE" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_document_is_a_service),
		cmocka_unit_test(every_key_goes_where_it_belongs),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(what_is_probably_not_meant_is_a_lint),
		cmocka_unit_test(an_open_store_is_noted),
		cmocka_unit_test(durations_are_those_of_go),
		cmocka_unit_test(base64_has_its_padding),
		cmocka_unit_test(modes_have_any_case),
		cmocka_unit_test(names_nobody_knows_are_found),
		cmocka_unit_test(sets_of_the_past_have_their_new_names),
		cmocka_unit_test(every_default_is_a_value_of_its_key),
		cmocka_unit_test(every_key_is_documented),
		cmocka_unit_test(the_example_is_a_configuration),
	};

	return cmocka_run_group_tests(tests, without_postgres_environment, NULL);
}
