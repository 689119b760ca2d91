/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request through its redirects, with libcurl's multi interface.
 * Source: RFC 9110 "HTTP Semantics", section 15.4 (redirects); libcurl-multi(3),
 * CURLOPT_OPENSOCKETFUNCTION(3). Easy to get wrong: libcurl is told to follow no redirect, as each hop has to
 * pass the policy, may lose headers, and may not fall back to plain text; and a name may resolve to another
 * address each time, so what the policy judges is the address that a socket is made for, not one that was
 * looked up before. */
#include "net/http_transfer.h"

#include "base/limits.h"
#include "base/time.h"
#include "net/http_fields.h"
#include "net/http_pace.h"
#include "net/proxy.h"
#include "net/url.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#ifndef CLAIR_VERSION
#define CLAIR_VERSION "0"
#endif

#define REDIRECTS_MAX 10u
#define TRIES 3u
#define BACKOFF_NS 500000000ull /* doubled each time */
#define RETRY_AFTER_MAX_SECONDS 60
#define CONNECT_SECONDS 30u
#define SECOND_NS 1000000000ull
#define NAP_NS 50000000ull
#define DROPPED_BYTES_MAX 65536u

int http_transfer_open(struct http_transfer *t, struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(err, E_IO, "cannot start libcurl");
	t->multi = curl_multi_init();
	t->curl = curl_easy_init();
	if (t->multi && t->curl)
		return 0;
	http_transfer_close(t);
	return err_set(err, E_IO, "cannot start libcurl");
}

void http_transfer_end(struct http_transfer *t)
{
	if (t->is_running)
		curl_multi_remove_handle(t->multi, t->curl);
	t->is_running = false;
	curl_slist_free_all(t->list);
	t->list = NULL;
}

void http_transfer_close(struct http_transfer *t)
{
	http_transfer_end(t);
	curl_easy_cleanup(t->curl);
	curl_multi_cleanup(t->multi);
	curl_global_cleanup();
	t->curl = NULL;
	t->multi = NULL;
}

/* --- what libcurl calls --- */

static unsigned status_of(const struct http_transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	return status > 0 ? (unsigned)status : 0;
}

static bool is_redirect(const struct http_transfer *t)
{
	switch (t->response.status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308: return t->response.location.n > 0;
	default: return false;
	}
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;

	(void)size; /* always 1 */
	t->response.status = status_of(t);
	if (t->client->pace && t->response.status)
		http_pace_answered(t->client->pace, t->host, t->response.status);
	if (!is_redirect(t))
		return t->on_body(t, p, n);
	t->dropped += n; /* what is said beside a redirect is of no use, and as long as the peer likes */
	t->is_cut_off = t->dropped > DROPPED_BYTES_MAX;
	return t->is_cut_off ? 0 : n;
}

static void keep_header(struct http_transfer *t, struct str name, struct str value)
{
	struct http_response *r = &t->response;
	struct http_header h = { str_copy(t->arena, name), str_copy(t->arena, str_trim(value)) };

	VEC_PUSH(t->arena, &r->headers, h);
	if (str_eq_nocase(name, STR("ETag")))
		r->etag = h.value;
	else if (str_eq_nocase(name, STR("Last-Modified")))
		r->last_modified = h.value;
	else if (str_eq_nocase(name, STR("Content-Type")))
		r->content_type = h.value;
	else if (str_eq_nocase(name, STR("Location")))
		r->location = h.value;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;
	struct str line = { p, n }, name, value;

	(void)size;
	t->header_bytes += n;
	if (t->header_bytes > LIMIT_HTTP_HEADER_BYTES) {
		err_set(&t->failure, E_LIMIT, STR_FMT ": more than %llu bytes of headers", STR_ARG(t->shown),
			LIMIT_HTTP_HEADER_BYTES);
		return 0;
	}
	if (str_starts(line, STR("HTTP/")))
		t->response = (struct http_response){ 0 };
	t->response.status = status_of(t);
	if (str_trim(line).n == 0)
		t->has_head = t->response.status >= 200 && !is_redirect(t);
	else if (str_cut(line, ':', &name, &value))
		keep_header(t, name, value);
	return n;
}

/* The policy's word on an address; with a proxy it is the proxy's, and only an airgap minds. */
static int judge(struct http_transfer *t, const struct sockaddr *address)
{
	const struct fetch_policy *p = t->client->policy;
	struct fetch_policy airgap = { .mode = FETCH_ANY, .is_airgapped = p && p->is_airgapped };

	if (!p)
		return 0;
	if (t->proxy.n)
		return fetch_policy_check_address(&airgap, STR("proxy"), 0, address, &t->refusal);
	return fetch_policy_check_address(p, t->host, t->port, address, &t->refusal);
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)purpose;
	if (judge(ctx, &a->addr) < 0)
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* --- one hop --- */

/* Scheme, host and port as libcurl itself reads them, so that what is judged is what is asked. */
static int read_origin(struct http_transfer *t, CURLU *u, struct err *err)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *url = NULL;
	uint64_t number = 0;
	bool ok;

	curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	ok = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	     curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	     curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	     curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK && str_u64(str_of(port), 65535, &number) &&
	     url_is_http(str_of(url));
	if (ok) {
		t->at = str_copy(t->arena, str_of(url));
		t->shown = url_redact(t->arena, t->at);
		t->host = str_lower(t->arena, str_of(host));
		t->port = (unsigned)number;
		t->is_tls = str_eq(str_of(scheme), STR("https"));
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(url);
	return ok ? 0
		  : err_set(err, E_IO, STR_FMT ": no http or https URL%s", STR_ARG(t->shown),
			    t->hops ? " to be redirected to" : "");
}

static int add_headers(struct http_transfer *t, const struct http_header *headers, size_t n, bool is_secret,
		       struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!is_secret || http_field_is_forwarded(headers[i].name, t->is_pulled))
			TRY(http_field_add(t->arena, &t->list, &headers[i], is_secret, err));
	return 0;
}

static bool sends_body(const struct http_transfer *t)
{
	return !t->is_get && (t->body.n || str_eq(t->method, STR("POST")));
}

static int make_headers(struct http_transfer *t, struct err *err)
{
	curl_slist_free_all(t->list);
	t->list = NULL;
	if (sends_body(t)) { /* what libcurl would say of itself */
		TRY(http_field_omit(&t->list, "Expect", err));
		if (!http_field_find(t->headers, t->header_count, STR("Content-Type")))
			TRY(http_field_omit(&t->list, "Content-Type", err));
	}
	TRY(add_headers(t, t->own, t->own_count, false, err));
	return t->is_away ? 0 : add_headers(t, t->headers, t->header_count, true, err);
}

static void set_callbacks(struct http_transfer *t)
{
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1l);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->reason);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1l);
}

/* TLS is verified by default; the two variables are those of OpenSSL, which libcurl does not read itself. */
static void set_security(struct http_transfer *t)
{
	const char *file = getenv("SSL_CERT_FILE"), *directory = getenv("SSL_CERT_DIR");
	struct curl_blob ca = { (void *)t->ca.p, t->ca.n, CURL_BLOB_NOCOPY };
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (file && *file)
		curl_easy_setopt(c, CURLOPT_CAINFO, file);
	if (directory && *directory)
		curl_easy_setopt(c, CURLOPT_CAPATH, directory);
	if (t->ca.n)
		curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &ca);
	if (t->client->is_insecure) {
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0l);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0l);
	}
}

static void set_method(struct http_transfer *t)
{
	bool is_head = str_eq(t->method, STR("HEAD"));
	CURL *c = t->curl;

	if (is_head)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1l);
	if (t->is_get || is_head || str_eq(t->method, STR("GET")))
		return;
	if (sends_body(t)) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->body.n ? t->body.p : "");
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, t->method.p);
}

static void set_options(struct http_transfer *t)
{
	struct str agent = t->client->user_agent;
	CURL *c = t->curl;

	curl_easy_reset(c); /* keeps the name cache; connections are the multi handle's */
	set_callbacks(t);
	set_security(t);
	curl_easy_setopt(c, CURLOPT_URL, t->at.p);
	curl_easy_setopt(c, CURLOPT_PROXY, t->proxy.p);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "");
	curl_easy_setopt(c, CURLOPT_USERAGENT,
			 agent.n ? str_copy(t->arena, agent).p : "clair/" CLAIR_VERSION);
	set_method(t);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->list);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
			 (long)(t->connect_seconds ? t->connect_seconds : CONNECT_SECONDS));
	if (t->is_pulled)
		curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (t->stall_seconds) {
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1l);
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)t->stall_seconds);
	}
}

/* Ask t->at, which was parsed. */
static int start_hop(struct http_transfer *t, struct err *err)
{
	if (t->client->policy && fetch_policy_check_host(t->client->policy, t->host, t->port, err) < 0)
		return err_wrap(err, "%s " STR_FMT, t->method.p, STR_ARG(t->shown));
	t->proxy = proxy_for(t->arena, t->is_tls, t->host, t->port);
	TRY(make_headers(t, err));
	if (t->client->pace)
		TRY(http_transfer_wait(t, http_pace_take(t->client->pace, t->host, time_monotonic_ns()),
				       err));
	t->response = (struct http_response){ 0 };
	t->refusal = (struct err){ 0 };
	t->header_bytes = 0;
	t->dropped = 0;
	t->has_head = t->is_cut_off = false;
	t->reason[0] = '\0';
	set_options(t);
	if (curl_multi_add_handle(t->multi, t->curl) != CURLM_OK)
		return err_set(err, E_IO, "cannot start a transfer");
	t->is_running = true;
	return 0;
}

int http_transfer_begin(struct http_transfer *t, struct err *err)
{
	CURLU *u;
	int code;

	http_transfer_end(t);
	t->hops = 0;
	t->is_away = t->is_get = false;
	t->failure = (struct err){ 0 };
	t->shown = url_redact(t->arena, t->url);
	if (!url_is_http(t->url))
		return err_set(err, E_CONFIG, "not an http or https URL: " STR_FMT, STR_ARG(t->shown));
	u = curl_url();
	if (!u)
		return err_set(err, E_IO, "out of memory");
	curl_url_set(u, CURLUPART_URL, str_copy(t->arena, t->url).p, 0);
	code = read_origin(t, u, err);
	curl_url_cleanup(u);
	TRY(code);
	t->first_host = t->host;
	t->first_port = t->port;
	t->first_tls = t->is_tls;
	return start_hop(t, err);
}

/* --- redirects --- */

/* The same name and port, or the step from the usual port of http to that of https. */
static bool is_same_host(const struct http_transfer *t)
{
	if (!str_eq(t->host, t->first_host))
		return false;
	if (t->port == t->first_port)
		return t->is_tls || !t->first_tls;
	return t->first_port == 80 && t->port == 443 && t->is_tls;
}

static int read_location(struct http_transfer *t, struct err *err)
{
	CURLU *u = curl_url();
	int code;

	if (!u)
		return err_set(err, E_IO, "out of memory");
	curl_url_set(u, CURLUPART_URL, t->at.p, 0);
	if (curl_url_set(u, CURLUPART_URL, t->response.location.p, CURLU_URLENCODE) == CURLUE_OK)
		code = read_origin(t, u, err);
	else
		code = err_set(err, E_IO, STR_FMT ": redirected to no http or https URL", STR_ARG(t->shown));
	curl_url_cleanup(u);
	return code;
}

static int check_redirect(struct http_transfer *t, bool was_tls, struct err *err)
{
	bool has_body = t->body.n && !t->is_get;

	if (was_tls && !t->is_tls && !t->may_downgrade)
		return err_set(err, E_IO, "redirected from https to http (" STR_FMT "): not followed",
			       STR_ARG(t->shown));
	t->is_away = t->is_away || !is_same_host(t);
	if (t->is_away && has_body)
		return err_set(err, E_IO,
			       "redirected to another host (" STR_FMT
			       "): not followed, as the request has a body",
			       STR_ARG(t->shown));
	return 0;
}

static int follow(struct http_transfer *t, struct err *err)
{
	unsigned status = t->response.status;
	bool was_tls = t->is_tls, is_head = str_eq(t->method, STR("HEAD"));

	http_transfer_end(t);
	if (++t->hops > REDIRECTS_MAX)
		return err_set(err, E_IO, "%s " STR_FMT ": more than %u redirects", t->method.p,
			       STR_ARG(t->shown), REDIRECTS_MAX);
	TRY(read_location(t, err));
	if (!is_head && (status == 303 || (status < 303 && str_eq(t->method, STR("POST")))))
		t->is_get = true;
	TRY(check_redirect(t, was_tls, err));
	TRY(start_hop(t, err));
	return 1;
}

/* --- driving --- */

static int give(const struct err *from, struct err *err)
{
	*err = *from;
	return from->code;
}

static int finish_hop(struct http_transfer *t, CURLcode result, struct err *err)
{
	if (t->failure.code)
		return give(&t->failure, err);
	if (result != CURLE_OK && t->refusal.code) {
		*err = t->refusal;
		return err_wrap(err, "%s " STR_FMT, t->method.p, STR_ARG(t->shown));
	}
	if (t->is_cut_off)
		result = CURLE_OK;
	t->response.status = status_of(t);
	if (result == CURLE_OK && is_redirect(t))
		return follow(t, err);
	t->result = result;
	t->response.final_url = t->at;
	return 0;
}

static int check_time(struct http_transfer *t, unsigned *ms, struct err *err)
{
	uint64_t now = time_monotonic_ns();

	TRY(task_check(t->task, err));
	if (now >= t->deadline_ns)
		return err_set(err, E_TIMEOUT, "%s " STR_FMT ": timed out", t->method.p, STR_ARG(t->shown));
	if (*ms > (t->deadline_ns - now) / 1000000 + 1)
		*ms = (unsigned)((t->deadline_ns - now) / 1000000 + 1);
	return 0;
}

int http_transfer_step(struct http_transfer *t, unsigned ms, struct err *err)
{
	int running, queued;
	CURLMsg *m;

	TRY(check_time(t, &ms, err));
	if (curl_multi_poll(t->multi, NULL, 0, (int)ms, NULL) != CURLM_OK ||
	    curl_multi_perform(t->multi, &running) != CURLM_OK)
		return err_set(err, E_IO, "%s " STR_FMT ": libcurl failed", t->method.p, STR_ARG(t->shown));
	if (t->failure.code)
		return give(&t->failure, err);
	m = curl_multi_info_read(t->multi, &queued);
	return m && m->msg == CURLMSG_DONE ? finish_hop(t, m->data.result, err) : 1;
}

int http_transfer_failed(struct http_transfer *t, struct err *err)
{
	const char *reason = t->reason[0] ? t->reason : curl_easy_strerror(t->result);
	int ours = t->result == CURLE_OPERATION_TIMEDOUT ? E_TIMEOUT : E_IO;

	if (t->delivered)
		return err_set(err, ours, "%s " STR_FMT ": %s (after %llu bytes)", t->method.p,
			       STR_ARG(t->shown), reason, (unsigned long long)t->delivered);
	return err_set(err, ours, "%s " STR_FMT ": %s", t->method.p, STR_ARG(t->shown), reason);
}

bool http_transfer_is_passing(const struct http_transfer *t)
{
	switch (t->result) {
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

uint64_t http_transfer_pause_ns(const struct http_transfer *t, unsigned next)
{
	uint64_t now = time_monotonic_ns(), pause;
	curl_off_t asked = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &asked);
	if (next >= TRIES || asked > RETRY_AFTER_MAX_SECONDS || now >= t->deadline_ns)
		return UINT64_MAX;
	pause = asked > 0 ? (uint64_t)asked * SECOND_NS : BACKOFF_NS << (next - 1);
	return pause < t->deadline_ns - now ? pause : UINT64_MAX;
}

int http_transfer_wait(const struct http_transfer *t, uint64_t ns, struct err *err)
{
	uint64_t end = time_monotonic_ns() + ns, now;

	while ((now = time_monotonic_ns()) < end) {
		uint64_t nap = end - now < NAP_NS ? end - now : NAP_NS;

		nanosleep(&(struct timespec){ .tv_nsec = (long)nap }, NULL);
		TRY(task_check(t->task, err));
	}
	return 0;
}
