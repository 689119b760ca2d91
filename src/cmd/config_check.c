/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a configuration unusable for a mode. The rules are Clair's (its documentation, "Config
 * Reference", and the errors its programs give): sections of services that do not run are not checked, but
 * TLS pairs, the shared key, exchange types and OTLP paths always are. What a reader would get wrong:
 * messages never repeat addresses or keys, which may hold passwords. */
#include "cmd/config_parts.h"
#include "net/url.h"

#include <unistd.h>

bool config_is_address(struct str text)
{
	struct str host, port;
	uint64_t number;
	bool is_v6;

	if (!str_rcut(text, ':', &host, &port) || !str_u64(port, 65535, &number))
		return false;
	is_v6 = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	return is_v6 || (str_find(host, ':') == host.n && str_find(host, '[') == host.n);
}

/* ---- everywhere ---- */

static int check_file(const struct config_document *d, const char *section, const char *name)
{
	const char *key = str_format(d->arena, "%s.%s", section, name).p;
	struct str path = config_find_text(d, key);

	if (path.n && access(str_copy(d->arena, path).p, R_OK) != 0)
		return config_fail(d, config_find(d, key), "%s: " STR_FMT ": %m", key, STR_ARG(path));
	return 0;
}

static int check_tls(const struct config_document *d)
{
	static const char *const sections[] = { "tls",
						"notifier.amqp.tls",
						"notifier.stomp.tls",
						"trace.otlp.http.client_tls",
						"trace.otlp.grpc.client_tls",
						"metrics.otlp.http.client_tls",
						"metrics.otlp.grpc.client_tls" };

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const char *s = sections[i];
		bool cert = config_find_text(d, str_format(d->arena, "%s.cert", s).p).n;
		bool key = config_find_text(d, str_format(d->arena, "%s.key", s).p).n;

		if (cert != key)
			return config_fail(d, config_find(d, s), "%s: %s is there without %s; TLS needs both",
					   s, cert ? "cert" : "key", cert ? "key" : "cert");
		TRY(check_file(d, s, "cert"));
		TRY(check_file(d, s, "key"));
		TRY(check_file(d, s, "root_ca"));
	}
	return 0;
}

static int check_auth(const struct config_document *d, const struct config *c)
{
	const struct json_value *psk = config_find(d, "auth.psk");

	if (!psk)
		return 0;
	if (c->auth.keys.n == 0)
		return config_fail(d, psk,
				   "auth.psk: there is no key; make one with `openssl rand -base64 32`");
	for (size_t i = 0; i < c->auth.keys.n; i++)
		if (c->auth.keys.p[i].n == 0)
			return config_fail(d, psk, "auth.psk: an empty key");
	if (c->auth.issuers.n == 0)
		return config_fail(d, psk, "auth.psk.iss: at least one issuer is needed, \"quay\" for Quay");
	return 0;
}

static int check_otlp(const struct config_document *d)
{
	static const char *const keys[] = { "trace.otlp.http.url_path", "metrics.otlp.http.url_path" };

	for (size_t i = 0; i < 2; i++) {
		struct str path = config_find_text(d, keys[i]);

		if (path.n && path.p[0] != '/')
			return config_fail(d, config_find(d, keys[i]), "%s: must begin with /", keys[i]);
	}
	return 0;
}

/* ---- services ---- */

static int check_url(const struct config_document *d, const char *key, bool is_needed, const char *example)
{
	struct str url = config_find_text(d, key);

	if (url.n == 0 && !is_needed)
		return 0;
	if (url.n == 0)
		return config_fail(d, NULL, "%s: is missing; write %s", key, example);
	if (!url_is_http(url))
		return config_fail(d, config_find(d, key), "%s: is no URL; write %s", key, example);
	return 0;
}

static int check_services(const struct config_document *d)
{
	bool has_index = config_find_text(d, "indexer.connstring").n > 0;

	if (d->mode == MODE_MATCHER)
		TRY(check_url(d, "matcher.indexer_addr", !has_index, "http://indexer.example:6060/"));
	if (d->mode != MODE_NOTIFIER)
		return 0;
	TRY(check_url(d, "notifier.indexer_addr", true, "http://indexer.example:6060/"));
	return check_url(d, "notifier.matcher_addr", true, "http://matcher.example:6060/");
}

static int check_exchange(const struct config_document *d)
{
	if (config_find(d, "notifier.amqp") && !config_find_text(d, "notifier.amqp.exchange.type").n)
		return config_fail(
			d, config_find(d, "notifier.amqp"),
			"notifier.amqp.exchange.type: is missing; direct, fanout, topic or headers");
	return 0;
}

static bool is_amqp(struct str text)
{
	struct url url = url_split(text);

	return url.authority.n && (str_eq(url.scheme, STR("amqp")) || str_eq(url.scheme, STR("amqps")));
}

static int check_uris(const struct config_document *d, const char *key, bool (*is_good)(struct str text),
		      const char *example)
{
	const struct json_value *uris = config_find(d, key);

	if (!uris || uris->n == 0)
		return config_fail(d, uris, "%s: at least one is needed, as %s", key, example);
	for (size_t i = 0; i < uris->n; i++)
		if (!is_good(uris->items[i].text))
			return config_fail(d, &uris->items[i], "%s: number %zu is none; write %s", key, i + 1,
					   example);
	return 0;
}

static int check_delivery(const struct config_document *d)
{
	TRY(check_url(d, "notifier.webhook.target", false, "https://quay.example/secscan/notification"));
	TRY(check_url(d, "notifier.webhook.callback", false,
		      "http://clair.example:6060/notifier/api/v1/notification/"));
	if (config_find(d, "notifier.amqp")) {
		TRY(check_uris(d, "notifier.amqp.uris", is_amqp, "amqp://user:password@broker.example/"));
		if (!config_find_text(d, "notifier.amqp.routing_key").n)
			return config_fail(d, config_find(d, "notifier.amqp"),
					   "notifier.amqp.routing_key: is missing");
	}
	if (config_find(d, "notifier.stomp"))
		TRY(check_uris(d, "notifier.stomp.uris", config_is_address, "broker.example:61613"));
	return 0;
}

int config_check(const struct config_document *d, const struct config *c)
{
	if (config_runs_matcher(d->mode) || d->mode == MODE_CLIENT)
		TRY(config_check_updaters(d));
	if (d->mode == MODE_CLIENT)
		return 0;
	if (!config_is_address(c->http_listen_addr))
		return config_fail(d, config_find(d, "http_listen_addr"),
				   "http_listen_addr: is no address; write :6060 or 127.0.0.1:6060");
	TRY(check_tls(d));
	TRY(check_auth(d, c));
	TRY(check_otlp(d));
	TRY(check_exchange(d));
	TRY(check_services(d));
	return config_runs_notifier(d->mode) ? check_delivery(d) : 0;
}
