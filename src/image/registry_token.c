/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of registries.
 * Source: distribution project, "Token Authentication Specification" and "Docker Registry v2 authentication
 * using OAuth2", https://distribution.github.io/distribution/spec/auth/token/; RFC 7617 (Basic). Easy to get
 * wrong: a token is given to strangers too, for what is public, so a registry that answers 401 has not asked
 * for a password yet; and a token without expires_in lives for a minute. */
#include "image/registry_token.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "image/base64.h"
#include "net/http_excerpt.h"
#include "net/url.h"

#define TOKEN_SECONDS 60
#define TOKEN_SECONDS_MAX 86400
#define EARLY_SECONDS 10 /* a token is renewed before it expires */
#define SECOND_NS UINT64_C(1000000000)

/* What the functions of this file pass on. */
struct asking {
	struct http_client *http;
	struct task *task;
	const struct registry_reference *reference;
	const struct registry_challenge *challenge;
	const struct docker_credentials *credentials;
};

struct str registry_login_advice(struct arena *a, const struct registry_reference *reference,
				 const struct docker_credentials *credentials)
{
	if (credentials->helper.n)
		return str_format(a,
				  "its credentials are kept by " STR_FMT
				  ", and such helpers are not supported; log in with a DOCKER_CONFIG whose "
				  "config.json has no credsStore or credHelpers",
				  STR_ARG(credentials->helper));
	return str_format(a, "run `docker login%s" STR_FMT "`", reference->is_hub ? "" : " ",
			  STR_ARG(reference->is_hub ? STR("") : reference->host));
}

static int wants_credentials(const struct asking *x, const char *what, struct err *err)
{
	int code = x->credentials->helper.n ? E_UNSUPPORTED : E_AUTH;

	return err_set(err, code, STR_FMT " %s: " STR_FMT, STR_ARG(x->reference->host), what,
		       STR_ARG(registry_login_advice(&x->task->arena, x->reference, x->credentials)));
}

static struct str basic(struct arena *a, const struct docker_credentials *c)
{
	struct str both = str_format(a, STR_FMT ":" STR_FMT, STR_ARG(c->username), STR_ARG(c->password));

	return str_format(a, "Basic " STR_FMT, STR_ARG(base64_encode(a, both)));
}

/* "service=...&scope=...", for a query or a form. */
static void put_parameters(const struct asking *x, struct buffer *b)
{
	struct arena *a = &x->task->arena;
	struct str scope = x->challenge->scope;

	if (scope.n == 0)
		scope = str_format(a, "repository:" STR_FMT ":pull", STR_ARG(x->reference->repository));
	if (x->challenge->service.n) {
		put_bytes(b, STR("service="));
		put_bytes(b, url_escape(a, x->challenge->service, STR("")));
		put_u8(b, '&');
	}
	put_bytes(b, STR("scope="));
	put_bytes(b, url_escape(a, scope, STR("")));
}

static struct str token_url(const struct asking *x)
{
	struct buffer b = { .arena = &x->task->arena };
	struct str realm = x->challenge->realm;

	put_bytes(&b, realm);
	put_u8(&b, str_find(realm, '?') < realm.n ? '&' : '?');
	put_parameters(x, &b);
	return buffer_str(&b);
}

/* Exchange an identity token. */
static struct str token_form(const struct asking *x)
{
	struct buffer b = { .arena = &x->task->arena };

	put_bytes(&b, STR("grant_type=refresh_token&client_id=clair&"));
	put_parameters(x, &b);
	put_bytes(&b, STR("&refresh_token="));
	put_bytes(&b, url_escape(b.arena, x->credentials->identity_token, STR("")));
	return buffer_str(&b);
}

static int read_token(const struct asking *x, struct str text, struct registry_pass *out, struct err *err)
{
	struct arena *a = &x->task->arena;
	struct json_value answer;
	struct str token;
	int64_t seconds;

	if (json_parse(a, text, &answer, err) < 0)
		return err_wrap(err, "answer of the token server");
	token = json_get_str(&answer, "token");
	if (token.n == 0)
		token = json_get_str(&answer, "access_token");
	if (token.n == 0)
		return err_set(err, E_FORMAT, "the token server gave no token");
	seconds = json_get_int(&answer, "expires_in", TOKEN_SECONDS);
	if (seconds < TOKEN_SECONDS || seconds > TOKEN_SECONDS_MAX)
		seconds = seconds < TOKEN_SECONDS ? TOKEN_SECONDS : TOKEN_SECONDS_MAX;
	out->authorization = str_format(a, "Bearer " STR_FMT, STR_ARG(token));
	out->expires_ns = time_monotonic_ns() + (uint64_t)(seconds - EARLY_SECONDS) * SECOND_NS;
	return 0;
}

static int refused(const struct asking *x, const struct http_request *request, unsigned status,
		   struct str page, struct err *err)
{
	struct str form = str_format(&x->task->arena, "?" STR_FMT, STR_ARG(request->body));
	struct http_secrets secrets = { request->headers, request->header_count, request->url, form };
	struct str shown = url_redact(&x->task->arena, x->challenge->realm);
	bool is_anonymous = x->credentials->username.n == 0 && x->credentials->identity_token.n == 0;

	if (status == 400 || status == 401 || status == 403)
		return wants_credentials(
			x, is_anonymous ? "gives no token to strangers" : "refused the credentials", err);
	page = http_excerpt(&x->task->arena, page, &secrets);
	return err_set(err, status == 429 || status >= 500 ? E_IO : E_FORMAT,
		       "token server " STR_FMT ": HTTP status %u%s" STR_FMT, STR_ARG(shown), status,
		       page.n ? ": " : "", STR_ARG(page));
}

static int fetch_token(const struct asking *x, struct registry_pass *out, struct err *err)
{
	struct arena *a = &x->task->arena;
	struct http_header header = { STR("Authorization"), { NULL, 0 } };
	struct http_request request = { .url = token_url(x),
					.headers = &header,
					.max_bytes = LIMIT_CREDENTIALS_BYTES,
					.wants_error_body = true,
					.timeout_seconds = 60 };
	struct buffer body = { .arena = a };
	struct http_response response = { 0 };
	struct mem_writer to;

	if (x->credentials->identity_token.n) {
		header = (struct http_header){ STR("Content-Type"),
					       STR("application/x-www-form-urlencoded") };
		request.url = x->challenge->realm;
		request.method = STR("POST");
		request.body = token_form(x);
		request.header_count = 1;
	} else if (x->credentials->username.n) {
		header.value = basic(a, x->credentials);
		request.header_count = 1;
	}
	mem_writer_open(&to, &body);
	TRY(http_perform(x->http, x->task, &request, &to.writer, &response, err));
	if (response.status != 200)
		return refused(x, &request, response.status, buffer_str(&body), err);
	return read_token(x, buffer_str(&body), out, err);
}

static int check_realm(const struct asking *x, bool may_be_plain, struct err *err)
{
	struct str realm = x->challenge->realm;
	bool is_plain = str_eq_nocase(url_split(realm).scheme, STR("http"));

	if (url_is_http(realm) && (!is_plain || may_be_plain))
		return 0;
	return err_set(err, E_AUTH, STR_FMT " sends us for a token to no https URL: " STR_FMT,
		       STR_ARG(x->reference->host),
		       STR_ARG(str_printable(&x->task->arena, url_redact(&x->task->arena, realm))));
}

int registry_answer_challenge(struct http_client *http, struct task *task,
			      const struct registry_reference *reference,
			      const struct registry_challenge *challenge,
			      const struct docker_credentials *credentials, bool may_be_plain,
			      struct registry_pass *out, struct err *err)
{
	struct asking x = { http, task, reference, challenge, credentials };

	switch (challenge->scheme) {
	case CHALLENGE_BASIC:
		if (credentials->username.n == 0)
			return wants_credentials(&x, "wants credentials", err);
		*out = (struct registry_pass){ basic(&task->arena, credentials), UINT64_MAX };
		return 0;
	case CHALLENGE_BEARER: TRY(check_realm(&x, may_be_plain, err)); return fetch_token(&x, out, err);
	case CHALLENGE_NONE: break;
	}
	return wants_credentials(&x, "wants credentials, but does not say which (no Basic or Bearer)", err);
}
