/* SPDX-License-Identifier: Apache-2.0 */
/* Every route of the API, and which one a request takes. Source: Clair 4.9's HTTP API. What a reader would
 * get wrong: affected_manifest exists with and without a slash at its end, since Clair's document says one
 * thing and its clients do the other; everywhere else a path is exactly as it stands here. */
#include "api/routes.h"

#include "base/limits.h"

#define MEDIA(...)                                                                                           \
	(const char *const[])                                                                                \
	{                                                                                                    \
		__VA_ARGS__, "application/json", NULL                                                        \
	}
#define CLAIR(name) "application/vnd.clair." name ".v1+json"

enum {
	INDEXERS = IN_COMBO | IN_INDEXER,
	MATCHERS = IN_COMBO | IN_MATCHER,
	ALL = INDEXERS | MATCHERS | IN_NOTIFIER
};

#define AFFECTED_MEDIA MEDIA(CLAIR("affected_manifests"))
#define INDEX "/indexer/api/v1/"
#define MATCH "/matcher/api/v1/"

/* Clair sends the last one, by mistake, whatever is asked for: who asks for just that gets it. */
static const char *const report_media[] = { CLAIR("vulnerability_report"), "application/json",
					    CLAIR("index_report"), NULL };

static const char *const openapi_media[] = { "application/openapi+json",
					     "application/openapi+yaml",
					     "application/json",
					     "application/yaml",
					     "application/vnd.oai.openapi+json",
					     "application/vnd.oai.openapi+yaml",
					     NULL };

/* clang-format off */
const struct route routes[] = {
	{ .method = "POST", .path = INDEX "index_report", .modes = INDEXERS, .lane = LANE_INDEX,
	  .handle = handle_index_post, .operation = "Index", .service = SERVICE_INDEXER,
	  .label = INDEX "index_report", .max_body = LIMIT_REQUEST_INDEX_BYTES },
	{ .method = "DELETE", .path = INDEX "index_report", .modes = INDEXERS,
	  .handle = handle_index_bulk_delete, .operation = "DeleteManifests", .service = SERVICE_INDEXER,
	  .label = INDEX "index_report", .max_body = LIMIT_REQUEST_DELETE_BYTES },
	{ .method = "GET", .path = INDEX "index_report/{digest}", .modes = INDEXERS,
	  .handle = handle_index_get, .operation = "GetIndexReport", .service = SERVICE_INDEXER,
	  .label = INDEX "index_report/:digest", .media = MEDIA(CLAIR("index_report")) },
	{ .method = "DELETE", .path = INDEX "index_report/{digest}", .modes = INDEXERS,
	  .handle = handle_index_delete, .operation = "DeleteManifest", .service = SERVICE_INDEXER,
	  .label = INDEX "index_report/:digest" },
	{ .method = "GET", .path = INDEX "index_state", .modes = INDEXERS,
	  .handle = handle_index_state, .operation = "IndexState", .service = SERVICE_INDEXER,
	  .label = INDEX "index_state", .media = MEDIA(CLAIR("index_state")) },
	{ .method = "POST", .path = INDEX "internal/affected_manifest", .modes = INDEXERS, .lane = LANE_INTERNAL,
	  .handle = handle_affected_manifests, .operation = "AffectedManifests", .service = SERVICE_INDEXER,
	  .label = INDEX "internal/affected_manifest/", .max_body = LIMIT_REQUEST_QUESTION_BYTES, .media = AFFECTED_MEDIA },
	{ .method = "POST", .path = INDEX "internal/affected_manifest/", .modes = INDEXERS, .lane = LANE_INTERNAL,
	  .handle = handle_affected_manifests, .service = SERVICE_INDEXER,
	  .label = INDEX "internal/affected_manifest/", .max_body = LIMIT_REQUEST_QUESTION_BYTES, .media = AFFECTED_MEDIA },
	{ .method = "GET", .path = MATCH "vulnerability_report/{digest}", .modes = MATCHERS,
	  .handle = handle_vulnerability_report, .operation = "GetVulnerabilityReport", .service = SERVICE_MATCHER,
	  .label = MATCH "vulnerability_report/:digest", .media = report_media },
	{ .method = "GET", .path = MATCH "internal/update_operation", .modes = MATCHERS,
	  .handle = handle_update_operations, .operation = "GetUpdateOperations", .service = SERVICE_MATCHER,
	  .label = MATCH "internal/update_operation" },
	{ .method = "DELETE", .path = MATCH "internal/update_operation/{ref}", .modes = MATCHERS,
	  .handle = handle_update_operation_delete, .operation = "DeleteUpdateOperation", .service = SERVICE_MATCHER,
	  .label = MATCH "internal/update_operation" },
	{ .method = "GET", .path = MATCH "internal/update_diff", .modes = MATCHERS, .lane = LANE_INTERNAL,
	  .handle = handle_update_diff, .operation = "GetUpdateDiff", .service = SERVICE_MATCHER,
	  .label = MATCH "internal/update_diff" },
	{ .method = "GET", .path = MATCH "updater_status", .modes = MATCHERS,
	  .handle = handle_updater_status, .operation = "GetUpdaterStatus", .service = SERVICE_MATCHER,
	  .label = MATCH "updater_status" },
	{ .method = "GET", .path = MATCH "vulnerability/{name}", .modes = MATCHERS,
	  .handle = handle_vulnerability, .operation = "GetVulnerability", .service = SERVICE_MATCHER,
	  .label = MATCH "vulnerability/:name" },
	{ .method = "GET", .path = MATCH "vulnerability/{name}/affected", .modes = MATCHERS, .lane = LANE_INTERNAL,
	  .handle = handle_vulnerability_affected, .operation = "GetVulnerabilityAffected", .service = SERVICE_MATCHER,
	  .label = MATCH "vulnerability/:name/affected" },
	{ .method = "GET", .path = "/openapi/v1", .modes = ALL,
	  .handle = handle_openapi, .operation = "Discovery", .service = SERVICE_DISCOVERY,
	  .label = "/openapi/v1", .media = openapi_media },
	{ .method = NULL, .path = "/robots.txt", .modes = ALL,
	  .handle = handle_robots, .service = SERVICE_DISCOVERY,
	  .label = "/robots.txt", .is_open = true },
	{ .path = NULL },
};
/* clang-format on */

/* Does path fit the pattern? *name: what stands in the place of {...}. */
static bool path_fits(const char *pattern, struct str path, struct str *name)
{
	struct str all = str_of(pattern), before, rest, variable, after;

	*name = STR("");
	if (!str_cut(all, '{', &before, &rest))
		return str_eq(path, all);
	str_cut(rest, '}', &variable, &after);
	if (path.n <= before.n + after.n || !str_starts(path, before) || !str_ends(path, after))
		return false;
	*name = str_sub(path, before.n, path.n - before.n - after.n);
	return str_find(*name, '/') == name->n;
}

static bool method_fits(const struct route *r, struct str method)
{
	if (!r->method)
		return true;
	return str_eq(method, str_of(r->method)) ||
	       (str_eq(method, STR("HEAD")) && str_eq(str_of(r->method), STR("GET")));
}

static void allow(const char *method, const char *allowed[ROUTE_METHODS], size_t *n)
{
	if (*n + 1 < ROUTE_METHODS)
		allowed[(*n)++] = method;
	if (str_eq(str_of(method), STR("GET")) && *n + 1 < ROUTE_METHODS)
		allowed[(*n)++] = "HEAD";
}

const struct route *route_find(enum api_mode mode, struct str method, struct str path, struct str *name,
			       const char *allowed[ROUTE_METHODS])
{
	size_t n = 0;

	for (size_t i = 0; i < ROUTE_METHODS; i++)
		allowed[i] = NULL;
	for (const struct route *r = routes; r->path; r++) {
		if (!(r->modes & 1u << mode) || !path_fits(r->path, path, name))
			continue;
		if (method_fits(r, method))
			return r;
		allow(r->method, allowed, &n);
	}
	return NULL;
}
