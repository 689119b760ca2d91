/* SPDX-License-Identifier: Apache-2.0 */
/* Our OpenAPI 3.1 document, made from the table of routes, so that it cannot miss one. Source: OpenAPI
 * Specification 3.1.0. What one would get wrong: a media type of the specification stands for a body, so an
 * answer without a body has no content at all. */
#include "api/openapi.h"

#include "api/openapi_schemas.h"
#include "api/routes.h"
#include "base/digest.h"

/* What the document says of an operation besides its route. */
struct operation {
	const char *id, *summary;
	const char *body, *answer; /* schemas; NULL: none */
	unsigned status; /* of success */
	const char *others; /* further statuses, blanks between */
	const char *queries; /* names of query parameters, blanks between */
};
static const struct operation operations[] = {
	{ "Index", "Index the contents of a manifest", "manifest", "index_report", 201,
	  "202 400 412 413 429 500 503", "" },
	{ "DeleteManifests", "Forget manifests", "bulk_delete", "bulk_delete", 200, "400 500", "" },
	{ "GetIndexReport", "What was found in a manifest", NULL, "index_report", 200, "304 400 404 415 500",
	  "" },
	{ "DeleteManifest", "Forget a manifest", NULL, NULL, 204, "400 409 500", "" },
	{ "IndexState", "What index reports depend on", NULL, "index_state", 200, "304 415", "" },
	{ "AffectedManifests", "Manifests that vulnerabilities concern", "affected_question",
	  "affected_manifests", 200, "400 415 429 500", "" },
	{ "GetVulnerabilityReport", "Known vulnerabilities of a manifest", NULL, "vulnerability_report", 200,
	  "202 400 404 415 500", "" },
	{ "GetUpdateOperations", "Changes of the advisories", NULL, "update_operations", 200, "304 400 500",
	  "kind latest" },
	{ "DeleteUpdateOperation", "Undo or merge a change of the advisories", NULL, NULL, 200, "400 500",
	  "" },
	{ "GetUpdateDiff", "What changed between two operations", NULL, "update_diff", 200, "400 429 500",
	  "cur prev" },
	{ "GetUpdaterStatus", "How the updaters are", NULL, "updater_status", 200, "500", "" },
	{ "GetVulnerability", "What publishers say of a vulnerability", NULL, "named_vulnerability", 200,
	  "404 500", "" },
	{ "GetVulnerabilityAffected", "Manifests that a vulnerability concerns", NULL, "affected_page", 200,
	  "400 404 429 500", "limit after" },
	{ "Discovery", "This document", NULL, NULL, 200, "415", "" },
};

static const struct operation *operation_of(const char *id)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (str_eq(str_of(operations[i].id), str_of(id)))
			return &operations[i];
	return NULL;
}

static void write_reference(struct json_writer *w, const char *schema)
{
	autoarena struct arena scratch = { 0 };

	json_key(w, "schema");
	json_object_begin(w);
	json_member(w, "$ref", str_format(&scratch, "#/components/schemas/%s", schema));
	json_object_end(w);
}

static void write_content(struct json_writer *w, const char *const *media, const char *schema)
{
	static const char *const plain[] = { "application/json", NULL };

	json_key(w, "content");
	json_object_begin(w);
	for (media = media ? media : plain; *media; media++) {
		json_key(w, *media);
		json_object_begin(w);
		write_reference(w, schema);
		json_object_end(w);
	}
	json_object_end(w);
}

static const char *meaning(unsigned status)
{
	switch (status) {
	case 202: return "Accepted, not done: ask again";
	case 204: return "Done";
	case 304: return "Not modified";
	case 400: return "The request can never succeed";
	case 401: return "A token is missing, or not accepted";
	case 404: return "There is no such thing";
	case 409: return "It is in use: try again";
	case 412: return "It is of the current state already";
	case 413: return "The body is larger than this route takes";
	case 415: return "Nothing acceptable is offered";
	case 429: return "Too many at once: try again";
	case 503: return "The service is stopping or full: try again";
	case 500: return "Something failed: trying again may help";
	default: return "Success";
	}
}

static void write_response(struct json_writer *w, unsigned status, const char *const *media,
			   const char *schema)
{
	autoarena struct arena scratch = { 0 };

	json_key_str(w, str_format(&scratch, "%u", status));
	json_object_begin(w);
	json_member(w, "description", str_of(meaning(status)));
	if (schema)
		write_content(w, media, schema);
	json_object_end(w);
}

static bool has_error_body(unsigned status)
{
	return status >= 400 && status != 401 && status != 412;
}

static void write_responses(struct json_writer *w, const struct route *r, const struct operation *o)
{
	struct str rest = str_of(o->others), word;
	uint64_t status;

	json_key(w, "responses");
	json_object_begin(w);
	write_response(w, o->status, r->media, o->answer);
	write_response(w, 401, NULL, NULL);
	while (str_word(&rest, &word))
		if (str_u64(word, 599, &status))
			write_response(w, (unsigned)status, NULL,
				       has_error_body((unsigned)status) ? "error" : NULL);
	json_object_end(w);
}

static void write_parameter(struct json_writer *w, struct str name, bool is_path, const char *schema)
{
	json_object_begin(w);
	json_member(w, "name", name);
	json_member(w, "in", is_path ? STR("path") : STR("query"));
	json_member_bool(w, "required", is_path);
	if (schema) {
		write_reference(w, schema);
	} else {
		json_key(w, "schema");
		json_object_begin(w);
		json_member(w, "type", STR("string"));
		json_object_end(w);
	}
	json_object_end(w);
}

static void write_parameters(struct json_writer *w, const struct route *r, const struct operation *o)
{
	struct str before, rest, name, after, queries = str_of(o->queries), query;

	json_key(w, "parameters");
	json_array_begin(w);
	if (str_cut(str_of(r->path), '{', &before, &rest)) {
		str_cut(rest, '}', &name, &after);
		write_parameter(w, name, true, str_eq(name, STR("digest")) ? "digest" : NULL);
	}
	while (str_word(&queries, &query))
		write_parameter(w, query, false, NULL);
	json_array_end(w);
}

static void write_operation(struct json_writer *w, const struct route *r)
{
	autoarena struct arena scratch = { 0 };
	const struct operation *o = operation_of(r->operation);

	json_key_str(w, str_lower(&scratch, str_of(r->method)));
	json_object_begin(w);
	json_member(w, "operationId", str_of(o->id));
	json_member(w, "summary", str_of(o->summary));
	write_parameters(w, r, o);
	if (o->body) {
		json_key(w, "requestBody");
		json_object_begin(w);
		json_member_bool(w, "required", true);
		write_content(w, NULL, o->body);
		json_object_end(w);
	}
	write_responses(w, r, o);
	json_object_end(w);
}

/* Routes of one path stand together in the table. */
static void write_paths(struct json_writer *w)
{
	const char *path = NULL;

	json_key(w, "paths");
	json_object_begin(w);
	for (const struct route *r = routes; r->path; r++) {
		if (!r->operation)
			continue;
		if (!path || !str_eq(str_of(path), str_of(r->path))) {
			if (path)
				json_object_end(w);
			json_key(w, r->path);
			json_object_begin(w);
		}
		path = r->path;
		write_operation(w, r);
	}
	if (path)
		json_object_end(w);
	json_object_end(w);
}

static void write_components(struct json_writer *w)
{
	json_key(w, "components");
	json_object_begin(w);
	json_key(w, "securitySchemes");
	json_object_begin(w);
	json_key(w, "PSK");
	json_object_begin(w);
	json_member(w, "type", STR("http"));
	json_member(w, "scheme", STR("bearer"));
	json_member(w, "bearerFormat", STR("JWT with preshared key and allow-listed issuers"));
	json_object_end(w);
	json_object_end(w);
	json_key(w, "schemas");
	json_object_begin(w);
	for (const struct openapi_schema *s = openapi_schemas; s->name; s++) {
		json_key(w, s->name);
		json_raw(w, str_of(s->json));
	}
	json_object_end(w);
	json_object_end(w);
}

static void write_document(struct json_writer *w)
{
	json_object_begin(w);
	json_member(w, "openapi", STR("3.1.0"));
	json_key(w, "info");
	json_object_begin(w);
	json_member(w, "title", STR("Clair Container Analyzer"));
	json_member(w, "description",
		    STR("Index container images, and report their known vulnerabilities. Signing requests is "
			"optional: "
			"it depends on the service's configuration."));
	json_member(w, "version", STR("1.2.0"));
	json_object_end(w);
	json_key(w, "security");
	json_raw(w, STR("[{},{\"PSK\":[]}]"));
	write_paths(w);
	write_components(w);
	json_object_end(w);
}

static struct str text_of(struct arena *a, unsigned indent)
{
	struct buffer b = { .arena = a };
	struct mem_writer to;
	struct json_writer w;
	struct err err = { 0 };

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, indent, &err);
	write_document(&w);
	(void)json_writer_end(&w); /* memory takes everything */
	return buffer_str(&b);
}

void openapi_make(struct arena *a, struct openapi *out)
{
	char digest[72];

	out->json = text_of(a, 0);
	out->yaml = text_of(a, 2);
	digest_of(out->json, digest);
	out->tag = str_copy(a, str_sub(str_of(digest), 7, 64));
}
