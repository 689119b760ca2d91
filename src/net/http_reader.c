/* SPDX-License-Identifier: Apache-2.0 */
/* A body as a reader: libcurl fills a buffer of fixed size and is paused when it is full, so that TCP holds
 * the peer back; a transfer that breaks goes on behind the last byte that arrived. Source: RFC 9110 "HTTP
 * Semantics", sections 13.1.5 (If-Range), 14.2 (Range), 14.4 (Content-Range), 15.3.7 (206). Easy to get
 * wrong: a range may be answered with the whole body (status 200) or with another range, and without an ETag
 * nothing says that both halves are of one body, which is why who reads must check a digest at the end. */
#include "net/http_reader.h"

#include "base/time.h"
#include "net/http_excerpt.h"
#include "net/http_fields.h"
#include "net/http_transfer.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#define BUFFER_BYTES 262144u
#define PAGE_BYTES 16384u /* of an error page */
#define STEP_MS 50u
#define OPEN_TRIES 3u
#define RESUMES_MAX 3u
#define DEFAULT_STALL_SECONDS 30u
#define DEFAULT_TIMEOUT_SECONDS 600u
#define SECOND_NS UINT64_C(1000000000)
#define OWN_HEADERS_MAX 3u

struct http_reader {
	struct reader reader;
	struct http_transfer transfer;
	struct arena arena;
	struct task task; /* of the opener: cancellation and deadline only */
	struct http_client_options client;
	struct http_header own[OWN_HEADERS_MAX];
	struct str etag; /* strong, else empty */
	uint64_t size; /* UINT64_MAX: unknown */
	uint64_t from, received, max_bytes; /* from: where this transfer began */
	uint64_t stall_ns, heard_ns; /* when the peer was last heard */
	unsigned resumes_left, pauses;
	bool is_judged, is_body; /* the answer at hand: its bytes are those asked for */
	bool is_paused, is_over; /* libcurl; over: done with this transfer */
	bool is_complete;
	struct err failed; /* given again to who asks again */
	size_t begin, end; /* in buffer */
	char buffer[BUFFER_BYTES];
};

/* --- what libcurl delivers --- */

/* "bytes 5-9/10"; total: UINT64_MAX when it is "*". */
static bool parse_range(struct str text, uint64_t *first, uint64_t *total)
{
	struct str range, size, low, high;
	uint64_t last;

	if (!str_starts(text, STR("bytes ")) || !str_cut(str_sub(text, 6, text.n - 6), '/', &range, &size) ||
	    !str_cut(range, '-', &low, &high) || !str_u64(low, INT64_MAX, first) ||
	    !str_u64(high, INT64_MAX, &last) || last < *first)
		return false;
	*total = UINT64_MAX;
	return str_eq(size, STR("*")) || (str_u64(size, INT64_MAX, total) && last < *total);
}

static bool is_range_asked_for(struct http_reader *r)
{
	struct http_transfer *t = &r->transfer;
	const struct http_header *h = http_field_find(t->response.headers.p, t->response.headers.n,
						      STR("Content-Range"));
	uint64_t first, total;

	if (h && parse_range(h->value, &first, &total) && first == r->from &&
	    (r->size == UINT64_MAX || total == UINT64_MAX || total == r->size)) {
		r->size = r->size == UINT64_MAX ? total : r->size;
		return true;
	}
	err_set(&t->failure, E_FORMAT,
		"GET " STR_FMT ": asked for the bytes from %" PRIu64 ", got others (Content-Range: " STR_FMT
		")",
		STR_ARG(t->shown), r->from, h ? (int)(h->value.n < 60 ? h->value.n : 60) : 4,
		h ? h->value.p : "none");
	return false;
}

static void judge(struct http_reader *r)
{
	unsigned status = r->transfer.response.status;

	if (r->is_judged)
		return;
	r->is_judged = true;
	r->is_body = r->from ? status == 206 && is_range_asked_for(r) : status == 200;
}

static size_t fail(struct http_reader *r, int code, const char *what, uint64_t bytes)
{
	err_set(&r->transfer.failure, code, "GET " STR_FMT ": %s %" PRIu64 " bytes",
		STR_ARG(r->transfer.shown), what, bytes);
	return 0;
}

/* An error page: its beginning is kept in the buffer, which is empty then. */
static size_t keep_page(struct http_reader *r, const char *p, size_t n)
{
	size_t room = PAGE_BYTES - r->end, taken = n < room ? n : room;

	memcpy(r->buffer + r->end, p, taken);
	r->end += taken;
	r->transfer.is_cut_off = taken < n;
	return taken;
}

static size_t on_body(struct http_transfer *t, const char *p, size_t n)
{
	struct http_reader *r = (struct http_reader *)(void *)((char *)t -
							       offsetof(struct http_reader, transfer));

	r->heard_ns = time_monotonic_ns();
	judge(r);
	if (t->failure.code)
		return 0;
	if (!r->is_body)
		return keep_page(r, p, n);
	if (n > BUFFER_BYTES - r->end) {
		r->is_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (n > r->max_bytes - r->received)
		return fail(r, E_LIMIT, "more than", r->max_bytes);
	if (n > r->size - r->received)
		return fail(r, E_FORMAT, "more than the announced", r->size);
	memcpy(r->buffer + r->end, p, n);
	r->end += n;
	r->received += n;
	t->delivered = r->received;
	return n;
}

/* --- asking --- */

static int step(struct http_reader *r, struct err *err)
{
	int rc = http_transfer_step(&r->transfer, STEP_MS, err);
	uint64_t now = time_monotonic_ns();

	TRY(rc);
	r->is_over = rc == 0;
	if (r->is_over || r->is_paused || now < r->heard_ns + r->stall_ns)
		return 0;
	return err_set(err, E_TIMEOUT,
		       "GET " STR_FMT ": not a byte for %" PRIu64 " s (after %" PRIu64 " bytes)",
		       STR_ARG(r->transfer.shown), r->stall_ns / SECOND_NS, r->received);
}

/* What we add: no coding, and where to go on. */
static void set_own_headers(struct http_reader *r)
{
	size_t n = 0;

	r->own[n++] = (struct http_header){ STR("Accept-Encoding"), STR("identity") };
	if (r->from)
		r->own[n++] = (struct http_header){ STR("Range"),
						    str_format(&r->arena, "bytes=%" PRIu64 "-", r->from) };
	if (r->from && r->etag.n)
		r->own[n++] = (struct http_header){ STR("If-Range"), r->etag };
	r->transfer.own = r->own;
	r->transfer.own_count = n;
}

/* A status that is not the one asked for, as an error with the beginning of the page; 1 when it may pass. */
static int refused(struct http_reader *r, struct err *err)
{
	struct http_transfer *t = &r->transfer;
	struct http_secrets secrets = { t->headers, t->header_count, t->url, t->at };
	unsigned status = t->response.status;
	bool is_busy = status == 429 || status >= 500;
	int code = is_busy ? E_IO : E_FORMAT;
	struct str page = { 0 };

	while (!r->is_over && r->end < PAGE_BYTES && step(r, err) == 0)
		;
	if (status >= 300) /* else it is what was asked for, not a page about why not */
		page = http_excerpt(&r->arena, (struct str){ r->buffer, r->end }, &secrets);
	r->end = 0;
	if (status == 401 || status == 403)
		code = E_AUTH;
	if (status == 404 || status == 410)
		code = E_NOTFOUND;
	err_set(err, code, "GET " STR_FMT ": HTTP status %u%s%s" STR_FMT, STR_ARG(t->shown), status,
		r->from ? " when resumed" : "", page.n ? ": " : "", STR_ARG(page));
	return is_busy ? 1 : code;
}

/* One try. Returns 0: the body begins, 1: no answer or a busy server (err says which), or an error. */
static int ask(struct http_reader *r, struct err *err)
{
	struct http_transfer *t = &r->transfer;
	int failed;

	r->from = r->received;
	r->begin = r->end = 0;
	r->is_judged = r->is_paused = r->is_over = false;
	r->heard_ns = time_monotonic_ns();
	set_own_headers(r);
	TRY(http_transfer_begin(t, err));
	while (!t->has_head && !r->is_over)
		TRY(step(r, err));
	if (!t->has_head) {
		failed = http_transfer_failed(t, err);
		return http_transfer_is_passing(t) ? 1 : failed;
	}
	judge(r);
	if (t->failure.code) {
		*err = t->failure;
		return err->code;
	}
	return r->is_body ? 0 : refused(r, err);
}

static int pause_a_while(struct http_reader *r, struct err *err)
{
	uint64_t ns = http_transfer_pause_ns(&r->transfer, r->pauses < 2 ? ++r->pauses : 2);

	if (ns == UINT64_MAX)
		return err->code;
	http_transfer_end(&r->transfer);
	return http_transfer_wait(&r->transfer, ns, err);
}

/* Ask until there is an answer or no try is left; err holds what went wrong before when `pauses`. */
static int ask_patiently(struct http_reader *r, unsigned *left, bool pauses, struct err *err)
{
	for (; *left; pauses = true) {
		int again;

		--*left;
		if (pauses)
			TRY(pause_a_while(r, err));
		again = ask(r, err);
		if (again == 0)
			err->code = 0; /* of the tries before */
		if (again <= 0)
			return again;
	}
	return err->code;
}

/* --- reading --- */

/* The transfer is over and all of it is delivered. */
static int ended(struct http_reader *r, struct err *err)
{
	struct http_transfer *t = &r->transfer;
	bool is_short = r->size != UINT64_MAX && r->received < r->size;
	int code;

	if (t->result == CURLE_OK && !is_short) {
		r->is_complete = true;
		return 0;
	}
	if (t->result == CURLE_OK)
		t->result = CURLE_PARTIAL_FILE;
	code = http_transfer_failed(t, err);
	return http_transfer_is_passing(t) ? ask_patiently(r, &r->resumes_left, true, err) : code;
}

/* The buffer is empty: more of it, or the end. */
static int more(struct http_reader *r, struct err *err)
{
	if (r->is_over)
		return ended(r, err);
	r->begin = r->end = 0;
	if (r->is_paused) {
		r->is_paused = false;
		curl_easy_pause(r->transfer.curl, CURLPAUSE_CONT);
	}
	return r->end ? 0 : step(r, err);
}

static ssize_t read_body(struct reader *base, void *buf, size_t n, struct err *err)
{
	struct http_reader *r = (struct http_reader *)base;

	r->heard_ns = time_monotonic_ns(); /* the time that the caller took is not the peer's */
	while (r->begin == r->end && !r->is_complete) {
		if (r->failed.code == 0 && more(r, &r->failed) == 0)
			r->failed.code = 0;
		if (r->failed.code) {
			*err = r->failed;
			return err->code;
		}
	}
	if (n > r->end - r->begin)
		n = r->end - r->begin;
	memcpy(buf, r->buffer + r->begin, n);
	r->begin += n;
	return (ssize_t)n;
}

static void close_body(struct reader *base)
{
	struct http_reader *r = (struct http_reader *)base;

	http_transfer_close(&r->transfer);
	arena_reset(&r->arena);
	free(r);
}

/* --- opening --- */

static void copy_headers(struct http_reader *r, const struct http_reader_options *o)
{
	struct http_header *headers = ARENA_ARRAY(&r->arena, struct http_header, o->header_count);

	for (size_t i = 0; i < o->header_count; i++)
		headers[i] = (struct http_header){ str_copy(&r->arena, o->headers[i].name),
						   str_copy(&r->arena, o->headers[i].value) };
	r->transfer.headers = headers;
	r->transfer.header_count = o->header_count;
}

static void set_up(struct http_reader *r, const struct http_reader_options *o)
{
	struct http_transfer *t = &r->transfer;
	unsigned stall = o->stall_seconds ? o->stall_seconds : DEFAULT_STALL_SECONDS;
	unsigned timeout = o->timeout_seconds ? o->timeout_seconds : DEFAULT_TIMEOUT_SECONDS;

	r->reader = (struct reader){ .read = read_body, .close = close_body };
	if (o->task)
		r->task = (struct task){ .canceled = o->task->canceled, .deadline_ns = o->task->deadline_ns };
	r->client = o->client;
	r->client.user_agent = str_copy(&r->arena, o->client.user_agent);
	r->size = UINT64_MAX;
	r->max_bytes = o->max_bytes;
	r->stall_ns = stall * SECOND_NS;
	r->resumes_left = RESUMES_MAX;
	*t = (struct http_transfer){ .client = &r->client, .task = &r->task, .arena = &r->arena };
	t->url = str_copy(&r->arena, o->url);
	t->method = STR("GET");
	copy_headers(r, o);
	t->may_downgrade = o->header_count == 0;
	t->is_pulled = true;
	t->connect_seconds = stall;
	t->deadline_ns = time_monotonic_ns() + timeout * SECOND_NS;
	t->on_body = on_body;
}

/* What the first answer says of the body. */
static int read_head(struct http_reader *r, struct err *err)
{
	struct http_transfer *t = &r->transfer;
	curl_off_t announced = -1;

	curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (announced >= 0)
		r->size = (uint64_t)announced;
	if (r->size != UINT64_MAX && r->size > r->max_bytes)
		return err_set(err, E_LIMIT, "GET " STR_FMT ": %" PRIu64 " bytes, limit %" PRIu64,
			       STR_ARG(t->shown), r->size, r->max_bytes);
	if (str_starts(t->response.etag, STR("\"")))
		r->etag = t->response.etag;
	return 0;
}

static int start(struct http_reader *r, const struct http_reader_options *options, struct err *err)
{
	unsigned tries = OPEN_TRIES;

	TRY(http_ca_bundle(&r->arena, options->client.ca_file, &r->transfer.ca, err));
	TRY(ask_patiently(r, &tries, false, err));
	r->pauses = 0;
	return read_head(r, err);
}

int http_reader_open(const struct http_reader_options *options, struct reader **out, struct str *content_type,
		     uint64_t *size, struct err *err)
{
	struct http_reader *r = calloc(1, sizeof(*r));
	int code;

	if (!r)
		return err_set(err, E_IO, "out of memory");
	set_up(r, options);
	code = http_transfer_open(&r->transfer, err);
	if (code == 0) {
		code = start(r, options, err);
		if (code < 0)
			http_transfer_close(&r->transfer);
	}
	if (code < 0) {
		arena_reset(&r->arena);
		free(r);
		return code;
	}
	*out = &r->reader;
	*content_type = r->transfer.response.content_type;
	*size = r->size;
	return 0;
}
