/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON documents of container images.
 * Sources: OCI image-spec 1.1 (image-layout, image-index, manifest, config, descriptor, annotations),
 * https://github.com/opencontainers/image-spec/tree/v1.1.0 ; Docker Image Manifest V2 Schema 2,
 * https://distribution.github.io/distribution/spec/manifest-v2-2/ ; Docker Image Specification v1.2 "Combined
 * Image JSON + Filesystem Changeset Format", https://github.com/moby/docker-image-spec Easy to get wrong: a
 * document may claim to be a manifest and an index at once, and two readers then see two images
 * (CVE-2021-41190); such documents are refused. */
#include "format/oci.h"

#include "base/json.h"
#include "base/limits.h"

/* ---- members of a known type ---- */

static int parse_object(struct arena *a, struct str text, const char *what, struct json_value *out,
			struct err *err)
{
	if (text.n > LIMIT_MANIFEST_BYTES)
		return err_set(err, E_LIMIT, "%s of %zu bytes, limit %llu", what, text.n,
			       LIMIT_MANIFEST_BYTES);
	if (json_parse(a, text, out, err) < 0)
		return err_wrap(err, "%s", what);
	if (out->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "%s is no JSON object", what);
	return 0;
}

/* A member, or NULL when it is absent or null; E_FORMAT when it has another type. */
static int get(const struct json_value *v, const char *key, enum json_type type,
	       const struct json_value **out, struct err *err)
{
	static const char *const names[] = { [JSON_NUMBER] = "number",
					     [JSON_STRING] = "string",
					     [JSON_ARRAY] = "array",
					     [JSON_OBJECT] = "object" };
	const struct json_value *member = json_get(v, key);

	*out = NULL;
	if (!member || member->type == JSON_NULL)
		return 0;
	if (member->type != type)
		return err_set(err, E_FORMAT, "\"%s\" is no %s", key, names[type]);
	*out = member;
	return 0;
}

static int get_text(const struct json_value *v, const char *key, struct str *out, struct err *err)
{
	const struct json_value *member;

	TRY(get(v, key, JSON_STRING, &member, err));
	*out = member ? member->text : (struct str){ NULL, 0 };
	return 0;
}

/* An array of at most max; *items is NULL and *n 0 when absent. */
static int get_list(const struct json_value *v, const char *key, size_t max, const struct json_value **items,
		    size_t *n, struct err *err)
{
	const struct json_value *list;

	TRY(get(v, key, JSON_ARRAY, &list, err));
	*items = list ? list->items : NULL;
	*n = list ? list->n : 0;
	return *n > max ? err_set(err, E_LIMIT, "\"%s\" has %zu entries, limit %zu", key, *n, max) : 0;
}

static int get_size(const struct json_value *v, uint64_t *out, struct err *err)
{
	const struct json_value *member;

	TRY(get(v, "size", JSON_NUMBER, &member, err));
	*out = UINT64_MAX;
	if (member && !str_u64(member->text, INT64_MAX, out))
		return err_set(err, E_FORMAT, "size " STR_FMT " is no size", STR_ARG(member->text));
	return 0;
}

/* ---- digests ---- */

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

/* In lower case: some tools of old wrote capitals. */
static int check_digest(struct arena *a, struct str text, struct str *out, struct err *err)
{
	struct str shown = str_sub(text, 0, text.n < 140 ? text.n : 140);
	struct str algorithm, hex;
	size_t digits;

	if (!str_cut(text, ':', &algorithm, &hex) || !algorithm.n || !hex.n)
		return err_set(err, E_FORMAT, "\"" STR_FMT "\" is no digest", STR_ARG(shown));
	digits = str_eq(algorithm, STR("sha256")) ? 64 : str_eq(algorithm, STR("sha512")) ? 128 : 0;
	if (!digits)
		return err_set(err, E_UNSUPPORTED, "digest \"" STR_FMT "\" is neither sha256 nor sha512",
			       STR_ARG(shown));
	if (hex.n != digits || !is_hex(hex))
		return err_set(err, E_FORMAT, "\"" STR_FMT "\" is no digest", STR_ARG(shown));
	*out = str_lower(a, text);
	return 0;
}

/* ---- descriptors and platforms ---- */

static int get_platform(const struct json_value *v, struct oci_platform *out, struct err *err)
{
	TRY(get_text(v, "os", &out->os, err));
	TRY(get_text(v, "architecture", &out->arch, err));
	TRY(get_text(v, "variant", &out->variant, err));
	return get_text(v, "os.version", &out->os_version, err);
}

struct str oci_platform_text(struct arena *a, const struct oci_platform *p)
{
	if (!p->os.n && !p->arch.n)
		return (struct str){ NULL, 0 };
	return str_format(a, STR_FMT "/" STR_FMT "%s" STR_FMT, STR_ARG(p->os), STR_ARG(p->arch),
			  p->variant.n ? "/" : "", STR_ARG(p->variant));
}

static int get_annotations(const struct json_value *v, struct oci_descriptor *out, struct err *err)
{
	const struct json_value *annotations;

	TRY(get(v, "annotations", JSON_OBJECT, &annotations, err));
	TRY(get_text(annotations, "org.opencontainers.image.ref.name", &out->ref_name, err));
	TRY(get_text(annotations, "io.containerd.image.name", &out->image_name, err));
	return get_text(annotations, "vnd.docker.reference.type", &out->reference_type, err);
}

static int read_descriptor(struct arena *a, const struct json_value *v, struct oci_descriptor *out,
			   struct err *err)
{
	const struct json_value *platform;

	*out = (struct oci_descriptor){ 0 };
	if (v->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "descriptor is no JSON object");
	TRY(get_text(v, "digest", &out->digest, err));
	TRY(check_digest(a, out->digest, &out->digest, err));
	TRY(get_text(v, "mediaType", &out->media_type, err));
	TRY(get_text(v, "artifactType", &out->artifact_type, err));
	TRY(get_size(v, &out->size_bytes, err));
	TRY(get(v, "platform", JSON_OBJECT, &platform, err));
	TRY(get_platform(platform, &out->platform, err));
	return get_annotations(v, out, err);
}

static int read_descriptors(struct arena *a, const struct json_value *v, const char *key, size_t max,
			    oci_descriptors *out, struct err *err)
{
	const struct json_value *items;
	size_t n;

	TRY(get_list(v, key, max, &items, &n, err));
	for (size_t i = 0; i < n; i++)
		if (read_descriptor(a, &items[i], VEC_ADD(a, out), err) < 0)
			return err_wrap(err, "%s[%zu]", key, i);
	return 0;
}

/* ---- manifests and indexes ---- */

static enum oci_kind kind_of_media_type(struct str t)
{
	static const struct {
		const char *media_type;
		enum oci_kind kind;
	} known[] = {
		{ "application/vnd.oci.image.manifest.v1+json", OCI_MANIFEST },
		{ "application/vnd.docker.distribution.manifest.v2+json", OCI_MANIFEST },
		{ "application/vnd.oci.image.index.v1+json", OCI_INDEX },
		{ "application/vnd.docker.distribution.manifest.list.v2+json", OCI_INDEX },
		{ "application/vnd.docker.distribution.manifest.v1+json", OCI_DOCKER_V1 },
		{ "application/vnd.docker.distribution.manifest.v1+prettyjws", OCI_DOCKER_V1 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(t, str_of(known[i].media_type)))
			return known[i].kind;
	return OCI_UNKNOWN;
}

static enum oci_kind kind_of(const struct json_value *v, struct str media_type)
{
	enum oci_kind kind = kind_of_media_type(media_type);

	if (json_get_int(v, "schemaVersion", 2) == 1 || json_get(v, "fsLayers"))
		return OCI_DOCKER_V1;
	if (kind != OCI_UNKNOWN || media_type.n)
		return kind;
	if (json_get(v, "manifests"))
		return OCI_INDEX;
	return json_get(v, "config") && json_get(v, "layers") ? OCI_MANIFEST : OCI_UNKNOWN;
}

static int read_manifest(struct arena *a, const struct json_value *v, struct oci_manifest *out,
			 struct err *err)
{
	const struct json_value *config;

	TRY(get_text(v, "artifactType", &out->artifact_type, err));
	TRY(get(v, "config", JSON_OBJECT, &config, err));
	if (!config)
		return err_set(err, E_FORMAT, "image manifest without config");
	if (read_descriptor(a, config, &out->config, err) < 0)
		return err_wrap(err, "config");
	return read_descriptors(a, v, "layers", LIMIT_MANIFEST_LAYERS, &out->layers, err);
}

int oci_document_parse(struct arena *a, struct str text, struct str media_type, struct oci_document *out,
		       struct err *err)
{
	struct oci_document d = { 0 };
	struct json_value v;
	struct str own;

	TRY(parse_object(a, text, "image manifest", &v, err));
	if (json_get(&v, "manifests") && (json_get(&v, "config") || json_get(&v, "layers")))
		return err_set(err, E_FORMAT, "document is an image manifest and an index at once");
	TRY(get_text(&v, "mediaType", &own, err));
	d.kind = kind_of(&v, own.n ? own : media_type);
	d.manifest.media_type = d.index.media_type = own;
	if (d.kind == OCI_MANIFEST)
		TRY(read_manifest(a, &v, &d.manifest, err));
	if (d.kind == OCI_INDEX)
		TRY(read_descriptors(a, &v, "manifests", SIZE_MAX, &d.index.manifests, err));
	*out = d;
	return 0;
}

int oci_index_parse(struct arena *a, struct str text, struct oci_index *out, struct err *err)
{
	struct oci_document d;

	TRY(oci_document_parse(a, text, (struct str){ NULL, 0 }, &d, err));
	if (d.kind != OCI_INDEX)
		return err_set(err, E_FORMAT, "not an image index");
	*out = d.index;
	return 0;
}

int oci_layout_check(struct arena *a, struct str text, struct err *err)
{
	struct json_value v;
	struct str version;

	TRY(parse_object(a, text, "oci-layout", &v, err));
	TRY(get_text(&v, "imageLayoutVersion", &version, err));
	if (!str_starts(version, STR("1.")))
		return err_set(err, E_UNSUPPORTED, "image layout version \"" STR_FMT "\", supported: 1.x",
			       STR_ARG(version));
	return 0;
}

/* ---- configs ---- */

static int read_diff_ids(struct arena *a, const struct json_value *v, struct oci_config *out, struct err *err)
{
	const struct json_value *rootfs, *items;
	size_t n;

	TRY(get(v, "rootfs", JSON_OBJECT, &rootfs, err));
	TRY(get_list(rootfs, "diff_ids", LIMIT_MANIFEST_LAYERS, &items, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (items[i].type != JSON_STRING)
			return err_set(err, E_FORMAT, "diff_ids[%zu] is no string", i);
		if (check_digest(a, items[i].text, VEC_ADD(a, &out->diff_ids), err) < 0)
			return err_wrap(err, "diff_ids[%zu]", i);
	}
	return 0;
}

static int count_history(const struct json_value *v, struct oci_config *out, struct err *err)
{
	const struct json_value *items;

	TRY(get_list(v, "history", SIZE_MAX, &items, &out->history_count, err));
	for (size_t i = 0; i < out->history_count; i++) {
		const struct json_value *empty = json_get(&items[i], "empty_layer");

		out->empty_layer_count += empty && empty->type == JSON_TRUE;
	}
	return 0;
}

int oci_config_parse(struct arena *a, struct str text, struct oci_config *out, struct err *err)
{
	struct oci_config c = { 0 };
	struct json_value v;

	TRY(parse_object(a, text, "image config", &v, err));
	TRY(get_platform(&v, &c.platform, err));
	TRY(read_diff_ids(a, &v, &c, err));
	TRY(count_history(&v, &c, err));
	*out = c;
	return 0;
}

/* ---- docker archives ---- */

static int read_paths(struct arena *a, const struct json_value *v, const char *key, size_t max,
		      struct str **out, size_t *count, struct err *err)
{
	const struct json_value *items;
	size_t n;

	TRY(get_list(v, key, max, &items, &n, err));
	*out = ARENA_ARRAY(a, struct str, n);
	*count = n;
	for (size_t i = 0; i < n; i++) {
		if (items[i].type != JSON_STRING)
			return err_set(err, E_FORMAT, "%s[%zu] is no string", key, i);
		(*out)[i] = items[i].text;
	}
	return 0;
}

static int read_docker_image(struct arena *a, const struct json_value *v, struct docker_image *out,
			     struct err *err)
{
	*out = (struct docker_image){ 0 };
	if (v->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "image is no JSON object");
	TRY(get_text(v, "Config", &out->config, err));
	if (!out->config.n)
		return err_set(err, E_FORMAT, "image without Config");
	TRY(read_paths(a, v, "RepoTags", SIZE_MAX, &out->repo_tags.p, &out->repo_tags.n, err));
	TRY(read_paths(a, v, "Layers", LIMIT_MANIFEST_LAYERS, &out->layers.p, &out->layers.n, err));
	out->repo_tags.cap = out->repo_tags.n;
	out->layers.cap = out->layers.n;
	return 0;
}

int docker_archive_parse(struct arena *a, struct str text, docker_images *out, struct err *err)
{
	docker_images images = { 0 };
	struct json_value v;

	if (text.n > LIMIT_MANIFEST_BYTES)
		return err_set(err, E_LIMIT, "manifest.json of %zu bytes, limit %llu", text.n,
			       LIMIT_MANIFEST_BYTES);
	if (json_parse(a, text, &v, err) < 0)
		return err_wrap(err, "manifest.json");
	if (v.type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "manifest.json is no JSON array");
	for (size_t i = 0; i < v.n; i++)
		if (read_docker_image(a, &v.items[i], VEC_ADD(a, &images), err) < 0)
			return err_wrap(err, "manifest.json: image %zu", i);
	*out = images;
	return 0;
}

int docker_repositories_parse(struct arena *a, struct str text, docker_tags *out, struct err *err)
{
	docker_tags tags = { 0 };
	struct json_value v;

	TRY(parse_object(a, text, "repositories", &v, err));
	for (size_t i = 0; i < v.n; i++) {
		const struct json_value *repository = &v.items[i];

		if (repository->type != JSON_OBJECT)
			return err_set(err, E_FORMAT, "repositories: \"" STR_FMT "\" is no JSON object",
				       STR_ARG(v.keys[i]));
		for (size_t k = 0; k < repository->n; k++) {
			if (repository->items[k].type != JSON_STRING)
				return err_set(err, E_FORMAT,
					       "repositories: tag \"" STR_FMT "\" is no string",
					       STR_ARG(repository->keys[k]));
			VEC_PUSH(a, &tags,
				 ((struct docker_tag){ v.keys[i], repository->keys[k],
						       repository->items[k].text }));
		}
	}
	*out = tags;
	return 0;
}

int docker_v1_layer_parse(struct arena *a, struct str text, struct str *id, struct str *parent,
			  struct err *err)
{
	struct str own, above;
	struct json_value v;

	TRY(parse_object(a, text, "layer json", &v, err));
	TRY(get_text(&v, "id", &own, err));
	TRY(get_text(&v, "parent", &above, err));
	if (!own.n)
		return err_set(err, E_FORMAT, "layer json without id");
	*id = own;
	*parent = above;
	return 0;
}
