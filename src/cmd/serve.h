/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_SERVE_H
#define CMD_SERVE_H

#include "api/api.h"
#include "api/introspection.h"
#include "cmd/app.h"
#include "cmd/config.h"
#include "engine/schedule.h"

/* One running service: everything `clair serve` puts together. Made and taken down by serve_parts.c, in that
 * order; run by serve.c. */
struct serve {
	struct app *app;
	struct config config;
	enum config_mode mode;
	config_lints lints;
	config_names unknown; /* updater sets and matchers that the configuration names and nothing knows */
	struct log log;
	struct metrics *metrics;

	struct advisory_store *advisories; /* matcher, combo */
	struct index_store *index; /* indexer, combo; matcher with an index connstring */
	struct sandbox sandbox;
	struct http_client_options client; /* for layers: with the policy */
	struct http_client_options peer; /* for other nodes */
	struct layer_pool *layers;
	struct index_service indexing;
	struct render_cache *renderings;
	struct update_options update;
	struct schedule *schedule;
	struct jwt_keys auth;
	struct api *api;
	struct http_server *server, *introspector;
	struct introspection introspection;
	pthread_t resumer; /* takes up jobs that a dead process left */
	bool has_resumer;
	atomic_bool stopping; /* cancels schedule and resumer */
	atomic_bool draining;
};

bool serve_indexes(const struct serve *s);
bool serve_matches(const struct serve *s);

/* Put the service together and start it. On error what was made is still to be taken down. */
int serve_start(struct serve *s, struct err *err);
/* Finish what runs within the shutdown time. 0, or E_TIMEOUT when requests had to be canceled. */
int serve_drain(struct serve *s, struct err *err);
void serve_stop(struct serve *s);

/* Callbacks of struct introspection; ctx: struct serve. */
void serve_collect(void *ctx);
bool serve_ready(void *ctx, struct buffer *why);
/* Name the metrics that serve_collect sets. */
void serve_declare(struct metrics *m);

/* Tell the service manager (sd_notify(3)): "READY=1", "STOPPING=1". Without one nothing happens. */
void systemd_notify(const char *state);

#endif
