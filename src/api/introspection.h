/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_INTROSPECTION_H
#define API_INTROSPECTION_H

#include "base/cursor.h"
#include "base/metric.h"
#include "net/http_server.h"

/* The second listener (service.md 9.1): /metrics, /healthz, /readyz. Never asks for a token. */
struct introspection {
	struct metrics *metrics;
	struct str metrics_path; /* empty: no metrics; "/metrics" */
	/* Brings gauges up to date before they are written. May be NULL. */
	void (*collect)(void *ctx);
	/* Is the service ready? why: one line for each reason that it is not, and for what it could say
	 * besides
	 * ("updater set \"x\" is not known"); shown by /readyz?detail=1. */
	bool (*ready)(void *ctx, struct buffer *why);
	void *ctx;
};

/* For http_server_options; ctx: struct introspection. */
void introspection_handle(void *ctx, struct http_exchange *x);
void introspection_refuse(void *ctx, struct http_exchange *x);

#endif
