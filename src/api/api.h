/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_API_H
#define API_API_H

#include "base/metric.h"
#include "engine/index_manifest.h"
#include "api/render.h"
#include "net/http_server.h"
#include "net/jwt.h"
#include "store/enrichments.h"
#include "store/operations.h"

/* The HTTP API of service.md section 1, over stores and engine. Made by cmd/serve.c. */
enum api_mode { API_COMBO, API_INDEXER, API_MATCHER, API_NOTIFIER };

/* A matcher's or notifier's way to an indexer of another process (matcher.indexer_addr). */
struct api_remote {
	struct str url; /* without a slash at the end; empty: none */
	const struct http_client_options *client;
	struct str psk; /* key to sign requests with, issuer clair-intraservice; empty: unsigned */
};

struct api_options {
	enum api_mode mode;
	struct index_store *index; /* NULL where the role has no access */
	struct advisory_store *advisories; /* NULL in indexer mode */
	const struct index_service *indexing; /* indexer and combo */
	struct render_cache *renderings; /* matcher and combo */
	struct api_remote indexer; /* matcher without an index store */
	const struct jwt_keys *auth; /* NULL: open */
	const struct log *log;
	struct metrics *metrics;
	int64_t cache_age_seconds; /* Cache-Control of vulnerability reports */
	int index_requests; /* at once (indexer.index_report_request_concurrency); negative: no limit, 0: 4
			       per core */
	unsigned internal_requests; /* affected_manifest at once; 0: 16 */
	/* Names in the configuration that nothing here knows: shown by updater_status and readiness. */
	const struct str *unknown_names;
	size_t unknown_count;
};

struct api;
int api_open(const struct api_options *options, struct api **out, struct err *err);
/* After the server was drained and stopped; waits for index jobs that were asked for asynchronously and
 * cancels them when `cancel`. */
void api_close(struct api *a, bool cancel);

/* The four functions that http_server_options wants; ctx: struct api. */
uint64_t api_max_body(void *ctx, struct str method, struct str path);
void api_handle(void *ctx, struct http_exchange *x);
void api_refuse(void *ctx, struct http_exchange *x);
void api_finished(void *ctx, const struct http_exchange *x, unsigned status, uint64_t body_bytes);

#endif
