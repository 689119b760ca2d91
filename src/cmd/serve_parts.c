/* SPDX-License-Identifier: Apache-2.0 */
/* Putting the service together from its configuration, and taking it down in the opposite order. What a
 * reader would get wrong: draining must come before stopping, and nothing that a request needs may go while
 * one runs, so the listener goes first and the stores go last. */
#include "cmd/serve.h"

#include "cmd/places.h"

#include "ecosystem/ecosystem.h"
#include "model/defence.h"

#include <stdlib.h>
#include <unistd.h>

enum { NAMES_MAX = 64 };

bool serve_indexes(const struct serve *s)
{
	return s->mode == MODE_COMBO || s->mode == MODE_INDEXER;
}

bool serve_matches(const struct serve *s)
{
	return s->mode == MODE_COMBO || s->mode == MODE_MATCHER;
}

/* ---- stores ---- */

static int open_stores(struct serve *s, struct err *err)
{
	const struct config *c = &s->config;
	struct store_place place;

	TRY(places_data(s->app, c, err));
	if (serve_indexes(s) || (s->mode == MODE_MATCHER && !c->matcher.indexer_addr.n)) {
		TRY(places_index(s->app, c, &place, err));
		TRY(index_store_open_at(&place, &s->index, err));
	}
	if (serve_matches(s)) {
		TRY(places_advisories(s->app, c, &place, err));
		TRY(advisories_open_at(&place, STORE_WRITE, &s->advisories, err));
	}
	return 0;
}

/* ---- names ---- */

static void name_unknown(struct serve *s)
{
	const char *sets[NAMES_MAX + 1] = { 0 }, *matchers[NAMES_MAX + 1] = { 0 };
	size_t set_count = 0, matcher_count = 0;

	for (const struct ecosystem *const *e = ecosystems; *e && set_count < NAMES_MAX; e++) {
		if ((*e)->updaters)
			sets[set_count++] = (*e)->updaters->name;
		if ((*e)->matcher && matcher_count < NAMES_MAX)
			matchers[matcher_count++] = (*e)->matcher->name;
	}
	config_unknown_names(&s->app->task.arena, &s->config, sets, matchers, &s->unknown);
}

/* ---- indexing ---- */

static int find_sandbox(struct serve *s, struct err *err)
{
	struct task *task = &s->app->task;
	unsigned defences = 0;

	TRY(sandbox_find_worker(&task->arena, &s->sandbox.worker_path, err));
	s->sandbox.required = app_required_defences(s->config.require_sandbox);
	TRY(sandbox_probe(task, &s->sandbox, &defences, err));
	defences = DEFENCE_REQUIRED & ~defences;
	if (defences)
		log_event(&s->log, LOG_WARNING, "workers are not fully confined here",
			  (const struct log_attribute[]){
				  { "lacking", defence_names(&task->arena, defences) }, { 0 } });
	return 0;
}

static int open_indexing(struct serve *s, struct err *err)
{
	const struct config_indexer *c = &s->config.indexer;
	struct layer_pool_options pool = { .sandbox = &s->sandbox,
					   .log = &s->log,
					   .memory_bytes = (uint64_t)c->memory };

	if (!serve_indexes(s))
		return 0;
	s->client.policy = &c->fetch;
	TRY(layer_pool_open(&pool, &s->layers, err));
	s->indexing = (struct index_service){
		.store = s->index,
		.layers = s->layers,
		.client = &s->client,
		.log = &s->log,
		.layers_at_once = (unsigned)c->layer_scan_concurrency,
		.layer_seconds = (unsigned)c->layer_timeout,
	};
	return 0;
}

static void *resume_jobs(void *arg)
{
	struct serve *s = arg;
	autotask struct task task = { .canceled = &s->stopping };
	struct err err = { 0 };

	if (engine_resume_jobs(&task, &s->indexing, &err) < 0 && err.code != E_CANCELED)
		log_event(&s->log, LOG_WARNING, "jobs left by an earlier process could not be taken up",
			  (const struct log_attribute[]){ { "reason", str_of(err.text) }, { 0 } });
	return NULL;
}

/* ---- matching ---- */

/* matchers.config.rhel.ignore_unpatched */
static bool rhel_ignores_unpatched(const struct config_matcher *c)
{
	const struct json_value *value = json_get(json_get(&c->matchers_config, "rhel"), "ignore_unpatched");

	return value && value->type == JSON_TRUE;
}

static int open_matching(struct serve *s, struct err *err)
{
	const struct config_matcher *c = &s->config.matcher;
	struct render_options options = {
		.no_enrichment = c->disable_enrichment,
		.matchers = c->names.p,
		.matcher_count = c->names.n,
		.all_matchers = !c->has_names,
		.rhel_only_fixed = rhel_ignores_unpatched(c),
	};

	return serve_matches(s) ? render_cache_open(&options, &s->renderings, err) : 0;
}

static int start_schedule(struct serve *s, struct err *err)
{
	const struct config_matcher *m = &s->config.matcher;
	const struct config_updaters *u = &s->config.updaters;
	struct schedule_options options = {
		.store = s->advisories,
		.index = s->index,
		.update = &s->update,
		.sets = u->sets.p,
		.set_count = u->sets.n,
		.all_sets = !u->has_sets,
		.no_updaters = m->disable_updaters,
		.period_seconds = m->period,
		.retention = (unsigned)m->update_retention,
		.history_seconds = m->history,
		.log = &s->log,
		.metrics = s->metrics,
		.canceled = &s->stopping,
	};

	if (!serve_matches(s))
		return 0;
	s->update = (struct update_options){
		.sandbox = &s->sandbox,
		.mirror = u->mirror,
		.debian_archive = u->debian_archive.n ? u->debian_archive
						      : str_of(getenv("CLAIR_DEBIAN_ARCHIVE")),
		.config = &u->config,
		.log = &s->log,
	};
	return schedule_start(&options, &s->schedule, err);
}

/* ---- listening ---- */

static const struct jwt_keys *keys_of(struct serve *s)
{
	const struct config_auth *c = &s->config.auth;

	s->auth = (struct jwt_keys){ .keys = c->keys.p,
				     .key_count = c->keys.n,
				     .issuers = c->issuers.p,
				     .issuer_count = c->issuers.n,
				     .require_expiry = c->require_expiry };
	return c->has_psk ? &s->auth : NULL;
}

static struct str without_slash(struct str url)
{
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	return url;
}

static int open_api(struct serve *s, struct err *err)
{
	static const enum api_mode modes[] = { API_COMBO, API_INDEXER, API_MATCHER, API_NOTIFIER };
	const struct config *c = &s->config;
	struct api_options options = {
		.mode = modes[s->mode],
		.index = s->index,
		.advisories = s->advisories,
		.indexing = serve_indexes(s) ? &s->indexing : NULL,
		.renderings = s->renderings,
		.indexer = { .url = without_slash(c->matcher.indexer_addr), .client = &s->peer },
		.auth = keys_of(s),
		.log = &s->log,
		.metrics = s->metrics,
		.cache_age_seconds = c->matcher.cache_age,
		.index_requests = (int)c->indexer.index_report_request_concurrency,
		.unknown_names = s->unknown.p,
		.unknown_count = s->unknown.n,
	};

	if (c->auth.has_psk && c->auth.keys.n)
		options.indexer.psk = c->auth.keys.p[0];
	return api_open(&options, &s->api, err);
}

static int listen_for_api(struct serve *s, struct err *err)
{
	const struct config *c = &s->config;
	struct http_server_options options = {
		.listen = c->http_listen_addr,
		.tls_cert = c->tls_cert,
		.tls_key = c->tls_key,
		.threads = (unsigned)c->server.threads,
		.connections = (unsigned)c->server.connections,
		.connections_per_address = (unsigned)c->server.connections_per_address,
		.request_seconds = (unsigned)c->server.request_timeout,
		.max_body = api_max_body,
		.handle = api_handle,
		.refuse = api_refuse,
		.finished = api_finished,
		.ctx = s->api,
		.log = &s->log,
	};

	return http_server_start(&options, &s->server, err);
}

/* A service without it is still a service: as in Clair, only a warning. */
static void listen_for_introspection(struct serve *s)
{
	struct http_server_options options = {
		.listen = s->config.introspection_addr,
		.threads = 1,
		.connections = 64,
		.handle = introspection_handle,
		.refuse = introspection_refuse,
		.ctx = &s->introspection,
		.log = &s->log,
	};
	struct err err = { 0 };

	if (!options.listen.n)
		return;
	if (s->config.tls_introspection) {
		options.tls_cert = s->config.tls_cert;
		options.tls_key = s->config.tls_key;
	}
	s->introspection = (struct introspection){ .metrics = s->metrics,
						   .metrics_path = s->config.metrics_endpoint,
						   .collect = serve_collect,
						   .ready = serve_ready,
						   .ctx = s };
	if (http_server_start(&options, &s->introspector, &err) < 0)
		log_event(&s->log, LOG_WARNING, "no introspection",
			  (const struct log_attribute[]){ { "reason", str_of(err.text) }, { 0 } });
}

int serve_start(struct serve *s, struct err *err)
{
	atomic_init(&s->stopping, false);
	atomic_init(&s->draining, false);
	if (s->mode == MODE_NOTIFIER)
		return err_set(err, E_UNSUPPORTED,
			       "mode notifier is not there yet: use combo, indexer or matcher");
	name_unknown(s);
	s->metrics = metrics_new();
	serve_declare(s->metrics);
	TRY(find_sandbox(s, err));
	TRY(open_stores(s, err));
	TRY(open_indexing(s, err));
	TRY(open_matching(s, err));
	TRY(open_api(s, err));
	TRY(listen_for_api(s, err));
	TRY(start_schedule(s, err));
	listen_for_introspection(s); /* last: it asks all others how they are */
	s->has_resumer = serve_indexes(s) && pthread_create(&s->resumer, NULL, resume_jobs, s) == 0;
	return 0;
}

int serve_drain(struct serve *s, struct err *err)
{
	atomic_store(&s->draining, true);
	atomic_store(&s->stopping, true);
	return http_server_drain(s->server, (unsigned)s->config.server.shutdown_timeout, err);
}

void serve_stop(struct serve *s)
{
	atomic_store(&s->stopping, true);
	if (s->introspector) /* first: it asks all others how they are */
		http_server_stop(s->introspector);
	if (s->server)
		http_server_stop(s->server);
	if (s->schedule)
		schedule_stop(s->schedule);
	if (s->has_resumer)
		pthread_join(s->resumer, NULL);
	if (s->api)
		api_close(s->api, true);
	if (s->renderings)
		render_cache_close(s->renderings);
	if (s->layers)
		layer_pool_close(s->layers);
	if (s->index)
		index_store_close(s->index);
	if (s->advisories)
		advisories_close(s->advisories);
	metrics_free(s->metrics);
}
