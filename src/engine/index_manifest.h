/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_INDEX_MANIFEST_H
#define ENGINE_INDEX_MANIFEST_H

#include "engine/layer_pool.h"
#include "image/remote_layers.h"
#include "model/manifest.h"
#include "store/manifests.h"

/* The indexing verb of the service (service.md section 3). */
struct index_service {
	struct index_store *store;
	struct layer_pool *layers;
	const struct http_client_options *client; /* with the fetch policy */
	const struct log *log;
	unsigned layers_at_once; /* of one manifest: indexer.layer_scan_concurrency; 0: 10 */
	unsigned layer_seconds; /* 0: LIMIT_LAYER_SECONDS */
};

/* How indexing ended, for the answer. */
struct index_outcome {
	struct manifest_status status; /* with the report; task's arena */
	bool was_known; /* answered from the store */
	bool is_permanent; /* failed for ever: 400 (E_FORMAT, E_LIMIT, E_UNSUPPORTED), else 500 */
};

/* Index a manifest and wait for it: answer from the store when its report is of the current state and its
 * layers are these; wait for whoever is at it already; else take the job, fetch and scan what is missing,
 * store the report. Errors of layers are written to the store as an IndexError and returned; E_CANCELED and
 * E_TIMEOUT leave the store as it was (what was scanned is kept). A layer that fails is the whole manifest's
 * failure (Clair's rule; a database inside that is damaged is a note). A store that cannot be asked: E_IO. */
int engine_index_manifest(struct task *task, const struct index_service *service,
			  const struct manifest *manifest, struct index_outcome *out, struct err *err);

/* Is an error's cause something that posting again cannot change? */
bool index_error_is_permanent(int code);

/* The request to keep for a restart: layers with their URIs, or empty when headers beyond Accept, user names
 * or queries might be secrets. In the arena. */
struct str index_request_keep(struct arena *a, const struct manifest *manifest);
/* Take up the jobs of a process that is gone: those with a request are indexed again (one after the other, on
 * the caller's thread, until canceled), the others end as an IndexError that says so. */
int engine_resume_jobs(struct task *task, const struct index_service *service, struct err *err);

/* The state token of service.md 3.2: 32 hex digits, the same on every node of one version. */
struct str engine_index_token(struct arena *a);

#endif
