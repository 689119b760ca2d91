/* SPDX-License-Identifier: Apache-2.0 */
/* What callers of Clair's HTTP API send: a manifest to index, digests to delete, vulnerabilities. Source: the
 * OpenAPI document of Clair 4.9 and what its server takes beyond it. What a reader would get wrong: Clair
 * reads one JSON value and ignores what comes after it; a header to fetch a layer with is a list of values,
 * and both go into a request of ours, so control characters in them would be headers of the caller's making.
 */
#include "report/clair_parse.h"

#include "base/limits.h"
#include "base/time.h"
#include "model/digest.h"
#include "report/clair_member.h"

/* The first value of a text as a tree. */
static int parse_first(struct arena *a, struct str text, struct json_value *out, struct err *err)
{
	autojson struct json_reader *j = json_reader_open_text(text);
	struct json_token token;
	int rc = json_next(j, &token, err);

	if (rc == 0)
		return err_set(err, E_FORMAT, "no JSON value");
	TRY(rc);
	return json_tree(j, &token, a, LIMIT_JSON_TREE_BYTES, out, err);
}

static bool is_token(struct str s)
{
	struct str marks = STR("!#$%&'*+-.^_`|~");

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = (char)(c | 0x20);

		if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') &&
		    str_find(marks, c) == marks.n)
			return false;
	}
	return s.n > 0;
}

static bool is_field_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

/* One header's values. Errors never show them: they are secrets. */
static int read_values(struct arena *a, const struct json_value *list, struct manifest_header *out,
		       struct err *err)
{
	if (list->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "a header of a layer is no list of values");
	if (list->n > LIMIT_LAYER_HEADERS)
		return err_set(err, E_LIMIT, "a header of a layer has %zu values, limit %u", list->n,
			       LIMIT_LAYER_HEADERS);
	out->values = ARENA_ARRAY(a, struct str, list->n);
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i].type != JSON_STRING || !is_field_value(list->items[i].text))
			return err_set(err, E_FORMAT, "a header of a layer has a value that is none");
		if (list->items[i].text.n > LIMIT_LAYER_HEADER_BYTES)
			return err_set(err, E_LIMIT, "a header of a layer has %zu bytes, limit %llu",
				       list->items[i].text.n, LIMIT_LAYER_HEADER_BYTES);
		out->values[out->n++] = list->items[i].text;
	}
	return 0;
}

static int read_headers(const struct clair_object *layer, struct manifest_layer *out, struct err *err)
{
	struct clair_object headers;

	TRY(clair_inner(layer, "headers", &headers, err));
	if (!headers.value)
		return 0;
	if (headers.value->n > LIMIT_LAYER_HEADERS)
		return err_set(err, E_LIMIT, "a layer has %zu headers, limit %u", headers.value->n,
			       LIMIT_LAYER_HEADERS);
	for (size_t i = 0; i < headers.value->n; i++) {
		struct manifest_header h = { .name = headers.value->keys[i] };

		if (headers.value->items[i].type == JSON_NULL)
			continue;
		if (!is_token(h.name))
			return err_set(err, E_FORMAT, "a layer has a header whose name is none");
		TRY(read_values(layer->arena, &headers.value->items[i], &h, err));
		VEC_PUSH(layer->arena, &out->headers, h);
	}
	return 0;
}

static int read_layer(struct arena *a, const struct json_value *v, struct manifest_layer *out,
		      struct err *err)
{
	struct manifest_layer layer = { 0 };
	struct clair_object o;
	struct str hash;

	TRY(clair_object_open(a, v, "layer", false, &o, err));
	TRY(clair_text(&o, "hash", LIMIT_FIELD_BYTES, &hash, err));
	TRY(digest_parse(a, hash, &layer.hash, err));
	TRY(clair_text(&o, "uri", LIMIT_LAYER_URI_BYTES, &layer.uri, err));
	TRY(clair_text(&o, "media_type", LIMIT_FIELD_BYTES, &layer.media_type, err));
	TRY(read_headers(&o, &layer, err));
	*out = layer;
	return 0;
}

static int read_layers(struct task *task, const struct json_value *list, struct manifest *out,
		       struct err *err)
{
	if (list->n > LIMIT_MANIFEST_LAYERS)
		return err_set(err, E_LIMIT, "manifest has %zu layers, limit %u", list->n,
			       LIMIT_MANIFEST_LAYERS);
	for (size_t i = 0; i < list->n; i++) {
		struct manifest_layer layer;

		TRY(task_check(task, err));
		if (read_layer(&task->arena, &list->items[i], &layer, err) < 0)
			return err_wrap(err, "layer %zu", i);
		VEC_PUSH(&task->arena, &out->layers, layer);
	}
	return 0;
}

int clair_parse_manifest(struct task *task, struct str body, struct manifest *out, struct err *err)
{
	struct manifest manifest = { 0 };
	const struct json_value *layers, *hash;
	struct clair_object o;
	struct json_value v;
	struct str text;

	TRY(parse_first(&task->arena, body, &v, err));
	TRY(clair_object_open(&task->arena, &v, "manifest", false, &o, err));
	hash = clair_member(&o, "hash");
	TRY(clair_text(&o, "hash", LIMIT_FIELD_BYTES, &text, err));
	if (hash)
		TRY(digest_parse(&task->arena, text, &manifest.hash, err));
	TRY(clair_list(&o, "layers", &layers, err));
	if (layers)
		TRY(read_layers(task, layers, &manifest, err));
	if (!hash || manifest.layers.n == 0)
		return err_set(err, E_CONFIG, "manifest has no %s", hash ? "layers" : "hash");
	*out = manifest;
	return 0;
}

int clair_parse_digests(struct task *task, struct str body, digest_list *out, struct err *err)
{
	digest_list list = { 0 };
	struct json_value v;

	TRY(parse_first(&task->arena, body, &v, err));
	if (v.type != JSON_ARRAY && v.type != JSON_NULL)
		return err_set(err, E_FORMAT, "no array of digests");
	if (v.n > LIMIT_REQUEST_DIGESTS)
		return err_set(err, E_LIMIT, "%zu digests, limit %u", v.n, LIMIT_REQUEST_DIGESTS);
	for (size_t i = 0; i < v.n; i++) {
		struct str digest;

		TRY(task_check(task, err));
		if (v.items[i].type != JSON_STRING)
			return err_set(err, E_FORMAT, "digest %zu is no string", i);
		TRY(digest_parse(&task->arena, v.items[i].text, &digest, err));
		VEC_PUSH(&task->arena, &list, digest);
	}
	*out = list;
	return 0;
}

/* ---- vulnerabilities ---- */

/* fixed_in may be a query text; links are many URLs: as long as a feed's text may be. */
static int read_long_texts(const struct clair_object *o, struct advisory *a, struct err *err)
{
	TRY(clair_text(o, "description", LIMIT_FEED_TEXT_BYTES, &a->description, err));
	TRY(clair_text(o, "links", LIMIT_FEED_TEXT_BYTES, &a->links, err));
	return clair_text(o, "fixed_in_version", LIMIT_FIELD_BYTES, &a->fixed_in, err);
}

static int read_severity(const struct clair_object *o, struct advisory *a, struct err *err)
{
	struct str word;

	TRY(clair_text(o, "severity", LIMIT_FIELD_BYTES, &a->severity, err));
	TRY(clair_text(o, "normalized_severity", LIMIT_FIELD_BYTES, &word, err));
	if (!severity_parse(word.n ? word : a->severity, &a->normalized_severity))
		a->normalized_severity = SEVERITY_UNKNOWN;
	return 0;
}

static int read_issued(const struct clair_object *o, struct advisory *a, struct err *err)
{
	struct str text;

	TRY(clair_text(o, "issued", LIMIT_FIELD_BYTES, &text, err));
	if (text.n && !time_parse(text, &a->issued))
		return err_set(err, E_FORMAT, "issued is no time: \"%.40s\"", text.p);
	if (a->issued < 0) /* year 1: unknown */
		a->issued = 0;
	return 0;
}

/* Reports say "repository", summaries "repo". */
static int read_repository(const struct clair_object *o, struct advisory *a, struct err *err)
{
	struct clair_object repository;

	TRY(clair_inner(o, clair_member(o, "repository") ? "repository" : "repo", &repository, err));
	TRY(clair_text(&repository, "name", LIMIT_FIELD_BYTES, &a->repository_name, err));
	TRY(clair_text(&repository, "key", LIMIT_FIELD_BYTES, &a->repository_key, err));
	return clair_text(&repository, "uri", LIMIT_FIELD_BYTES, &a->repository_uri, err);
}

static int read_advisory_package(const struct clair_object *o, struct advisory *a, struct err *err)
{
	struct clair_object package;
	struct package p;

	TRY(clair_inner(o, "package", &package, err));
	TRY(clair_read_package(&package, &p, err));
	a->key.package = p.name;
	a->package_kind = p.kind;
	a->module = p.module;
	a->arch = p.arch;
	return clair_text(o, "arch_op", LIMIT_FIELD_BYTES, &a->arch_operation, err);
}

/* "lower..upper" of an object with two odd keys. */
static int read_range(const struct clair_object *o, struct advisory *a, struct err *err)
{
	struct clair_object range;
	struct str lower, upper;

	TRY(clair_inner(o, "range", &range, err));
	TRY(clair_text(&range, "[", LIMIT_FIELD_BYTES, &lower, err));
	TRY(clair_text(&range, ")", LIMIT_FIELD_BYTES, &upper, err));
	if (lower.n || upper.n)
		a->range = str_format(o->arena, STR_FMT ".." STR_FMT, STR_ARG(lower), STR_ARG(upper));
	return 0;
}

/* A statement of not being affected. */
static bool is_inverted(const struct clair_object *o)
{
	const struct json_value *invert = clair_member(o, "Invert");

	return invert && invert->type == JSON_TRUE;
}

int clair_parse_vulnerability(struct task *task, const struct json_value *v, bool is_file,
			      struct advisory *out, struct str *id, struct err *err)
{
	struct clair_object o, distribution;
	struct advisory a = { 0 };
	struct str text;

	TRY(clair_object_open(&task->arena, v, "vulnerability", is_file, &o, err));
	TRY(clair_text(&o, "id", LIMIT_FIELD_BYTES, &text, err));
	TRY(clair_text(&o, "updater", LIMIT_FIELD_BYTES, &a.updater, err));
	TRY(clair_text(&o, "name", LIMIT_FIELD_BYTES, &a.name, err));
	TRY(read_long_texts(&o, &a, err));
	TRY(read_severity(&o, &a, err));
	TRY(read_issued(&o, &a, err));
	TRY(read_advisory_package(&o, &a, err));
	TRY(clair_inner(&o, "distribution", &distribution, err));
	TRY(clair_read_distribution(&distribution, &a.distribution, err));
	TRY(read_repository(&o, &a, err));
	TRY(read_range(&o, &a, err));
	if (is_inverted(&o))
		a.status = STATUS_NOT_AFFECTED;
	*out = a;
	*id = text;
	return 0;
}
