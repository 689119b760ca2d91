/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching over HTTP with libcurl: one blocking request at a time, tried again while nothing of a body was
 * delivered. Source: RFC 9110 "HTTP Semantics", sections 10.2.3 (Retry-After), 13 (conditional requests) and
 * 15 (status codes); curl_easy_setopt(3). Easy to get wrong: libcurl calls the header and body functions for
 * every response on the way (redirects, "100 Continue"), so what was noted is forgotten at each status line;
 * and a body is delivered only for status 200 and 206, never for the error page of a server. */
#include "net/http_client.h"

#include "base/time.h"
#include "net/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#ifndef CLAIR_VERSION
#define CLAIR_VERSION "0"
#endif

#define TRIES 3u
#define BACKOFF_NS 500000000ull /* doubled each time */
#define RETRY_AFTER_MAX_SECONDS 60
#define DEFAULT_TIMEOUT_SECONDS 600u
#define CONNECT_TIMEOUT_MS 30000l
#define STALLED_SECONDS 60l /* less than 1 byte a second for so long: given up */
#define UNWANTED_BODY_BYTES 65536u /* of an error page; more is not read */
#define SECOND_NS 1000000000ull

struct http_client {
	CURL *curl;
};

/* One request while it runs; what the callbacks share. */
struct transfer {
	CURL *curl;
	struct task *task;
	const struct http_request *request;
	struct writer *body;
	struct http_response response;
	struct err *err;
	const char *url;
	struct str shown_url;
	uint64_t deadline_ns, delivered, unwanted;
	int failed; /* code of an error set in a callback */
	bool is_cut_off; /* the rest of an unwanted body was not read */
	char reason[CURL_ERROR_SIZE];
};

int http_client_new(struct http_client **out, struct err *err)
{
	struct http_client *c;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(err, E_IO, "cannot start libcurl");
	c = calloc(1, sizeof(*c));
	if (c)
		c->curl = curl_easy_init();
	if (!c || !c->curl) {
		free(c);
		curl_global_cleanup();
		return err_set(err, E_IO, "cannot start libcurl");
	}
	*out = c;
	return 0;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->curl);
	curl_global_cleanup();
	free(c);
}

static unsigned status_of(struct transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	return status > 0 ? (unsigned)status : 0;
}

static size_t fail(struct transfer *t, int code)
{
	t->failed = code;
	return 0;
}

static size_t too_large(struct transfer *t)
{
	return fail(t, err_set(t->err, E_LIMIT, "GET " STR_FMT ": more than %llu bytes",
			       STR_ARG(t->shown_url), (unsigned long long)t->request->max_bytes));
}

/* Returning less than n makes libcurl end the transfer. */
static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	unsigned status = status_of(t);
	curl_off_t announced = -1;

	(void)size; /* always 1 */
	if (status != 200 && status != 206) {
		t->unwanted += n;
		t->is_cut_off = t->unwanted > UNWANTED_BODY_BYTES;
		return t->is_cut_off ? 0 : n;
	}
	if (t->delivered == 0)
		curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (n > t->request->max_bytes - t->delivered ||
	    (announced > 0 && (uint64_t)announced > t->request->max_bytes))
		return too_large(t);
	t->delivered += n;
	t->failed = t->body->write(t->body, p, n, t->err);
	return t->failed < 0 ? 0 : n;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	struct http_response *r = &t->response;
	struct {
		struct str name;
		struct str *value;
	} wanted[] = {
		{ STR("ETag"), &r->etag },
		{ STR("Last-Modified"), &r->last_modified },
		{ STR("Content-Type"), &r->content_type },
		{ STR("Location"), &r->location },
	};
	struct str line = { p, n }, name, value;

	(void)size;
	if (str_starts(line, STR("HTTP/")))
		*r = (struct http_response){ 0 };
	if (!str_cut(line, ':', &name, &value))
		return n;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (str_eq_nocase(name, wanted[i].name))
			*wanted[i].value = str_copy(&t->task->arena, str_trim(value));
	return n;
}

/* libcurl calls this about once a second, however slow the peer is. */
static int on_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal, curl_off_t ulnow)
{
	struct transfer *t = ctx;

	(void)dltotal, (void)dlnow, (void)ultotal, (void)ulnow;
	if (t->failed == 0)
		t->failed = task_check(t->task, t->err);
	return t->failed < 0;
}

/* Append "Name: value" unless value is empty. */
static int add_header(struct transfer *t, struct curl_slist **list, const char *name, struct str value)
{
	struct curl_slist *longer;

	if (value.n == 0)
		return 0;
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return err_set(t->err, E_FORMAT, "control byte in the value of %s", name);
	longer = curl_slist_append(*list,
				   str_format(&t->task->arena, "%s: " STR_FMT, name, STR_ARG(value)).p);
	if (!longer)
		return err_set(t->err, E_IO, "out of memory");
	*list = longer;
	return 0;
}

static int make_headers(struct transfer *t, struct curl_slist **list)
{
	TRY(add_header(t, list, "If-None-Match", t->request->if_none_match));
	TRY(add_header(t, list, "If-Modified-Since", t->request->if_modified_since));
	return add_header(t, list, "Range", t->request->range);
}

static void set_callbacks(struct transfer *t)
{
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0l);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->reason);
}

/* TLS is verified by default; the two variables are those of OpenSSL, which libcurl does not read itself. */
static void set_security(struct transfer *t)
{
	bool is_tls = strncasecmp(t->url, "https:", 6) == 0;
	const char *file = getenv("SSL_CERT_FILE"), *directory = getenv("SSL_CERT_DIR");

	curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(t->curl, CURLOPT_REDIR_PROTOCOLS_STR, is_tls ? "https" : "http,https");
	curl_easy_setopt(t->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (file && *file)
		curl_easy_setopt(t->curl, CURLOPT_CAINFO, file);
	if (directory && *directory)
		curl_easy_setopt(t->curl, CURLOPT_CAPATH, directory);
}

static void set_options(struct transfer *t, struct curl_slist *headers, uint64_t left_ns)
{
	CURL *c = t->curl;

	curl_easy_reset(c); /* keeps connections and the name cache */
	set_callbacks(t);
	set_security(t);
	curl_easy_setopt(c, CURLOPT_URL, t->url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "clair/" CLAIR_VERSION);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_NOBODY, t->request->is_head ? 1l : 0l);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1l);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10l);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1l);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left_ns / 1000000 + 1));
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1l);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALLED_SECONDS);
}

/* What libcurl says went wrong, as our error. */
static int curl_failed(struct transfer *t, CURLcode code)
{
	const char *reason = t->reason[0] ? t->reason : curl_easy_strerror(code);
	int ours = code == CURLE_OPERATION_TIMEDOUT ? E_TIMEOUT : E_IO;

	if (code == CURLE_TOO_MANY_REDIRECTS)
		reason = "more than 10 redirects";
	if (t->delivered)
		return err_set(t->err, ours, "GET " STR_FMT ": %s (after %llu bytes)", STR_ARG(t->shown_url),
			       reason, (unsigned long long)t->delivered);
	return err_set(t->err, ours, "GET " STR_FMT ": %s", STR_ARG(t->shown_url), reason);
}

/* Trouble of the way, which may be gone in a moment. */
static bool is_passing(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM: return true;
	default: return false;
	}
}

/* One try. Returns 1: worth another one (err is set when there was no response), 0: answered, or an error. */
static int try_once(struct transfer *t, struct curl_slist *headers)
{
	uint64_t now = time_monotonic_ns();
	CURLcode code;

	if (now >= t->deadline_ns)
		return err_set(t->err, E_TIMEOUT, "GET " STR_FMT ": timed out", STR_ARG(t->shown_url));
	t->response = (struct http_response){ 0 };
	t->unwanted = 0;
	t->is_cut_off = false;
	t->reason[0] = '\0';
	t->err->code = 0;
	set_options(t, headers, t->deadline_ns - now);
	code = curl_easy_perform(t->curl);
	t->response.status = status_of(t);
	if (t->failed < 0)
		return t->failed;
	if (code != CURLE_OK && !t->is_cut_off) {
		int failed = curl_failed(t, code);

		return is_passing(code) && t->delivered == 0 ? 1 : failed;
	}
	return t->response.status == 429 || t->response.status >= 500;
}

/* Sleep, but wake up for cancellation. */
static int wait_ns(struct transfer *t, uint64_t ns)
{
	uint64_t end = time_monotonic_ns() + ns, now;

	while ((now = time_monotonic_ns()) < end) {
		uint64_t slice = end - now < 100000000 ? end - now : 100000000;

		nanosleep(&(struct timespec){ .tv_nsec = (long)slice }, NULL);
		TRY(task_check(t->task, t->err));
	}
	return 0;
}

/* How long to wait before try number `next` (from 1); UINT64_MAX: the server wants more patience than we
 * have. */
static uint64_t pause_ns(struct transfer *t, unsigned next)
{
	curl_off_t asked = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &asked);
	if (asked > RETRY_AFTER_MAX_SECONDS)
		return UINT64_MAX;
	return asked > 0 ? (uint64_t)asked * SECOND_NS : BACKOFF_NS << (next - 1);
}

static int try_all(struct transfer *t, struct curl_slist *headers)
{
	for (unsigned done = 1;; done++) {
		int again = try_once(t, headers);
		uint64_t pause, now = time_monotonic_ns();

		if (again <= 0)
			return again;
		pause = done < TRIES ? pause_ns(t, done) : UINT64_MAX;
		if (now >= t->deadline_ns || pause >= t->deadline_ns - now)
			return t->err->code; /* 0 when there was an answer: its status says it all */
		TRY(wait_ns(t, pause));
	}
}

int http_perform(struct http_client *c, struct task *task, const struct http_request *request,
		 struct writer *body, struct http_response *out, struct err *err)
{
	unsigned seconds = request->timeout_seconds ? request->timeout_seconds : DEFAULT_TIMEOUT_SECONDS;
	struct transfer t = { .curl = c->curl, .task = task, .request = request, .body = body, .err = err };
	struct curl_slist *headers = NULL;
	int code;

	if (!url_is_http(request->url))
		return err_set(err, E_CONFIG, "not an http or https URL: " STR_FMT, STR_ARG(request->url));
	TRY(task_check(task, err));
	t.url = str_copy(&task->arena, request->url).p;
	t.shown_url = url_redact(&task->arena, request->url);
	t.deadline_ns = time_monotonic_ns() + seconds * SECOND_NS;
	code = make_headers(&t, &headers);
	if (code == 0)
		code = try_all(&t, headers);
	curl_slist_free_all(headers);
	if (code < 0)
		return code;
	*out = t.response;
	return 0;
}
