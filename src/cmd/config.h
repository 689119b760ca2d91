/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include "base/json.h"
#include "net/fetch_policy.h"

/* The configuration of the service: Clair's keys and our own (docs/configuration.md). The only reader of
 * configuration files. Strings and lists are in the arena they were loaded with; durations are seconds. */
typedef VEC(struct str) config_names;

struct config_indexer {
	struct str connstring; /* empty: the default store (sqlite: data_dir), or PG* variables when set */
	int64_t layer_scan_concurrency, index_report_request_concurrency, scanlock_retry;
	bool migrations, airgap;
	struct json_value scanner; /* package, dist, repo: free-form */
	struct fetch_policy fetch; /* ours: layer_fetch.policy, .allow, .deny */
	int64_t layer_timeout; /* ours: layer_fetch.timeout */
	int64_t memory; /* ours: worker_memory, bytes; 0: default */
};

struct config_matcher {
	struct str connstring, indexer_addr;
	int64_t period, cache_age, update_retention;
	int64_t history; /* ours */
	bool migrations, disable_updaters, disable_enrichment;
	bool wait_for_data; /* ours: readyz is 503 before the first feeds; default true */
	bool has_names; /* matchers.names is not null */
	config_names names; /* matchers.names */
	struct json_value matchers_config;
};

struct config_updaters {
	bool has_sets; /* updaters.sets is not null */
	config_names sets;
	struct str filter; /* regular expression over updater names */
	struct json_value config;
	struct str mirror, debian_archive; /* ours */
};

struct config_auth {
	bool has_psk;
	config_names keys; /* decoded; auth.psk.key and, ours, auth.psk.keys */
	config_names issuers;
	bool require_expiry; /* ours */
};

struct config_server { /* ours: server.* */
	int64_t connections, connections_per_address, request_timeout, shutdown_timeout, threads,
		store_connections;
	struct str log_format; /* "json", "text"; empty: json unless stderr is a terminal */
};

struct config {
	struct str http_listen_addr, introspection_addr, log_level;
	struct str tls_cert, tls_key, metrics_name, metrics_endpoint;
	struct config_indexer indexer;
	struct config_matcher matcher;
	struct config_updaters updaters;
	struct config_auth auth;
	struct config_server server;
	struct str notifier_connstring, notifier_indexer_addr, notifier_matcher_addr;
	bool has_delivery; /* webhook, amqp or stomp is configured */
	struct json_value notifier; /* for the notifier's own step */
	/* What was chosen for what the configuration leaves open, "text (at $.path.to.key)": no warnings. */
	config_names notes;
	struct str data_dir; /* ours: where sqlite stores are when no connstring says otherwise */
	bool require_sandbox; /* ours */
	bool tls_introspection; /* ours: the second listener has the certificate too */
};

enum config_mode {
	MODE_COMBO,
	MODE_INDEXER,
	MODE_MATCHER,
	MODE_NOTIFIER,
	MODE_CLIENT, /* no service: nothing is validated that only one needs; has no name */
};
/* Any case. E_CONFIG names the nearest. */
int config_mode_parse(struct str text, enum config_mode *out, struct err *err);

/* A warning about the configuration: "text (at $.path.to.key)". */
typedef VEC(struct str) config_lints;

/* Merge FILE and its drop-ins (FILE.d/) into one document. path empty: the empty document. Lines of values
 * tell the file too, for config_decode with the same path. Errors name the file. */
int config_merge(struct arena *a, struct str path, struct json_value *out, struct err *err);
/* Strictly decode, fill defaults, validate for the mode, collect lints. E_CONFIG with line and "did you mean"
 * for unknown keys (path: for messages). */
int config_decode(struct arena *a, const struct json_value *document, struct str path, enum config_mode mode,
		  struct config *out, config_lints *lints, struct err *err);
/* Both. */
int config_load(struct arena *a, struct str path, enum config_mode mode, struct config *out,
		config_lints *lints, struct err *err);
/* Updater set and matcher names of the configuration that are neither known nor historic ("rhel", "pyupio");
 * with known: ends with NULL. */
void config_unknown_names(struct arena *a, const struct config *c, const char *const *known_sets,
			  const char *const *known_matchers, config_names *out);

#endif
