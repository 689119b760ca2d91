/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/request.h"

/* Where a handler runs. */
enum lane {
	LANE_POOL, /* on the server's thread: quick */
	LANE_INDEX, /* on a thread of its own, so many at once as indexer.index_report_request_concurrency
		       says */
	LANE_INTERNAL, /* the same for what other nodes ask */
};

enum {
	IN_COMBO = 1 << API_COMBO,
	IN_INDEXER = 1 << API_INDEXER,
	IN_MATCHER = 1 << API_MATCHER,
	IN_NOTIFIER = 1 << API_NOTIFIER
};

/* A family of metrics: clair_http_NAME_... */
enum service { SERVICE_INDEXER, SERVICE_MATCHER, SERVICE_DISCOVERY };

struct route {
	const char *method; /* GET answers HEAD too; NULL: any */
	const char *path; /* at most one {name}, which stands for exactly one segment */
	unsigned modes; /* IN_... */
	enum lane lane;
	/* Fill r->answer, or answer (r->is_answered). An error is answered as r->fault says. */
	int (*handle)(struct request *r, struct err *err);
	const char *operation; /* of the OpenAPI document; NULL: not in it */
	enum service service;
	const char *label; /* of metrics */
	uint64_t max_body; /* 0: LIMIT_REQUEST_BYTES */
	const char *const *media; /* offered, the first is the default; NULL: does not negotiate */
	bool is_open; /* never asks for a token, never compresses */
};
extern const struct route routes[]; /* ends with a NULL path */

/* The route of a request in a mode. NULL: none; then *allowed (of 8) are the methods that the path knows,
 * NULL after the last. name: the variable segment. */
enum { ROUTE_METHODS = 8 };
const struct route *route_find(enum api_mode mode, struct str method, struct str path, struct str *name,
			       const char *allowed[ROUTE_METHODS]);

int handle_openapi(struct request *r, struct err *err);
int handle_robots(struct request *r, struct err *err);
int handle_index_post(struct request *r, struct err *err);
int handle_index_bulk_delete(struct request *r, struct err *err);
int handle_index_get(struct request *r, struct err *err);
int handle_index_delete(struct request *r, struct err *err);
int handle_index_state(struct request *r, struct err *err);
int handle_affected_manifests(struct request *r, struct err *err);
int handle_vulnerability_report(struct request *r, struct err *err);
int handle_update_operations(struct request *r, struct err *err);
int handle_update_operation_delete(struct request *r, struct err *err);
int handle_update_diff(struct request *r, struct err *err);
int handle_updater_status(struct request *r, struct err *err);
int handle_vulnerability(struct request *r, struct err *err);
int handle_vulnerability_affected(struct request *r, struct err *err);

#endif
