/* SPDX-License-Identifier: Apache-2.0 */
/* Images in registries.
 * Source: OCI distribution-spec 1.1, "Pulling manifests" and "Pulling blobs",
 * https://github.com/opencontainers/distribution-spec; Docker Registry HTTP API V2.
 * Easy to get wrong: a registry may send any manifest for a tag, and a header that says which digest it has;
 * the digest is computed here, from the bytes, and compared with what was asked for when that was a digest.
 */
#include "image/registry.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "image/image_source.h"
#include "image/oci_image.h"
#include "image/registry_session.h"
#include "image/remote_reader.h"
#include "model/digest.h"
#include "net/url.h"

#define TAGS_LISTED_MAX 16u
#define ACCEPTED                                                                                             \
	"application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "              \
	"application/vnd.docker.distribution.manifest.v2+json, "                                             \
	"application/vnd.docker.distribution.manifest.list.v2+json"

/* A repository as a source of documents and layers. */
struct pull {
	struct oci_source source; /* first: what oci_image.c knows of it */
	struct platform_wish wish;
	struct registry_reference reference;
	struct registry_options options;
	struct registry_session *session;
};

/* --- documents --- */

/* ": there are 1.0, 1.1, latest"; empty when the registry does not tell. */
static struct str list_tags(struct pull *p)
{
	struct task *task = p->source.task;
	struct registry_request request = { .path = STR("tags/list?n=100"), .max_bytes = LIMIT_TAGS_BYTES };
	struct registry_answer answer = { 0 };
	struct buffer b = { .arena = &task->arena };
	const struct json_value *tags;
	struct json_value list;
	struct err ignored;

	if (registry_get(p->session, task, &request, &answer, &ignored) < 0 || answer.http.status != 200 ||
	    json_parse(&task->arena, answer.body, &list, &ignored) < 0)
		return STR("");
	tags = json_get(&list, "tags");
	if (!tags || tags->type != JSON_ARRAY || tags->n == 0)
		return STR("");
	for (size_t i = 0; i < tags->n && i < TAGS_LISTED_MAX; i++) {
		put_bytes(&b, i ? STR(", ") : STR("; there are the tags "));
		put_bytes(&b, str_printable(&task->arena, tags->items[i].text));
	}
	if (tags->n > TAGS_LISTED_MAX)
		put_bytes(&b, STR(", ..."));
	return buffer_str(&b);
}

static int refused(struct pull *p, const struct registry_answer *answer, bool is_manifest, struct err *err)
{
	struct str tags;
	int code = registry_refused(p->session, &p->source.task->arena, answer, err);

	if (code != E_NOTFOUND || !is_manifest)
		return code;
	tags = list_tags(p);
	return err_set(err, E_NOTFOUND, STR_FMT ": not found%.*s", STR_ARG(p->reference.shown),
		       tags.n ? (int)(tags.n < 300 ? tags.n : 300) : 48,
		       tags.n ? tags.p : "; there is no such repository, or it is private");
}

static int check_bytes(struct str bytes, const struct oci_descriptor *d, struct err *err)
{
	struct mem_reader from;
	struct digest_reader checked;
	char rest[4096];
	ssize_t n;

	mem_reader_open(&from, bytes);
	TRY(digest_reader_open(&checked, &from.reader, d->digest, d->size_bytes, err));
	while ((n = reader_read(&checked.reader, rest, sizeof(rest), err)) > 0)
		;
	reader_close(&checked.reader);
	return (int)n;
}

/* "manifests/latest", "manifests/sha256:...", "blobs/sha256:...". */
static struct str path_of(struct pull *p, const struct oci_descriptor *d, bool is_manifest)
{
	struct str name = d->digest.n ? d->digest : p->reference.tag;

	return str_format(&p->source.task->arena, "%s" STR_FMT, is_manifest ? "manifests/" : "blobs/",
			  STR_ARG(name));
}

static int read_document(struct oci_source *source, struct oci_descriptor *d, bool is_manifest,
			 struct str *out, struct err *err)
{
	struct pull *p = (struct pull *)source;
	struct registry_request request = { .path = path_of(p, d, is_manifest),
					    .max_bytes = LIMIT_MANIFEST_BYTES };
	struct registry_answer answer = { 0 };
	struct str type, parameters;
	char digest[72];

	if (is_manifest)
		request.accept = STR(ACCEPTED);
	TRY(registry_get(p->session, source->task, &request, &answer, err));
	if (answer.http.status != 200)
		return refused(p, &answer, is_manifest, err);
	if (d->digest.n == 0)
		d->digest = str_copy(&source->task->arena, str_of(digest_of(answer.body, digest)));
	if (check_bytes(answer.body, d, err) < 0)
		return err_wrap(err, STR_FMT ": %s", STR_ARG(p->reference.shown),
				is_manifest ? "manifest" : "config");
	str_cut(answer.http.content_type, ';', &type, &parameters);
	if (is_manifest && d->media_type.n == 0)
		d->media_type = str_trim(type);
	*out = answer.body;
	return 0;
}

/* --- layers --- */

struct registry_layer {
	struct registry_session *session;
	struct task *task; /* cancellation and deadline are read */
	struct str path;
};

static int open_with(const struct registry_layer *l, const struct image_layer *layer, struct task *scratch,
		     struct str authorization, struct reader **out, struct err *err)
{
	struct http_header header = { STR("Authorization"), authorization };
	struct http_reader_options options = { .client = *registry_client(l->session),
					       .url = registry_url(l->session, &scratch->arena, l->path),
					       .headers = &header,
					       .header_count = authorization.n ? 1 : 0,
					       .max_bytes = LIMIT_LAYER_STORED_BYTES,
					       .task = scratch };

	return remote_reader_open(&options, layer->digest, layer->size_bytes, out, err);
}

/* By any thread, at any time: a token may have expired, or been taken back. */
static int open_layer(const struct image_layer *layer, struct reader **out, struct err *err)
{
	const struct registry_layer *l = layer->source;
	autotask struct task scratch = { .canceled = l->task->canceled, .deadline_ns = l->task->deadline_ns };
	struct str authorization;
	int code;

	TRY(registry_authorization(l->session, &scratch, false, &authorization, err));
	code = open_with(l, layer, &scratch, authorization, out, err);
	if (code != E_AUTH || authorization.n == 0)
		return code;
	TRY(registry_authorization(l->session, &scratch, true, &authorization, err));
	return open_with(l, layer, &scratch, authorization, out, err);
}

static int make_layer(struct oci_source *source, const struct oci_descriptor *d, struct image_layer *out,
		      struct err *err)
{
	struct pull *p = (struct pull *)source;
	struct registry_layer *l = ARENA_NEW(&source->task->arena, struct registry_layer);

	(void)err;
	*l = (struct registry_layer){ p->session, source->task, path_of(p, d, false) };
	out->open = open_layer;
	out->source = l;
	return 0;
}

/* --- opening --- */

/* From the reference to the manifest for the platform. p->session is open afterwards, also on failure unless
 * it is NULL. */
static int find(struct pull *p, struct task *task, struct str reference,
		const struct registry_options *options, struct oci_descriptor *d,
		struct oci_manifest *manifest, struct err *err)
{
	p->options = *options;
	TRY(platform_wish_parse(&task->arena, options->platform, &p->wish, err));
	TRY(registry_reference_parse(&task->arena, reference, &p->reference, err));
	p->source = (struct oci_source){ task, &p->wish, read_document, make_layer };
	TRY(registry_session_open(task, &p->reference, &p->options, &p->session, err));
	*d = (struct oci_descriptor){ .digest = p->reference.digest, .size_bytes = UINT64_MAX };
	return oci_image_resolve(&p->source, d, manifest, err);
}

static void close_session(void *ctx)
{
	registry_session_close(ctx);
}

int registry_open(struct task *task, struct str reference, const struct registry_options *options,
		  struct image *out, struct err *err)
{
	struct pull *p = ARENA_NEW(&task->arena, struct pull);
	struct image image = { .target = str_copy(&task->arena, reference) };
	struct oci_descriptor d;
	struct oci_manifest manifest = { 0 };
	int code = find(p, task, reference, options, &d, &manifest, err);

	if (code == 0)
		code = oci_image_fill(&p->source, &d, &manifest, &image, err);
	if (code < 0) {
		if (p->session)
			registry_session_close(p->session);
		return code;
	}
	image.source = ARENA_NEW(&task->arena, struct image_source);
	*image.source = (struct image_source){ -1, close_session, p->session };
	*out = image;
	return 0;
}

int registry_resolve(struct task *task, struct str reference, const struct registry_options *options,
		     struct str *digest, struct err *err)
{
	struct pull p = { .session = NULL };
	struct oci_descriptor d;
	struct oci_manifest manifest = { 0 };
	int code = find(&p, task, reference, options, &d, &manifest, err);

	if (p.session)
		registry_session_close(p.session);
	TRY(code);
	*digest = d.digest;
	return 0;
}

/* --- a manifest for an indexer --- */

/* Scheme and authority: where headers may be sent. */
static bool is_same_origin(struct str a, struct str b)
{
	struct url x = url_split(a), y = url_split(b);

	return str_eq_nocase(x.scheme, y.scheme) && str_eq_nocase(x.authority, y.authority);
}

static void add_header(struct arena *a, struct str value, struct manifest_layer *layer)
{
	struct manifest_header h = { .name = STR("Authorization"), .n = 1 };

	h.values = ARENA_NEW(a, struct str);
	h.values[0] = str_copy(a, value);
	VEC_PUSH(a, &layer->headers, h);
}

static int add_layer(struct pull *p, const struct oci_descriptor *d, struct manifest *out, struct err *err)
{
	struct task *task = p->source.task;
	struct registry_request request = { .path = path_of(p, d, false),
					    .range = STR("bytes=0-0"),
					    .stops_at_body = true };
	struct manifest_layer layer = { .hash = d->digest, .media_type = d->media_type };
	struct registry_answer answer = { 0 };
	struct str authorization;

	TRY(registry_get(p->session, task, &request, &answer, err));
	if (answer.http.status != 200 && answer.http.status != 206)
		return registry_refused(p->session, &task->arena, &answer, err);
	layer.uri = answer.http.final_url;
	TRY(registry_authorization(p->session, task, false, &authorization, err));
	if (authorization.n &&
	    is_same_origin(layer.uri, registry_url(p->session, &task->arena, request.path)))
		add_header(&task->arena, authorization, &layer);
	VEC_PUSH(&task->arena, &out->layers, layer);
	return 0;
}

static int add_layers(struct pull *p, const struct oci_manifest *manifest, struct manifest *out,
		      struct err *err)
{
	VEC_EACH (const struct oci_descriptor, d, &manifest->layers)
		if (add_layer(p, d, out, err) < 0)
			return err_wrap(err, "layer " STR_FMT, STR_ARG(digest_short(d->digest)));
	return 0;
}

int registry_manifest(struct task *task, struct str reference, const struct registry_options *options,
		      struct manifest *out, struct err *err)
{
	struct pull p = { .session = NULL };
	struct manifest found = { 0 };
	struct oci_descriptor d;
	struct oci_manifest manifest = { 0 };
	int code = find(&p, task, reference, options, &d, &manifest, err);

	if (code == 0)
		code = add_layers(&p, &manifest, &found, err);
	if (p.session)
		registry_session_close(p.session);
	TRY(code);
	found.hash = d.digest;
	*out = found;
	return 0;
}
