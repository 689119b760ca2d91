/* SPDX-License-Identifier: Apache-2.0 */
/* Health, readiness and metrics. Source: Clair 4.9's introspection server; Prometheus, "Exposition formats",
 * version 0.0.4. What a reader would get wrong: /healthz says that the process lives, nothing more, so that
 * nobody restarts a service because a publisher is down; /readyz says whether to send it requests. */
#include "api/introspection.h"

#include "api/negotiate.h"
#include "base/compress.h"
#include "base/io.h"

enum { SMALL_BODY_BYTES = 1024 };

/* Metrics are long and repeat themselves, and who collects them takes gzip. */
static void compress(struct http_exchange *x, struct http_reply *r)
{
	struct arena *a = &x->task.arena;
	struct coding_choice choice;

	if (r->body.n < SMALL_BODY_BYTES || !negotiate_coding(&x->headers, &choice) ||
	    choice.coding != COMPRESSION_GZIP)
		return;
	r->body = compress_bytes(a, COMPRESSION_GZIP, r->body);
	VEC_PUSH(a, &r->headers, ((struct http_header){ STR("Content-Encoding"), STR("gzip") }));
	VEC_PUSH(a, &r->headers, ((struct http_header){ STR("Vary"), STR("Accept-Encoding") }));
}

static void reply(struct http_exchange *x, unsigned status, const char *media, struct str body)
{
	struct http_reply r = { .status = status, .body = body };
	struct arena *a = &x->task.arena;

	compress(x, &r);
	VEC_PUSH(a, &r.headers, ((struct http_header){ STR("Content-Type"), str_of(media) }));
	VEC_PUSH(a, &r.headers, ((struct http_header){ STR("X-Content-Type-Options"), STR("nosniff") }));
	VEC_PUSH(a, &r.headers, ((struct http_header){ STR("Cache-Control"), STR("no-store") }));
	if (status == 405)
		VEC_PUSH(a, &r.headers, ((struct http_header){ STR("Allow"), STR("GET, HEAD") }));
	http_reply(x, &r);
}

#define PLAIN "text/plain; charset=utf-8"

static void write_metrics(const struct introspection *i, struct http_exchange *x)
{
	struct buffer b = { .arena = &x->task.arena };
	struct mem_writer to;
	struct err err = { 0 };

	if (i->collect)
		i->collect(i->ctx);
	mem_writer_open(&to, &b);
	if (metrics_write(i->metrics, &to.writer, &err) < 0)
		reply(x, 500, PLAIN, STR("the metrics could not be written\n"));
	else
		reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", buffer_str(&b));
}

static void write_readiness(const struct introspection *i, struct http_exchange *x)
{
	struct buffer why = { .arena = &x->task.arena };
	bool is_ready = !i->ready || i->ready(i->ctx, &why);
	struct str detail;

	(void)http_query_of(x, "detail", &detail);
	reply(x, is_ready ? 200 : 503, PLAIN, detail.n ? buffer_str(&why) : STR(""));
}

void introspection_handle(void *ctx, struct http_exchange *x)
{
	const struct introspection *i = ctx;
	bool is_get = str_eq(x->method, STR("GET")) || str_eq(x->method, STR("HEAD"));

	if (!is_get)
		reply(x, 405, PLAIN, STR("only GET\n"));
	else if (str_eq(x->path, STR("/healthz")))
		reply(x, 200, PLAIN, STR("ok"));
	else if (str_eq(x->path, STR("/readyz")))
		write_readiness(i, x);
	else if (i->metrics_path.n && str_eq(x->path, i->metrics_path))
		write_metrics(i, x);
	else
		reply(x, 404, PLAIN, STR("404 page not found\n"));
}

void introspection_refuse(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	reply(x, x->refused, PLAIN, STR("refused\n"));
}
