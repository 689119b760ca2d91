/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching over HTTP: one blocking request at a time, tried again while nothing of a body was delivered.
 * Source: RFC 9110 "HTTP Semantics", sections 10.2.3 (Retry-After), 13 (conditional requests) and 15 (status
 * codes). Easy to get wrong: whether an answer is the last one decides whether its body is delivered, so that
 * is known before the first byte of it: an error page that is followed by another try goes nowhere. */
#include "net/http_client.h"

#include "base/time.h"
#include "net/http_transfer.h"
#include "net/url.h"

#include <stdlib.h>

#define DEFAULT_TIMEOUT_SECONDS 600u
#define STALLED_SECONDS 60u /* less than 1 byte a second for so long: given up */
#define UNWANTED_BODY_BYTES 65536u /* of an error page; more is not read */
#define STEP_MS 100u
#define OWN_HEADERS_MAX 3u

struct http_client {
	struct http_client_options options;
	struct http_transfer transfer;
	struct arena arena;
};

/* One request while it runs. transfer is a copy of the client's, with the handles in it. */
struct performing {
	struct http_transfer transfer;
	const struct http_request *request;
	struct writer *body;
	uint64_t unwanted;
	unsigned tries; /* begun */
	bool is_judged, is_wanted; /* the body of the answer at hand */
};

static int open_client(struct http_client *c, struct err *err)
{
	struct http_client_options *o = &c->options;

	o->ca_file = str_copy(&c->arena, o->ca_file);
	o->user_agent = str_copy(&c->arena, o->user_agent);
	TRY(http_ca_bundle(&c->arena, o->ca_file, &c->transfer.ca, err));
	return http_transfer_open(&c->transfer, err);
}

int http_client_new_with(const struct http_client_options *options, struct http_client **out, struct err *err)
{
	struct http_client *c = calloc(1, sizeof(*c));
	int code;

	if (!c)
		return err_set(err, E_IO, "out of memory");
	c->options = *options;
	code = open_client(c, err);
	if (code < 0) {
		arena_reset(&c->arena);
		free(c);
		return code;
	}
	*out = c;
	return 0;
}

int http_client_new(struct http_client **out, struct err *err)
{
	return http_client_new_with(&(struct http_client_options){ 0 }, out, err);
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	http_transfer_close(&c->transfer);
	arena_reset(&c->arena);
	free(c);
}

static size_t fail(struct performing *p, int code)
{
	p->transfer.failure.code = code;
	return 0;
}

static size_t too_large(struct performing *p)
{
	return fail(p, err_set(&p->transfer.failure, E_LIMIT, "%s " STR_FMT ": more than %llu bytes",
			       p->transfer.method.p, STR_ARG(url_redact(p->transfer.arena, p->request->url)),
			       (unsigned long long)p->request->max_bytes));
}

static bool is_success(const struct performing *p)
{
	return p->transfer.response.status == 200 || p->transfer.response.status == 206;
}

static bool is_busy(const struct performing *p)
{
	return p->transfer.response.status == 429 || p->transfer.response.status >= 500;
}

static uint64_t pause_ns(const struct performing *p)
{
	return p->request->no_retry ? UINT64_MAX : http_transfer_pause_ns(&p->transfer, p->tries);
}

static int show_head(struct performing *p)
{
	const struct http_request *r = p->request;

	return r->on_head ? r->on_head(r->on_head_ctx, &p->transfer.response, &p->transfer.failure) : 0;
}

/* Is the body of this answer one to deliver? Asked once, before its first byte. */
static bool is_wanted(struct performing *p)
{
	if (p->is_judged)
		return p->is_wanted;
	p->is_judged = true;
	p->is_wanted = is_success(p) ||
		       (p->request->wants_error_body && !(is_busy(p) && pause_ns(p) != UINT64_MAX));
	return p->is_wanted;
}

static size_t cut_off(struct performing *p, size_t n, bool is_over)
{
	p->transfer.is_cut_off = is_over;
	return is_over ? 0 : n;
}

static size_t deliver(struct performing *p, const char *bytes, size_t n)
{
	p->transfer.delivered += n;
	if (p->body->write(p->body, bytes, n, &p->transfer.failure) < 0)
		return fail(p, p->transfer.failure.code ? p->transfer.failure.code : E_IO);
	return n;
}

/* The length that the answer announced is above the limit. */
static bool is_announced_large(struct performing *p)
{
	curl_off_t announced = -1;

	if (p->transfer.delivered == 0)
		curl_easy_getinfo(p->transfer.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	return announced > 0 && (uint64_t)announced > p->request->max_bytes;
}

static size_t on_body(struct http_transfer *t, const char *bytes, size_t n)
{
	struct performing *p = (struct performing *)t;
	uint64_t room = p->request->max_bytes - t->delivered;
	size_t taken = n < room ? n : (size_t)room;

	if (p->request->stops_at_body)
		return cut_off(p, n, true);
	if (!p->is_judged && is_wanted(p) && show_head(p) < 0)
		return 0;
	if (!is_wanted(p)) {
		p->unwanted += n;
		return cut_off(p, n, p->unwanted > UNWANTED_BODY_BYTES);
	}
	if (is_success(p))
		return n > room || is_announced_large(p) ? too_large(p) : deliver(p, bytes, n);
	if (taken && deliver(p, bytes, taken) == 0)
		return 0;
	return cut_off(p, n, taken < n);
}

/* One try. Returns 1: worth another one (err is set when there was no response), 0: answered, or an error. */
static int try_once(struct performing *p, struct err *err)
{
	struct http_transfer *t = &p->transfer;
	int rc;

	p->unwanted = 0;
	p->is_judged = false;
	err->code = 0;
	TRY(http_transfer_begin(t, err));
	do
		rc = http_transfer_step(t, STEP_MS, err);
	while (rc > 0);
	TRY(rc);
	if (t->result != CURLE_OK) {
		int failed = http_transfer_failed(t, err);

		return http_transfer_is_passing(t) && t->delivered == 0 ? 1 : failed;
	}
	return is_busy(p);
}

static int try_all(struct performing *p, struct err *err)
{
	for (;;) {
		uint64_t pause;
		int again;

		p->tries++;
		again = try_once(p, err);
		if (again <= 0)
			return again;
		pause = p->transfer.delivered ? UINT64_MAX : pause_ns(p);
		if (pause == UINT64_MAX)
			return err->code; /* 0 when there was an answer: its status says it all */
		http_transfer_end(&p->transfer);
		TRY(http_transfer_wait(&p->transfer, pause, err));
	}
}

/* Headers of our own, for every hop. */
static size_t own_headers(const struct http_request *r, struct http_header out[OWN_HEADERS_MAX])
{
	const struct http_header all[OWN_HEADERS_MAX] = { { STR("If-None-Match"), r->if_none_match },
							  { STR("If-Modified-Since"), r->if_modified_since },
							  { STR("Range"), r->range } };
	size_t n = 0;

	for (size_t i = 0; i < OWN_HEADERS_MAX; i++)
		if (all[i].value.n)
			out[n++] = all[i];
	return n;
}

static struct str method_of(struct arena *a, const struct http_request *r)
{
	if (r->method.n)
		return str_copy(a, r->method);
	return r->is_head ? STR("HEAD") : STR("GET");
}

int http_perform(struct http_client *c, struct task *task, const struct http_request *request,
		 struct writer *body, struct http_response *out, struct err *err)
{
	unsigned seconds = request->timeout_seconds ? request->timeout_seconds : DEFAULT_TIMEOUT_SECONDS;
	struct performing p = { .transfer = c->transfer, .request = request, .body = body };
	struct http_header own[OWN_HEADERS_MAX];
	struct http_transfer *t = &p.transfer;
	int code;

	TRY(task_check(task, err));
	t->client = &c->options;
	t->task = task;
	t->arena = &task->arena;
	t->url = request->url;
	t->method = method_of(&task->arena, request);
	t->body = request->body;
	t->headers = request->headers;
	t->header_count = request->header_count;
	t->own = own;
	t->own_count = own_headers(request, own);
	t->stall_seconds = STALLED_SECONDS;
	t->deadline_ns = time_monotonic_ns() + seconds * 1000000000ull;
	t->on_body = on_body;
	code = try_all(&p, err);
	http_transfer_end(t);
	TRY(code);
	*out = t->response;
	return 0;
}
