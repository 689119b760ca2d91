/* SPDX-License-Identifier: Apache-2.0 */
/* The API over real sockets and stores: statuses, headers and bodies of each route. */
#include "net/http_server_case.h"

#include "api/api.h"
#include "engine/index.h"
#include "base/limits.h"
#include "engine/layers.h"

#include <stdarg.h>

#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS "2222222222222222222222222222222222222222222222222222222222222222"
#define KNOWN "sha256:" ONES
#define UNKNOWN "sha256:" TWOS
#define REPORTS "/indexer/api/v1/index_report"

struct fixture {
	char dir[64];
	struct task task;
	struct index_store *index;
	struct advisory_store *advisories;
	struct render_cache *renderings;
	struct sandbox sandbox;
	struct layer_pool *pool;
	struct index_service service;
	struct http_client_options client;
	struct log log;
	struct metrics *metrics;
	struct api *api;
	struct server_case server; /* .server and .port */
	struct answer answer;
};

/* ---- the service ---- */

static void store_advisory(struct fixture *f)
{
	autoupdate struct update *u = NULL;
	const struct advisory a = { .key = { STR("debian:12"), STR("bash") },
				    .package_kind = PACKAGE_SOURCE,
				    .name = STR("CVE-2099-0001"),
				    .fixed_in = STR("2.0"),
				    .distribution = { .did = STR("debian"), .version_id = STR("12") } };
	struct update_summary sum;
	struct err err = { 0 };

	assert_int_equal(update_begin(f->advisories, STR("debian/updater"), &u, &err), 0);
	assert_int_equal(update_put(u, &a, &err), 0);
	assert_int_equal(update_commit(u, STR("print"), time_now(), &sum, &err), 0);
}

static void store_report(struct fixture *f)
{
	struct arena *a = &f->task.arena;
	struct index_report r = { .manifest_hash = STR(KNOWN) };
	struct indexed_package *p = VEC_ADD(a, &r.packages);
	struct err err = { 0 };

	*p = (struct indexed_package){ .package = { .name = STR("bash"),
						    .version = STR("1.0"),
						    .kind = PACKAGE_BINARY,
						    .source_name = STR("bash"),
						    .source_version = STR("1.0"),
						    .scanner = -1 } };
	VEC_PUSH(a, &p->environments, ((struct environment){ .package_db = STR("var/lib/dpkg/status") }));
	VEC_PUSH(a, &r.layers, STR(UNKNOWN));
	VEC_PUSH(a, &r.distributions,
		 ((struct distribution){ .did = STR("debian"), .version_id = STR("12") }));
	assert_int_equal(index_put_report(f->index, &r, engine_index_state(a), &err), 0);
}

static void start(struct fixture *f, struct api_options options)
{
	struct http_server_options server = { .listen = STR("127.0.0.1:0"),
					      .max_body = api_max_body,
					      .handle = api_handle,
					      .refuse = api_refuse,
					      .finished = api_finished,
					      .log = &f->log };
	struct err err = { 0 };

	options.log = &f->log;
	options.metrics = f->metrics;
	options.cache_age_seconds = 10;
	assert_int_equal(api_open(&options, &f->api, &err), 0);
	server.ctx = f->api;
	if (http_server_start(&server, &f->server.server, &err) < 0)
		fail_msg("%s", err.text);
	f->server.port = http_server_port(f->server.server);
}

static void stop(struct fixture *f)
{
	if (f->server.server)
		http_server_stop(f->server.server);
	api_close(f->api, true);
	f->server.server = NULL;
	f->api = NULL;
}

static struct api_options combo(struct fixture *f)
{
	return (struct api_options){ .mode = API_COMBO,
				     .index = f->index,
				     .advisories = f->advisories,
				     .indexing = &f->service,
				     .renderings = f->renderings };
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct layer_pool_options pool = { .sandbox = &f->sandbox, .log = &f->log, .threads = 2 };
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-api-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->metrics = metrics_new();
	f->sandbox.worker_path = test_worker(&f->task.arena);
	assert_int_equal(index_store_open(str_of(f->dir), &f->index, &err), 0);
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->advisories, &err), 0);
	assert_int_equal(
		render_cache_open(&(struct render_options){ .all_matchers = true }, &f->renderings, &err), 0);
	assert_int_equal(layer_pool_open(&pool, &f->pool, &err), 0);
	f->service = (struct index_service){
		.store = f->index, .layers = f->pool, .client = &f->client, .log = &f->log
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	stop(f);
	render_cache_close(f->renderings);
	layer_pool_close(f->pool);
	index_store_close(f->index);
	advisories_close(f->advisories);
	metrics_free(f->metrics);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* ---- asking ---- */

/* "GET /path", further header lines, a body. */
static unsigned request(struct fixture *f, const char *line, const char *headers, const char *body)
{
	struct str text = str_format(&f->task.arena,
				     "%s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n%s", line,
				     headers, strlen(body), body);

	return ask(&f->server, text.p, &f->answer);
}

static unsigned get(struct fixture *f, const char *path, const char *headers)
{
	return request(f, str_format(&f->task.arena, "GET %s", path).p, headers, "");
}

static const char *body_of(const struct fixture *f)
{
	return f->answer.text + f->answer.head_n;
}

static void assert_has(const struct fixture *f, const char *text)
{
	if (!strstr(f->answer.text, text))
		fail_msg("no \"%s\" in\n%s", text, f->answer.text);
}

static void assert_has_not(const struct fixture *f, const char *text)
{
	if (strstr(f->answer.text, text))
		fail_msg("\"%s\" in\n%s", text, f->answer.text);
}

static const char *manifest_at(struct fixture *f, const char *hash, const char *uri)
{
	return str_format(&f->task.arena,
			  "{\"hash\":\"%s\",\"layers\":[{\"hash\":\"" UNKNOWN "\",\"uri\":\"%s\"}]}", hash,
			  uri)
		.p;
}

/* ---- the cases ---- */

static void requests_are_answered_as_clair_answers_them(void **state)
{
	static const struct {
		const char *line, *headers, *body;
		unsigned status;
		const char *has; /* in head or body */
	} cases[] = {
		{ "GET /nowhere", "", "", 404, "{\"code\":\"not-found\"" },
		{ "GET /nowhere", "", "", 404, "X-Content-Type-Options: nosniff" },
		{ "GET /notifier/api/v1/notification/x", "", "", 404, "not-found" },
		{ "PUT " REPORTS, "", "", 405, "Allow: POST, DELETE\r\n" },
		{ "POST " REPORTS "/" KNOWN, "", "", 405, "Allow: GET, HEAD, DELETE\r\n" },
		{ "PUT " REPORTS, "", "", 405, "{\"code\":\"method-not-allowed\"" },
		{ "GET /robots.txt", "", "", 200, "User-agent: *\nDisallow: /\n" },
		{ "GET /openapi/v1", "", "", 200, "application/openapi+json" },
		{ "GET /openapi/v1", "Accept: application/yaml\r\n", "", 200,
		  "Content-Type: application/yaml" },
		{ "GET /openapi/v1", "Accept-Encoding: gzip\r\n", "", 200, "Content-Encoding: gzip" },
		{ "GET /openapi/v1", "Accept-Encoding: zstd\r\n", "", 200, "Content-Encoding: zstd" },
		{ "GET /openapi/v1", "Accept-Encoding: zstd\r\n", "", 200, "Vary: Accept-Encoding" },
		{ "GET /openapi/v1", "Accept-Encoding: identity;q=0, *;q=0\r\n", "", 415,
		  "Accept-Encoding: zstd, gzip" },
		{ "GET /openapi/v1", "Accept: text/html\r\n", "", 415, "{\"code\":\"internal-error\"" },
		{ "GET /openapi/v1", "Accept: text\r\n", "", 400, "{\"code\":\"bad-request\"" },
		{ "GET /indexer/api/v1/index_state", "", "", 200, "ETag: \"" },
		{ "GET /indexer/api/v1/index_state", "", "", 200,
		  "application/vnd.clair.index_state.v1+json" },
		{ "GET /indexer/api/v1/index_state", "Accept: application/json\r\n", "", 200,
		  "Content-Type: application/json\r\n" },
		{ "GET /indexer/api/v1/index_state", "If-None-Match: *\r\n", "", 304, "ETag: \"" },
		{ "POST " REPORTS, "", "{", 400, "failed to deserialize manifest: " },
		{ "POST " REPORTS, "", "{\"hash\":\"sha256:1\"}", 400, "failed to deserialize manifest: " },
		{ "POST " REPORTS, "", "{}", 400, "\"message\":\"bogus manifest\"" },
		{ "GET " REPORTS "/sha256:1", "", "", 400, "malformed path: " },
		{ "GET " REPORTS "/" UNKNOWN, "", "", 404, "\"message\":\"index report not found\"" },
		{ "GET " REPORTS "/" UNKNOWN, "If-None-Match: *\r\n", "", 404, "index report not found" },
		{ "DELETE " REPORTS "/" UNKNOWN, "", "", 204, "" },
		{ "DELETE " REPORTS "/x", "", "", 400, "malformed path: " },
		{ "DELETE " REPORTS, "", "[\"" UNKNOWN "\"]", 200, "\r\n\r\n[]" },
		{ "DELETE " REPORTS, "", "{}", 400, "failed to deserialize bulk delete: " },
		{ "POST /indexer/api/v1/internal/affected_manifest/", "", "{\"vulnerabilities\":null}", 200,
		  "{\"vulnerabilities\":{},\"vulnerable_manifests\":{}}" },
		{ "POST /indexer/api/v1/internal/affected_manifest", "", "[{\"name\":\"a\",\"x\":null}]", 200,
		  "{\"vulnerabilities\":{\"0\":{\"name\":\"a\"}}" },
		{ "POST /indexer/api/v1/internal/affected_manifest", "", "3", 400, "failed to deserialize" },
		{ "GET /matcher/api/v1/vulnerability_report/x", "", "", 400, "malformed path: " },
		{ "GET /matcher/api/v1/vulnerability_report/" KNOWN, "", "", 202, "Content-Length: 0" },
		{ "GET /matcher/api/v1/internal/update_operation", "", "", 200, "\r\n\r\n{}" },
		{ "GET /matcher/api/v1/internal/update_operation?kind=x", "", "", 400,
		  "unknown kind: \\\"x\\\"" },
		{ "DELETE /matcher/api/v1/internal/update_operation/x", "", "", 400, "malformed path" },
		{ "DELETE /matcher/api/v1/internal/update_operation/0b9f1a52-8d0e-4f5e-9a55-0c5c7f2c8a11", "",
		  "", 200, "Content-Length: 0" },
		{ "GET /matcher/api/v1/internal/update_diff", "", "", 400, "query param is required" },
		{ "GET /matcher/api/v1/internal/update_diff?cur=x", "", "", 400,
		  "could not parse \\\"cur\\\"" },
		{ "GET /matcher/api/v1/internal/update_diff?cur=00000000-0000-0000-0000-000000000000", "", "",
		  500, "does not exist" },
		{ "GET /matcher/api/v1/updater_status", "", "", 200,
		  "{\"updaters\":[],\"unknown_names\":[]}" },
		{ "GET /matcher/api/v1/vulnerability/CVE-2099-0001", "", "", 404, "not-found" },
		{ "GET /matcher/api/v1/vulnerability/CVE-2099-0001/affected?limit=0", "", "", 400,
		  "limit: " },
	};
	struct fixture *f = *state;

	start(f, combo(f));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned status = request(f, cases[i].line, cases[i].headers, cases[i].body);

		if (status != cases[i].status || !strstr(f->answer.text, cases[i].has))
			fail_msg("%s: %u\n%s", cases[i].line, status, f->answer.text);
		assert_has_not(f, "null");
	}
}

static void a_head_has_the_headers_of_a_get(void **state)
{
	struct fixture *f = *state;
	int fd;

	start(f, combo(f));
	fd = dial(&f->server);
	tell(fd, "HEAD /indexer/api/v1/index_state HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(read_head(fd, &f->answer));
	assert_int_equal(f->answer.status, 200);
	assert_int_equal(announced(&f->answer), strlen("{\"state\":\"\"}") + 32);
	close(fd);
}

static void the_state_is_the_tag_everywhere(void **state)
{
	struct fixture *f = *state;
	char tag[35] = "", header[64];

	store_report(f);
	start(f, combo(f));
	assert_int_equal(get(f, "/indexer/api/v1/index_state", ""), 200);
	snprintf(tag, sizeof(tag), "\"%.32s\"", body_of(f) + strlen("{\"state\":\""));
	assert_has(f, tag);
	snprintf(header, sizeof(header), "If-None-Match: \"x\", %s\r\n", tag);
	assert_int_equal(get(f, REPORTS "/" KNOWN, ""), 200);
	assert_has(f, tag);
	assert_int_equal(get(f, REPORTS "/" UNKNOWN, header), 304);
	assert_has(f, tag);
	assert_int_equal(request(f, "POST " REPORTS, header, manifest_at(f, UNKNOWN, "http://127.0.0.1:1/")),
			 412);
	assert_has(f, "Link: </indexer/api/v1/index_report/" UNKNOWN
		      ">; rel=\"https://projectquay.io/clair/v1/index_report\"");
	assert_has(f, "Content-Length: 0");
	assert_int_equal(request(f, "POST " REPORTS, "", manifest_at(f, KNOWN, "http://127.0.0.1:1/")), 201);
	assert_has(f, tag);
	assert_has(f, "Location: " REPORTS "/" KNOWN "\r\n");
	assert_has(f, "\"state\":\"IndexFinished\"");
	assert_has(f, "\"success\":true,\"err\":\"\"");
}

static void what_cannot_work_is_400_and_the_rest_500(void **state)
{
	struct fixture *f = *state;

	start(f, combo(f));
	assert_int_equal(request(f, "POST " REPORTS, "", manifest_at(f, KNOWN, "ftp://registry.example/")),
			 400);
	assert_has(f, "\"message\":\"failed to start scan: ");
	assert_has_not(f, "Link:");
	assert_int_equal(
		request(f, "POST " REPORTS, "", manifest_at(f, KNOWN, "http://127.0.0.1:1/x?sig=secret")),
		500);
	assert_has(f, "\"message\":\"failed to start scan: ");
	assert_has_not(f, "secret");
	assert_int_equal(get(f, REPORTS "/" KNOWN, ""), 200);
	assert_has(f, "\"state\":\"IndexError\"");
	assert_has(f, "\"packages\":{},\"distributions\":{},\"repository\":{},\"environments\":{},"
		      "\"success\":false");
	assert_int_equal(request(f, "DELETE " REPORTS "/" KNOWN, "", ""), 204);
	assert_int_equal(get(f, REPORTS "/" KNOWN, ""), 404);
}

/* A socket that takes connections and never answers. */
static int silence(unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void indexing_may_go_on_behind_the_answer(void **state)
{
	struct fixture *f = *state;
	struct api_options options = combo(f);
	unsigned port;
	autoclose int silent = silence(&port);
	const char *uri = str_format(&f->task.arena, "http://127.0.0.1:%u/", port).p;

	assert_true(silent >= 0);
	options.index_requests = 1;
	start(f, options);
	assert_int_equal(request(f, "POST " REPORTS, "Prefer: respond-async\r\n", manifest_at(f, KNOWN, uri)),
			 202);
	assert_has(f, "Location: " REPORTS "/" KNOWN "\r\n");
	assert_has(f, "Preference-Applied: respond-async\r\n");
	assert_has(f, "Content-Length: 0");
	assert_int_equal(get(f, REPORTS "/" KNOWN, ""), 200);
	assert_has(f, "\"success\":false");
	assert_has_not(f, "IndexFinished");
	assert_int_equal(request(f, "POST " REPORTS, "", manifest_at(f, UNKNOWN, uri)), 429);
	assert_has(f, "{\"code\":\"too-many-requests\",\"message\":\"server handling too many requests\"");
	assert_has(f, "Retry-After: ");
	assert_int_equal(request(f, "DELETE " REPORTS "/" KNOWN, "", ""), 409);
	assert_has(f, "Retry-After: ");
	assert_int_equal(request(f, "DELETE " REPORTS, "", "[\"" KNOWN "\"]"), 200);
	assert_string_equal(body_of(f), "[]");
}

static void a_hang_up_ends_the_indexing(void **state)
{
	struct fixture *f = *state;
	struct api_options options = combo(f);
	unsigned port, status = 0;
	autoclose int silent = silence(&port);
	const char *body = manifest_at(f, KNOWN, str_format(&f->task.arena, "http://127.0.0.1:%u/", port).p);
	int fd;

	assert_true(silent >= 0);
	options.index_requests = 1;
	start(f, options);
	fd = dial(&f->server);
	tell(fd, str_format(&f->task.arena,
			    "POST " REPORTS " HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s",
			    strlen(body), body)
			 .p);
	while (status != 429) {
		status = request(f, "POST " REPORTS, "", "{}");
		sleep_ms(10);
	}
	close(fd);
	while (status != 400) {
		status = request(f, "POST " REPORTS, "", "{}");
		sleep_ms(10);
	}
	assert_int_equal(get(f, REPORTS "/" KNOWN, ""), 404);
}

static void reports_say_how_complete_they_are(void **state)
{
	struct fixture *f = *state;

	store_report(f);
	store_advisory(f);
	start(f, combo(f));
	assert_int_equal(get(f, "/matcher/api/v1/vulnerability_report/" UNKNOWN, ""), 404);
	assert_has(f, "index report for manifest \\\"" UNKNOWN "\\\" not found");
	assert_int_equal(get(f, "/matcher/api/v1/vulnerability_report/" KNOWN, ""), 200);
	assert_has(f, "Content-Type: application/vnd.clair.vulnerability_report.v1+json");
	assert_has(f, "Cache-Control: max-age=10");
	assert_has(f, "Clair-Report-Completeness: complete");
	assert_has(f, "Clair-Data-Age: ");
	assert_has(f, "\"name\":\"CVE-2099-0001\"");
	assert_has_not(f, "\"range\"");
	assert_int_equal(get(f, "/matcher/api/v1/vulnerability_report/" KNOWN,
			     "Accept: application/json\r\nAccept-Encoding: gzip\r\n"),
			 200);
	assert_has(f, "Content-Encoding: gzip");
}

static void names_lead_to_advisories_and_manifests(void **state)
{
	struct fixture *f = *state;

	store_report(f);
	store_advisory(f);
	start(f, combo(f));
	assert_int_equal(get(f, "/matcher/api/v1/vulnerability/CVE-2099-0001", ""), 200);
	assert_has(f, "{\"name\":\"CVE-2099-0001\",\"vulnerabilities\":[{\"id\":\"");
	assert_int_equal(get(f, "/matcher/api/v1/vulnerability/CVE-2099-0001/affected?limit=1", ""), 200);
	assert_string_equal(body_of(f), "{\"name\":\"CVE-2099-0001\",\"manifests\":[\"" KNOWN "\"]}");
	assert_int_equal(get(f, "/matcher/api/v1/vulnerability/CVE-2099-0001/affected?after=" KNOWN, ""),
			 200);
	assert_string_equal(body_of(f), "{\"name\":\"CVE-2099-0001\",\"manifests\":[]}");
}

static void operations_and_differences(void **state)
{
	struct fixture *f = *state;
	char ref[37], path[128];
	const char *at;

	store_advisory(f);
	start(f, combo(f));
	assert_int_equal(get(f, "/matcher/api/v1/internal/update_operation?latest=true", ""), 200);
	assert_has(f, "{\"debian/updater\":[{\"ref\":\"");
	assert_has(f, "\"fingerprint\":\"print\"");
	assert_has(f, "\"kind\":\"vulnerability\"");
	at = strstr(body_of(f), "\"ref\":\"");
	snprintf(ref, sizeof(ref), "%s", at + 7);
	snprintf(path, sizeof(path), "If-None-Match: \"%s\"\r\n", ref);
	assert_int_equal(get(f, "/matcher/api/v1/internal/update_operation", path), 304);
	assert_has(f, ref);
	snprintf(path, sizeof(path), "/matcher/api/v1/internal/update_diff?cur=urn:uuid:%s&prev=", ref);
	assert_int_equal(get(f, path, ""), 200);
	assert_has(f, "{\"prev\":{\"ref\":\"00000000-0000-0000-0000-000000000000\",\"updater\":\"\","
		      "\"fingerprint\":\"\","
		      "\"date\":\"0001-01-01T00:00:00Z\",\"kind\":\"\"},\"cur\":{\"ref\":\"");
	assert_has(f, "\"added\":[{\"id\":\"");
	assert_has(f, "\"removed\":[]}");
	snprintf(path, sizeof(path), "DELETE /matcher/api/v1/internal/update_operation/%s", ref);
	assert_int_equal(request(f, path, "", ""), 200);
	assert_int_equal(get(f, "/matcher/api/v1/internal/update_operation", ""), 200);
	assert_string_equal(body_of(f), "{}");
}

static void tokens_are_asked_for_everywhere_but_by_robots(void **state)
{
	const struct str key = STR("a key of some length, for tests");
	const struct jwt_keys keys = { .keys = &key, .key_count = 1 };
	struct fixture *f = *state;
	struct api_options options = combo(f);
	struct str token;
	struct err err = { 0 };

	options.auth = &keys;
	start(f, options);
	assert_int_equal(jwt_sign(&f->task.arena, key, STR("clair-intraservice"), time_now(), &token, &err),
			 0);
	assert_int_equal(get(f, "/indexer/api/v1/index_state", ""), 401);
	assert_string_equal(body_of(f), "");
	assert_has_not(f, "WWW-Authenticate");
	assert_int_equal(get(f, "/nowhere", ""), 401);
	assert_int_equal(get(f, "/openapi/v1", "Authorization: Bearer x.y.z\r\n"), 401);
	assert_int_equal(get(f, "/openapi/v1", "Authorization: Basic eDp5\r\n"), 401);
	assert_int_equal(get(f, "/robots.txt", ""), 200);
	assert_int_equal(
		get(f, "/indexer/api/v1/index_state",
		    str_format(&f->task.arena, "Authorization: bearer " STR_FMT "\r\n", STR_ARG(token)).p),
		200);
}

static void a_matcher_asks_its_indexer(void **state)
{
	struct fixture *f = *state, matcher = *f;
	struct api_options options = combo(f);

	store_report(f);
	store_advisory(f);
	start(f, combo(f));
	options.mode = API_MATCHER;
	options.index = NULL;
	options.indexing = NULL;
	options.indexer.client = &f->client;
	options.indexer.url = str_format(&f->task.arena, "http://127.0.0.1:%u", f->server.port);
	matcher.task = (struct task){ .deadline_ns = 0 };
	start(&matcher, options);
	assert_int_equal(get(&matcher, "/indexer/api/v1/index_state", ""), 404);
	assert_int_equal(get(&matcher, "/matcher/api/v1/vulnerability_report/" UNKNOWN, ""), 404);
	assert_int_equal(get(&matcher, "/matcher/api/v1/vulnerability_report/" KNOWN, ""), 200);
	assert_has(&matcher, "CVE-2099-0001");
	assert_has(&matcher, "Clair-Report-Completeness: complete");
	assert_int_equal(get(&matcher, "/matcher/api/v1/vulnerability/CVE-2099-0001/affected", ""), 200);
	assert_string_equal(body_of(&matcher), "{\"name\":\"CVE-2099-0001\",\"manifests\":[\"" KNOWN "\"]}");
	stop(f);
	assert_int_equal(get(&matcher, "/matcher/api/v1/vulnerability_report/" KNOWN, ""), 500);
	assert_has(&matcher, "experienced a server side error: the indexer");
	stop(&matcher);
	task_close(&matcher.task);
}

static void requests_are_counted(void **state)
{
	struct fixture *f = *state;
	struct buffer text = { .arena = &f->task.arena };
	struct mem_writer to;
	struct err err = { 0 };

	start(f, combo(f));
	assert_int_equal(get(f, REPORTS "/" UNKNOWN, ""), 404);
	http_server_stop(f->server.server);
	f->server.server = NULL;
	mem_writer_open(&to, &text);
	assert_int_equal(metrics_write(f->metrics, &to.writer, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		static const char *const wanted[] = {
			"clair_http_indexerv1_request_total{handler=\"/indexer/api/v1/index_report/:digest\","
			"code=\"404\",method=\"GET\"} 1\n",
			"clair_http_indexerv1_in_flight_requests{handler=\"/indexer/api/v1/index_report/"
			":digest\"} 0\n",
		};

		if (str_search(buffer_str(&text), str_of(wanted[i])) == text.n)
			fail_msg("no %s in\n" STR_FMT, wanted[i], STR_ARG(buffer_str(&text)));
	}
}

static void bodies_have_limits_by_route(void **state)
{
	struct fixture *f = *state;

	start(f, combo(f));
	assert_int_equal(api_max_body(f->api, STR("POST"), STR(REPORTS)), LIMIT_REQUEST_INDEX_BYTES);
	assert_int_equal(api_max_body(f->api, STR("DELETE"), STR(REPORTS)), LIMIT_REQUEST_DELETE_BYTES);
	assert_int_equal(
		api_max_body(f->api, STR("POST"), STR("/indexer/api/v1/internal/affected_manifest/")),
		LIMIT_REQUEST_QUESTION_BYTES);
	assert_int_equal(api_max_body(f->api, STR("GET"), STR("/")), LIMIT_REQUEST_BYTES);
	assert_int_equal(
		ask(&f->server, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", &f->answer),
		413);
	assert_has(f, "\"reason\":\"limit\"");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(requests_are_answered_as_clair_answers_them),
		CASE(a_head_has_the_headers_of_a_get),
		CASE(the_state_is_the_tag_everywhere),
		CASE(what_cannot_work_is_400_and_the_rest_500),
		CASE(indexing_may_go_on_behind_the_answer),
		CASE(a_hang_up_ends_the_indexing),
		CASE(reports_say_how_complete_they_are),
		CASE(names_lead_to_advisories_and_manifests),
		CASE(operations_and_differences),
		CASE(tokens_are_asked_for_everywhere_but_by_robots),
		CASE(a_matcher_asks_its_indexer),
		CASE(requests_are_counted),
		CASE(bodies_have_limits_by_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
