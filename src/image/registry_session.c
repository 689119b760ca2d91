/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to a registry: scheme, credentials, errors.
 * Source: OCI distribution-spec 1.1, https://github.com/opencontainers/distribution-spec (endpoints, error
 * codes). Easy to get wrong: layers are opened much later than manifests and by other threads, so what lets
 * us in is kept under a lock and renewed there; and a token server or a storage that the registry sends us to
 * is another host, which the HTTP client sends no header of ours. */
#include "image/registry_session.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/time.h"
#include "image/registry_token.h"
#include "net/http_excerpt.h"

#include <pthread.h>
#include <stdlib.h>

#define PROBE_SECONDS 10u
#define ADVICE_BYTES 200
#define HEADERS_MAX 2u
#define TRIES 3u

struct registry_session {
	const struct registry_reference *reference;
	const struct registry_options *options;
	struct http_client_options client;
	struct http_client *http; /* of the opening thread */
	struct str base; /* "https://host/v2/NAME/", in arena */
	bool may_be_plain;
	pthread_mutex_t lock; /* of all below */
	struct arena arena;
	struct registry_challenge challenge;
	struct docker_credentials credentials;
	bool has_credentials; /* they were looked up */
	struct registry_pass pass;
};

/* --- opening --- */

static bool is_insecure(const struct registry_options *options, struct str host)
{
	for (size_t i = 0; i < options->insecure_count; i++)
		if (str_eq_nocase(options->insecure[i], host) ||
		    str_eq_nocase(options->insecure[i], registry_host_name(host)))
			return true;
	return registry_host_is_loopback(host);
}

static void set_base(struct registry_session *s, const char *scheme)
{
	s->base = str_format(&s->arena, "%s://" STR_FMT "/v2/" STR_FMT "/", scheme,
			     STR_ARG(s->reference->host), STR_ARG(s->reference->repository));
}

/* Some registries speak no TLS: those of this host, and those that the user vouches for. */
static int choose_scheme(struct registry_session *s, struct task *task, struct err *err)
{
	struct http_request probe = { .stops_at_body = true,
				      .no_retry = true,
				      .timeout_seconds = PROBE_SECONDS };
	struct http_response ignored;
	int code;

	set_base(s, "https");
	if (!s->may_be_plain)
		return 0;
	probe.url = str_format(&task->arena, "https://" STR_FMT "/v2/", STR_ARG(s->reference->host));
	code = http_perform(s->http, task, &probe, NULL, &ignored, err);
	if (code < 0 && code != E_IO && code != E_TIMEOUT)
		return code;
	if (code < 0) {
		TRY(task_check(task, err));
		set_base(s, "http");
	}
	return 0;
}

int registry_session_open(struct task *task, const struct registry_reference *reference,
			  const struct registry_options *options, struct registry_session **out,
			  struct err *err)
{
	struct registry_session *s = calloc(1, sizeof(*s));
	int code;

	if (!s || pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return err_set(err, E_IO, "out of memory");
	}
	s->reference = reference;
	s->options = options;
	s->client = options->client;
	s->may_be_plain = is_insecure(options, reference->host);
	s->client.is_insecure = s->client.is_insecure || s->may_be_plain;
	code = http_client_new_with(&s->client, &s->http, err);
	if (code == 0)
		code = choose_scheme(s, task, err);
	if (code < 0) {
		registry_session_close(s);
		return err_wrap(err, STR_FMT, STR_ARG(reference->shown));
	}
	*out = s;
	return 0;
}

void registry_session_close(struct registry_session *s)
{
	http_client_free(s->http);
	pthread_mutex_destroy(&s->lock);
	arena_reset(&s->arena);
	free(s);
}

struct str registry_url(const struct registry_session *s, struct arena *a, struct str path)
{
	return str_format(a, STR_FMT STR_FMT, STR_ARG(s->base), STR_ARG(path));
}

const struct http_client_options *registry_client(const struct registry_session *s)
{
	return &s->client;
}

/* --- being let in; the lock is held --- */

static int look_up_credentials(struct registry_session *s, struct err *err)
{
	if (s->has_credentials)
		return 0;
	if (s->options->username.n)
		s->credentials = (struct docker_credentials){ .username = s->options->username,
							      .password = s->options->password };
	else
		TRY(docker_config_load(&s->arena, s->options->docker_config, s->reference->key,
				       &s->credentials, err));
	s->has_credentials = true;
	return 0;
}

static int renew(struct registry_session *s, struct http_client *http, struct task *task, struct err *err)
{
	struct registry_pass pass;

	TRY(look_up_credentials(s, err));
	TRY(registry_answer_challenge(http, task, s->reference, &s->challenge, &s->credentials,
				      s->may_be_plain, &pass, err));
	pass.authorization = str_copy(&s->arena, pass.authorization);
	s->pass = pass;
	return 0;
}

/* By a client of its own, as this is not the thread of the session's. */
static int renew_elsewhere(struct registry_session *s, struct task *task, struct err *err)
{
	struct http_client *http;
	int code;

	TRY(http_client_new_with(&s->client, &http, err));
	code = renew(s, http, task, err);
	http_client_free(http);
	return code;
}

int registry_authorization(struct registry_session *s, struct task *task, bool renews, struct str *out,
			   struct err *err)
{
	int code = 0;

	pthread_mutex_lock(&s->lock);
	if (s->pass.authorization.n && (renews || time_monotonic_ns() >= s->pass.expires_ns))
		code = renew_elsewhere(s, task, err);
	if (code == 0)
		*out = str_copy(&task->arena, s->pass.authorization);
	pthread_mutex_unlock(&s->lock);
	return code;
}

/* After an answer with status 401. */
static int let_in(struct registry_session *s, struct task *task, const http_headers *headers, struct err *err)
{
	struct registry_challenge c;
	int code;

	registry_challenge_find(&task->arena, headers, &c);
	pthread_mutex_lock(&s->lock);
	s->challenge = (struct registry_challenge){ c.scheme,
						    str_copy(&s->arena, c.realm),
						    str_copy(&s->arena, c.service),
						    str_copy(&s->arena, c.scope),
						    { NULL, 0 } };
	code = renew(s, s->http, task, err);
	pthread_mutex_unlock(&s->lock);
	return code;
}

/* --- asking --- */

static int get_once(struct registry_session *s, struct task *task, const struct registry_request *request,
		    struct registry_answer *out, struct err *err)
{
	struct arena *a = &task->arena;
	struct buffer body = { .arena = a };
	struct http_header headers[HEADERS_MAX];
	struct http_request http = { .url = registry_url(s, a, request->path),
				     .range = request->range,
				     .headers = headers,
				     .max_bytes = request->max_bytes,
				     .stops_at_body = request->stops_at_body,
				     .wants_error_body = true };
	struct mem_writer to;
	int code;

	if (request->accept.n)
		headers[http.header_count++] = (struct http_header){ STR("Accept"), request->accept };
	if (s->pass.authorization.n)
		headers[http.header_count++] = (struct http_header){ STR("Authorization"),
								     s->pass.authorization };
	mem_writer_open(&to, &body);
	code = http_perform(s->http, task, &http, &to.writer, &out->http, err);
	out->body = buffer_str(&body);
	return code;
}

/* Documents are small: one whose transfer broke is asked for again. */
static int get_whole(struct registry_session *s, struct task *task, const struct registry_request *request,
		     struct registry_answer *out, struct err *err)
{
	int code;

	for (unsigned tries = 0; tries < TRIES; tries++) {
		code = get_once(s, task, request, out, err);
		if (code != E_IO || out->body.n == 0)
			return code;
	}
	return code;
}

int registry_get(struct registry_session *s, struct task *task, const struct registry_request *request,
		 struct registry_answer *out, struct err *err)
{
	int code = get_whole(s, task, request, out, err);

	if (code == 0 && out->http.status == 401) {
		code = let_in(s, task, &out->http.headers, err);
		if (code == 0)
			code = get_whole(s, task, request, out, err);
	}
	if (code == 0 && (out->http.status == 401 || out->http.status == 403))
		return registry_refused(s, &task->arena, out, err);
	return code < 0 ? err_wrap(err, STR_FMT, STR_ARG(s->reference->shown)) : 0;
}

/* --- errors --- */

/* The first message of {"errors":[{"code":...,"message":...}]}, or the beginning of the page. */
static struct str message_of(const struct registry_session *s, struct arena *a,
			     const struct registry_answer *answer)
{
	struct http_header header = { STR("Authorization"), s->pass.authorization };
	struct http_secrets secrets = { &header, 1, { NULL, 0 }, answer->http.final_url };
	struct str text = answer->body, message = { NULL, 0 };
	const struct json_value *errors;
	struct json_value page;
	struct err ignored;

	if (json_parse(a, text, &page, &ignored) == 0) {
		errors = json_get(&page, "errors");
		if (errors && errors->type == JSON_ARRAY && errors->n)
			message = json_get_str(&errors->items[0], "message");
	}
	return http_excerpt(a, message.n ? message : text, &secrets);
}

static const char *what_it_means(unsigned status, int *code)
{
	*code = status == 429 || status >= 500 ? E_IO : E_FORMAT;
	switch (status) {
	case 401: *code = E_AUTH; return "credentials are missing or refused";
	case 403: *code = E_AUTH; return "access is denied";
	case 404: *code = E_NOTFOUND; return "not found";
	case 429: return "too many requests; try again later, or for a higher limit";
	default: return status >= 500 ? "the registry is in trouble; try again later" : "unexpected answer";
	}
}

int registry_refused(struct registry_session *s, struct arena *a, const struct registry_answer *answer,
		     struct err *err)
{
	unsigned status = answer->http.status;
	struct str message = message_of(s, a, answer), advice = STR("");
	int code;
	const char *meaning = what_it_means(status, &code);

	if (code == E_AUTH || status == 429)
		advice = registry_login_advice(a, s->reference, &s->credentials);
	return err_set(err, code, STR_FMT ": HTTP status %u%s%.*s%s: %s%s" STR_FMT,
		       STR_ARG(s->reference->shown), status, message.n ? " (" : "",
		       message.n > ADVICE_BYTES ? ADVICE_BYTES : (int)message.n, message.p ? message.p : "",
		       message.n ? ")" : "", meaning,
		       !advice.n       ? ""
		       : status == 429 ? " "
				       : ": ",
		       STR_ARG(advice));
}
