/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics and the log line of each request. Source: the names that Clair v4's dashboards use. What a reader
 * would get wrong: a query may hold a secret, so the logged URI is the path alone; and what no route took is
 * counted without its path, or strangers could make series without end. */
#include "api/measure.h"

#include "api/routes.h"
#include "base/time.h"

#include <stdio.h>

/* Names of a family's metrics, spelled out so that each can be found by its name. */
static const struct {
	const char *total, *duration, *request_size, *response_size, *in_flight;
} names[] = {
	{ "clair_http_indexerv1_request_total", "clair_http_indexerv1_request_duration_seconds",
	  "clair_http_indexerv1_request_size_bytes", "clair_http_indexerv1_response_size_bytes",
	  "clair_http_indexerv1_in_flight_requests" },
	{ "clair_http_matcherv1_request_total", "clair_http_matcherv1_request_duration_seconds",
	  "clair_http_matcherv1_request_size_bytes", "clair_http_matcherv1_response_size_bytes",
	  "clair_http_matcherv1_in_flight_requests" },
	{ "clair_http_discovery_request_total", "clair_http_discovery_request_duration_seconds",
	  "clair_http_discovery_request_size_bytes", "clair_http_discovery_response_size_bytes",
	  "clair_http_discovery_in_flight_requests" },
};
enum { FAMILIES = sizeof(names) / sizeof(names[0]) };

/* Clair's, and below them what our answers really take. */
static const double seconds[] = { 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.7, 1.1, 1.7, 2.7,
				  4.2,	 6.5,	10,   15,    23,   36,	54,   83,  128, 196, 300 };
static const double bytes[] = { 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

void measure_declare(struct metrics *m)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		metric_declare(m, names[i].total, "counter", "Requests answered.", NULL, 0);
		metric_declare(m, names[i].duration, "histogram", "Time from first byte to answer.", seconds,
			       COUNT(seconds));
		metric_declare(m, names[i].request_size, "histogram", "Bytes of request bodies.", bytes,
			       COUNT(bytes));
		metric_declare(m, names[i].response_size, "histogram", "Bytes of answers' bodies.", bytes,
			       COUNT(bytes));
		metric_declare(m, names[i].in_flight, "gauge", "Requests being answered.", NULL, 0);
	}
	metric_declare(m, "clair_http_concurrencylimited_total", "counter", "Requests turned away with 429.",
		       NULL, 0);
}

void measure_begin(const struct request *r)
{
	if (r->route)
		metric_add(r->api->options.metrics, names[r->route->service].in_flight,
			   (const struct metric_label[]){ { "handler", str_of(r->route->label) }, { 0 } }, 1);
}

/* Strangers may invent methods, and every label value is a series. */
static struct str method_of(const struct http_exchange *x)
{
	static const char *const known[] = { "GET",    "HEAD",	  "POST",  "PUT",
					     "DELETE", "OPTIONS", "PATCH", "TRACE" };

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(x->method, str_of(known[i])))
			return x->method;
	return STR("other");
}

struct outcome {
	unsigned status;
	uint64_t sent;
	double seconds;
	char code[12];
};

static void count(const struct api *a, const struct http_exchange *x, const struct route *route,
		  const struct outcome *o)
{
	const struct metric_label handler[] = { { "handler", str_of(route->label) }, { 0 } };
	const struct metric_label all[] = {
		handler[0], { "code", str_of(o->code) }, { "method", method_of(x) }, { 0 }
	};
	struct metrics *m = a->options.metrics;

	metric_add(m, names[route->service].total, all, 1);
	metric_observe(m, names[route->service].duration, all, o->seconds);
	metric_observe(m, names[route->service].request_size, handler, (double)x->body.n);
	metric_observe(m, names[route->service].response_size, handler, (double)o->sent);
	if (!x->refused)
		metric_add(m, names[route->service].in_flight, handler, -1);
}

static void tell(const struct api *a, const struct http_exchange *x, const struct outcome *o)
{
	char written[24], duration[32];

	snprintf(written, sizeof(written), "%llu", (unsigned long long)o->sent);
	snprintf(duration, sizeof(duration), "%.6fs", o->seconds);
	log_event(a->options.log, LOG_INFO, "handled HTTP request",
		  (const struct log_attribute[]){ { "request_id", str_of(x->request_id) },
						  { "remote_addr", x->remote },
						  { "method", x->method },
						  { "request_uri", request_path(x) },
						  { "status", str_of(o->code) },
						  { "written", str_of(written) },
						  { "duration", str_of(duration) },
						  { 0 } });
}

void api_finished(void *ctx, const struct http_exchange *x, unsigned status, uint64_t body_bytes)
{
	struct outcome o = { .status = status,
			     .sent = body_bytes,
			     .seconds = (double)(time_monotonic_ns() - x->started_ns) / 1e9 };
	const struct api *a = ctx;
	const char *allowed[ROUTE_METHODS];
	struct str name;
	const struct route *route = route_find(a->options.mode, x->method, x->path, &name, allowed);

	snprintf(o.code, sizeof(o.code), "%u", status);
	if (route)
		count(a, x, route, &o);
	tell(a, x, &o);
}
