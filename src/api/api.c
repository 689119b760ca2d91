/* SPDX-License-Identifier: Apache-2.0 */
/* A request's way through the API: who may ask, which route, how to answer, on which thread. Source:
 * Clair 4.9's HTTP API. What a reader would get wrong: a handler may have sent its answer and gone on
 * (asynchronous indexing); it then returns 1 and the request must not be touched, as it went with the
 * exchange. */
#include "api/api.h"

#include "api/measure.h"
#include "api/request.h"
#include "api/routes.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>
#include <unistd.h>

enum { INTERNAL_REQUESTS = 16, PER_CORE = 4 };

static int index_permits(int configured)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return configured ? configured : PER_CORE * (int)(cores > 0 ? cores : 1);
}

int api_open(const struct api_options *options, struct api **out, struct err *err)
{
	const int permits[LANES] = { index_permits(options->index_requests),
				     options->internal_requests ? (int)options->internal_requests
								: INTERNAL_REQUESTS };
	struct api *a = calloc(1, sizeof(*a));

	(void)err;
	if (!a)
		abort(); /* out of memory */
	a->options = *options;
	a->token = engine_index_token(&a->arena);
	openapi_make(&a->arena, &a->openapi);
	a->lanes = lanes_new(permits);
	atomic_init(&a->has_data, false);
	measure_declare(options->metrics);
	*out = a;
	return 0;
}

void api_close(struct api *a, bool cancel)
{
	if (!a)
		return;
	lanes_free(a->lanes, cancel);
	arena_reset(&a->arena);
	free(a);
}

uint64_t api_max_body(void *ctx, struct str method, struct str path)
{
	struct api *a = ctx;
	const char *allowed[ROUTE_METHODS];
	struct str name;
	const struct route *r = route_find(a->options.mode, method, path, &name, allowed);

	return r && r->max_body ? r->max_body : LIMIT_REQUEST_BYTES;
}

/* ---- who may ask ---- */

static bool is_allowed(struct request *r)
{
	const struct jwt_keys *keys = r->api->options.auth;
	struct str header = http_header_of(r->x, "Authorization"), scheme, token;
	struct err err = { 0 };

	if (!keys || (r->route && r->route->is_open))
		return true;
	if (str_cut(header, ' ', &scheme, &token) && str_eq_nocase(scheme, STR("Bearer")) &&
	    jwt_verify(keys, str_trim(token), time_now(), &err) == 0)
		return true;
	log_event(r->api->options.log, LOG_DEBUG, "request refused",
		  (const struct log_attribute[]){
			  { "request_id", str_of(r->x->request_id) },
			  { "reason", err.code ? str_of(err.text) : STR("no bearer token") },
			  { 0 } });
	return false;
}

/* ---- how to answer ---- */

static int refuse_coding(struct request *r)
{
	request_header(r, "Accept-Encoding", STR("zstd, gzip"));
	request_send_status(r, 415);
	return 1;
}

static struct str offered(struct arena *a, const char *const *media)
{
	struct buffer b = { .arena = a };

	for (; *media; media++) {
		put_bytes(&b, str_of(*media));
		if (media[1])
			put_bytes(&b, STR(", "));
	}
	return buffer_str(&b);
}

static int negotiate(struct request *r, struct err *err)
{
	int found;

	if (!r->route->media)
		return 0;
	found = negotiate_media(&r->x->headers, r->route->media, &r->media, err);
	if (found < 0)
		return request_blame(r, 400, found);
	if (found == 0)
		return request_blame(r, 415,
				     err_set(err, E_UNSUPPORTED,
					     "none of what is accepted is offered: " STR_FMT,
					     STR_ARG(offered(request_arena(r), r->route->media))));
	return 0;
}

/* ---- running it ---- */

static void run(void *ctx)
{
	struct request *r = ctx;
	struct err err = { 0 };
	int rc = r->route->handle(r, &err);

	if (rc > 0)
		return;
	if (rc < 0)
		request_fail(r, &err);
	else if (!r->is_answered)
		request_send(r);
}

static void fail_busy(struct request *r)
{
	const struct metric_label labels[] = { { "endpoint", str_of(r->route->label) },
					       { "method", r->x->method },
					       { 0 } };
	struct err err;

	metric_add(r->api->options.metrics, "clair_http_concurrencylimited_total", labels, 1);
	err_set(&err, E_CONFLICT, "server handling too many requests");
	r->fault = 429;
	r->reason = "busy";
	r->retry_after = 2;
	request_fail(r, &err);
}

static void run_in_lane(struct request *r)
{
	struct err err = { 0 };
	int rc;

	if (r->route->lane == LANE_POOL) {
		run(r);
		return;
	}
	rc = lanes_run(r->api->lanes, r->route->lane - 1, run, r, &err);
	if (rc == 0)
		fail_busy(r);
	else if (rc < 0)
		request_fail(r, &err);
}

static void fail_unrouted(struct request *r, const char *const *allowed)
{
	struct buffer b = { .arena = request_arena(r) };
	struct err err;

	if (!allowed[0]) {
		err_set(&err, E_NOTFOUND, "page not found");
		r->fault = 404;
		request_fail(r, &err);
		return;
	}
	for (size_t i = 0; allowed[i]; i++) {
		put_bytes(&b, i ? STR(", ") : STR(""));
		put_bytes(&b, str_of(allowed[i]));
	}
	err_set(&err, E_UNSUPPORTED, "endpoint only allows " STR_FMT, STR_ARG(buffer_str(&b)));
	r->fault = 405;
	r->allow = buffer_str(&b);
	request_fail(r, &err);
}

void api_handle(void *ctx, struct http_exchange *x)
{
	struct request *r = ARENA_NEW(&x->task.arena, struct request);
	const char *allowed[ROUTE_METHODS];
	struct err err = { 0 };

	*r = (struct request){ .api = ctx, .x = x };
	r->route = route_find(r->api->options.mode, x->method, x->path, &r->name, allowed);
	measure_begin(r);
	if (!is_allowed(r))
		request_send_status(r, 401);
	else if (!(r->route && r->route->is_open) && negotiate_coding(&x->headers, &r->coding) == 0)
		refuse_coding(r);
	else if (!r->route)
		fail_unrouted(r, allowed);
	else if (negotiate(r, &err) < 0)
		request_fail(r, &err);
	else
		run_in_lane(r);
}

void api_refuse(void *ctx, struct http_exchange *x)
{
	struct request *r = ARENA_NEW(&x->task.arena, struct request);
	struct err err = { 0 };

	*r = (struct request){ .api = ctx, .x = x, .fault = x->refused };
	switch (x->refused) {
	case 413: err_set(&err, E_LIMIT, "the body is larger than this route takes"); break;
	case 400: err_set(&err, E_FORMAT, "the request is not well-formed"); break;
	case 431: err_set(&err, E_LIMIT, "the request line and headers are too large"); break;
	case 408: err_set(&err, E_TIMEOUT, "the request took too long to arrive"); break;
	default:
		err_set(&err, E_CONFLICT, "too many connections or requests: try again");
		r->retry_after = 1;
		r->reason = "busy";
	}
	request_fail(r, &err);
}
