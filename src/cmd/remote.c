/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to a Clair service, this one or another: where it is, signing, retries. Facts: Clair v4's clairctl.
 * What a reader would get wrong: a configuration file that is not there is no error, the requests are then
 * unsigned. */
#include "cmd/remote.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "cmd/config.h"
#include "net/jwt.h"

#include <stdlib.h>
#include <unistd.h>

enum { INSECURE_MAX = 32 };

static struct str first_of(struct str given, const char *variable, struct str otherwise)
{
	struct str set = variable ? str_of(getenv(variable)) : (struct str){ 0 };

	return given.n ? given : set.n ? set : otherwise;
}

static int read_key(struct app *app, const struct remote_settings *settings, struct remote_service *out,
		    struct err *err)
{
	struct arena *a = &app->task.arena;
	struct str path = str_copy(a, first_of(settings->config, "CLAIR_CONF", STR("config.yaml")));
	config_lints lints = { 0 };
	struct config config;

	if (access(path.p, F_OK) < 0 && !settings->config.n)
		return 0;
	TRY(config_load(a, path, MODE_CLIENT, &config, &lints, err));
	if (config.auth.has_psk && config.auth.keys.n)
		out->psk = config.auth.keys.p[0];
	return 0;
}

/* "registry.example:5000,other.example" */
static void list_insecure(struct arena *a, struct str list, struct registry_options *out)
{
	struct str *hosts = ARENA_ARRAY(a, struct str, INSECURE_MAX);
	size_t n = 0;

	while (list.n && n < INSECURE_MAX) {
		struct str rest = { 0 };

		str_cut(list, ',', &hosts[n], &rest);
		if (hosts[n].n)
			n++;
		list = rest;
	}
	out->insecure = hosts;
	out->insecure_count = n;
}

int remote_configure(struct app *app, const struct remote_settings *settings, struct remote_service *out,
		     struct err *err)
{
	struct str host = first_of(settings->host, "CLAIR_API", STR("http://localhost:6060/"));

	*out = (struct remote_service){ .issuer = first_of(settings->issuer, NULL, STR("clairctl")) };
	if (!str_starts(host, STR("http://")) && !str_starts(host, STR("https://")))
		return err_set(err, E_CONFIG, "--host \"" STR_FMT "\": not a URL; write http://HOST:6060",
			       STR_ARG(host));
	while (host.n && host.p[host.n - 1] == '/')
		host.n--;
	out->host = host;
	out->client.ca_file = settings->ca_cert;
	out->registry.client = out->client;
	out->registry.platform = settings->platform.n ? settings->platform : STR("linux/amd64");
	list_insecure(&app->task.arena, settings->insecure, &out->registry);
	return read_key(app, settings, out, err);
}

int remote_open(const struct remote_service *service, struct remote *out, struct err *err)
{
	*out = (struct remote){ .host = service->host, .psk = service->psk, .issuer = service->issuer };
	return http_client_new_with(&service->client, &out->client, err);
}

void remote_close(struct remote *r)
{
	if (r->client)
		http_client_free(r->client);
	r->client = NULL;
}

static int sign(const struct remote *r, struct arena *a, struct http_header *out, struct err *err)
{
	struct str token;

	TRY(jwt_sign(a, r->psk, r->issuer, time_now(), &token, err));
	*out = (struct http_header){ STR("Authorization"), str_format(a, "Bearer " STR_FMT, STR_ARG(token)) };
	return 0;
}

int remote_call(struct remote *r, struct task *task, const struct remote_request *request,
		struct remote_answer *out, struct err *err)
{
	struct http_header headers[2] = { { STR("Content-Type"), STR("application/json") } };
	struct buffer body = { .arena = &task->arena };
	struct http_response response = { 0 };
	struct mem_writer to;
	struct http_request ask = {
		.url = str_format(&task->arena, STR_FMT STR_FMT, STR_ARG(r->host), STR_ARG(request->path)),
		.method = str_of(request->method),
		.body = request->body,
		.if_none_match = request->if_none_match,
		.headers = headers,
		.header_count = 1,
		.max_bytes = LIMIT_REMOTE_ANSWER_BYTES,
		.timeout_seconds = 3600,
		.wants_error_body = true,
	};

	if (r->psk.n)
		TRY(sign(r, &task->arena, &headers[ask.header_count++], err));
	mem_writer_open(&to, &body);
	TRY(http_perform(r->client, task, &ask, &to.writer, &response, err));
	*out = (struct remote_answer){ response.status, response.etag, buffer_str(&body) };
	return 0;
}

int remote_refused(const struct remote_answer *answer, const char *what, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct json_value v = { 0 };
	struct err ignored;
	struct str message = { 0 };

	if (answer->body.n && json_parse(&scratch, answer->body, &v, &ignored) == 0)
		message = json_get_str(&v, "message");
	if (answer->status == 401)
		message = STR("the service wants a signed request: give its configuration with --config");
	return err_set(err, answer->status == 404 ? E_NOTFOUND : E_IO, "%s: the service answers %u%s" STR_FMT,
		       what, answer->status, message.n ? ": " : "", STR_ARG(message));
}
