/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_RENDER_H
#define API_RENDER_H

#include "base/task.h"
#include "model/index_report.h"
#include "store/advisories.h"

/* Clair's vulnerability report as JSON, cached under (manifest, its revision, advisory generation, enrichment
 * generation). Threads share a cache; two that want the same report at once make it once. */
struct render_cache;
struct render_options {
	uint64_t cache_bytes; /* of renderings; 0: 16 MiB */
	bool no_enrichment; /* matcher.disable_enrichment */
	const struct str *matchers; /* names of those wanted (matchers.names) */
	size_t matcher_count;
	bool all_matchers; /* matchers.names null */
	bool rhel_only_fixed; /* matchers.config.rhel.ignore_unpatched */
};
int render_cache_open(const struct render_options *options, struct render_cache **out, struct err *err);
void render_cache_close(struct render_cache *c);

/* A finished rendering, counted: render_release when the answer was sent. */
struct rendering {
	struct str json; /* the report, compact */
	struct str gzip; /* the same, compressed, once somebody asked for it; empty before */
	uint64_t matches, packages;
	bool is_incomplete, is_uncovered; /* as in struct vulnerability_report and index_report */
	int64_t oldest_data; /* last_success of the oldest feed that mattered; 0: none */
	uint64_t generation;
	struct rendering_ *entry_;
};
/* load: gets the index report when it is needed (not when the rendering is cached). revision: of the manifest
 * (store/manifests.h); 0: unknown, never cached. wants_gzip: fill gzip. Errors of load pass through. */
struct render_request {
	struct str manifest_hash;
	uint64_t revision;
	bool wants_gzip;
	int (*load)(void *ctx, struct task *task, struct index_report *out, struct err *err);
	void *ctx;
};
int api_render(struct task *task, struct render_cache *cache, struct advisory_store *store,
	       const struct render_request *request, struct rendering *out, struct err *err);
void render_release(struct render_cache *cache, struct rendering *r);

struct render_stats {
	uint64_t hits, misses, bytes;
};
void render_cache_stats(struct render_cache *c, struct render_stats *out);

#endif
