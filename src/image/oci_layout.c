/* SPDX-License-Identifier: Apache-2.0 */
/* OCI image layouts, in a directory or an archive: index.json → (index →)* manifest → config and layers.
 * Source: OCI image-spec 1.1, image-layout.md, image-index.md, manifest.md,
 * https://github.com/opencontainers/image-spec. Easy to get wrong: index.json is addressed by no digest and
 * may leave out mediaType; what a blob is, is known for certain only after parsing it. Several entries of
 * index.json may be tags of one image, or variants of it for platforms, or different images. */
#include "image/oci_layout.h"

#include "base/cursor.h"
#include "base/limits.h"

#define LISTED_MAX 16u /* tags named in an error */

/* What the functions of this file pass on. */
struct layout {
	struct task *task;
	struct arena *arena;
	const struct blob_store *store;
	const struct image_target *target;
	const struct platform_wish *wish;
};

static bool has_tag(const struct oci_descriptor *d, struct str wanted)
{
	if (str_eq(d->ref_name, wanted) || str_eq(image_reference_tag(d->image_name), wanted))
		return true;
	return (d->ref_name.n && image_reference_eq(d->ref_name, wanted)) ||
	       (d->image_name.n && image_reference_eq(d->image_name, wanted));
}

static struct str name_of(const struct oci_descriptor *d)
{
	if (d->image_name.n)
		return d->image_name;
	return d->ref_name.n ? d->ref_name : d->digest;
}

/* "a, b, c" of all images that index.json names. */
static struct str list_names(struct arena *a, const oci_descriptors *images)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < images->n && i < LISTED_MAX; i++) {
		put_bytes(&b, i ? STR(", ") : STR(""));
		put_bytes(&b, str_printable(a, name_of(&images->p[i])));
	}
	put_bytes(&b, images->n > LISTED_MAX ? STR(", ...") : STR(""));
	return images->n ? buffer_str(&b) : STR("none");
}

static void only_images(struct arena *a, const oci_descriptors *all, oci_descriptors *out)
{
	VEC_EACH (const struct oci_descriptor, d, all)
		if (platform_is_image(d))
			VEC_PUSH(a, out, *d);
}

/* Several tags of one image. */
static bool is_one_digest(const oci_descriptors *found)
{
	VEC_EACH (const struct oci_descriptor, d, found)
		if (!str_eq(d->digest, found->p[0].digest))
			return false;
	return true;
}

/* One name for several platforms. */
static bool is_one_name(const oci_descriptors *found)
{
	const struct oci_descriptor *first = &found->p[0];

	VEC_EACH (const struct oci_descriptor, d, found)
		if (d->platform.os.n == 0 || !str_eq(d->ref_name, first->ref_name) ||
		    !str_eq(d->image_name, first->image_name))
			return false;
	return true;
}

/* The digest need not be listed: it may be of a manifest inside an index. */
static struct oci_descriptor by_digest(const oci_descriptors *images, struct str digest)
{
	VEC_EACH (const struct oci_descriptor, d, images)
		if (str_eq(d->digest, digest))
			return *d;
	return (struct oci_descriptor){ .digest = digest, .size_bytes = UINT64_MAX };
}

static void with_tag(struct arena *a, const oci_descriptors *images, struct str tag, oci_descriptors *out)
{
	VEC_EACH (const struct oci_descriptor, d, images)
		if (tag.n == 0 || has_tag(d, tag))
			VEC_PUSH(a, out, *d);
}

/* The entry of index.json that is meant. */
static int choose_entry(struct layout *l, const struct oci_index *index, struct oci_descriptor *out,
			struct err *err)
{
	oci_descriptors images = { 0 }, found = { 0 };
	const struct oci_descriptor *chosen = NULL;
	struct str tag = l->target->reference;

	only_images(l->arena, &index->manifests, &images);
	if (l->target->digest.n) {
		*out = by_digest(&index->manifests, l->target->digest);
		return 0;
	}
	with_tag(l->arena, &images, tag, &found);
	if (found.n == 0)
		return err_set(err, E_NOTFOUND, "no image%s" STR_FMT " in the layout; there are: " STR_FMT,
			       tag.n ? " tagged " : "", STR_ARG(tag), STR_ARG(list_names(l->arena, &images)));
	if (is_one_digest(&found)) {
		*out = found.p[0];
		return 0;
	}
	if (!is_one_name(&found))
		return err_set(err, E_NOTFOUND, "several images%s" STR_FMT "; name one of: " STR_FMT,
			       tag.n ? " tagged " : "", STR_ARG(tag), STR_ARG(list_names(l->arena, &found)));
	TRY(platform_choose(l->arena, l->wish, &found, &chosen, err));
	*out = *chosen;
	return 0;
}

static int unsupported(const struct oci_descriptor *d, const char *what, struct err *err)
{
	return err_set(err, E_UNSUPPORTED, STR_FMT ": %s (media type \"" STR_FMT "\")", STR_ARG(d->digest),
		       what, STR_ARG(d->media_type));
}

static int choose_inside(struct layout *l, const struct oci_index *index, struct oci_descriptor *d,
			 struct err *err)
{
	oci_descriptors images = { 0 };
	const struct oci_descriptor *chosen;

	only_images(l->arena, &index->manifests, &images);
	if (images.n == 0)
		return err_set(err, E_NOTFOUND, STR_FMT ": an index without images", STR_ARG(d->digest));
	if (platform_choose(l->arena, l->wish, &images, &chosen, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(d->digest));
	*d = *chosen;
	return 0;
}

/* From the entry of index.json down to a manifest. d becomes its descriptor. */
static int resolve(struct layout *l, struct oci_descriptor *d, struct oci_manifest *out, struct err *err)
{
	for (unsigned depth = 0; depth <= LIMIT_INDEX_DEPTH; depth++) {
		struct oci_document document = { 0 };
		struct str text;

		TRY(blob_read(l->store, l->task, blob_name(l->arena, d->digest), d->digest, d->size_bytes,
			      &text, err));
		if (oci_document_parse(l->arena, text, d->media_type, &document, err) < 0)
			return err_wrap(err, STR_FMT, STR_ARG(d->digest));
		switch (document.kind) {
		case OCI_MANIFEST: *out = document.manifest; return 0;
		case OCI_INDEX: TRY(choose_inside(l, &document.index, d, err)); break;
		case OCI_DOCKER_V1: return unsupported(d, "Docker schema 1 manifests are not supported", err);
		case OCI_UNKNOWN: return unsupported(d, "neither an image manifest nor an index", err);
		}
	}
	return err_set(err, E_LIMIT, "image indexes nested deeper than %u", LIMIT_INDEX_DEPTH);
}

static bool is_one_of(struct str s, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(s, str_of(*list)))
			return true;
	return false;
}

/* An absent media type is no objection: the content decides. */
static bool is_layer_type(struct str media_type)
{
	static const char *const known[] = {
		"",
		"application/vnd.oci.image.layer.v1.tar",
		"application/vnd.oci.image.layer.v1.tar+gzip",
		"application/vnd.oci.image.layer.v1.tar+zstd",
		"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
		"application/vnd.docker.image.rootfs.diff.tar",
		"application/vnd.docker.image.rootfs.diff.tar.gzip",
		"application/vnd.docker.image.rootfs.diff.tar.zstd",
		"application/vnd.docker.image.rootfs.foreign.diff.tar",
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
		NULL,
	};

	return is_one_of(media_type, known);
}

static bool is_config_type(struct str media_type)
{
	static const char *const known[] = {
		"",
		"application/vnd.oci.image.config.v1+json",
		"application/vnd.docker.container.image.v1+json",
		NULL,
	};

	return is_one_of(media_type, known);
}

static int check_layer(struct layout *l, const struct oci_descriptor *d, struct str name, struct err *err)
{
	struct blob_facts facts;
	int code = blob_examine(l->store, l->task, name, &facts, err);

	if (code == E_NOTFOUND)
		return err_set(err, E_NOTFOUND, "layer " STR_FMT " is missing (media type \"" STR_FMT "\")",
			       STR_ARG(d->digest), STR_ARG(d->media_type));
	TRY(code);
	if (d->size_bytes != UINT64_MAX && d->size_bytes != facts.size)
		return err_set(err, E_FORMAT, "layer " STR_FMT ": %llu bytes, expected %llu",
			       STR_ARG(d->digest), (unsigned long long)facts.size,
			       (unsigned long long)d->size_bytes);
	return 0;
}

static int add_layers(struct layout *l, const struct oci_manifest *manifest, struct image *out,
		      struct err *err)
{
	VEC_EACH (const struct oci_descriptor, d, &manifest->layers) {
		struct str name = blob_name(l->arena, d->digest);
		struct image_layer layer = { .digest = d->digest, .size_bytes = d->size_bytes };

		if (!is_layer_type(d->media_type))
			return unsupported(d, "not a file system layer", err);
		TRY(check_layer(l, d, name, err));
		blob_layer(&layer, l->arena, l->store, name);
		VEC_PUSH(l->arena, &out->layers, layer);
	}
	return 0;
}

static int set_diff_ids(const struct oci_config *config, struct image *out, struct err *err)
{
	if (config->diff_ids.n == 0)
		return 0;
	if (config->diff_ids.n != out->layers.n)
		return err_set(err, E_FORMAT, "image config: %zu diff_ids for %zu layers", config->diff_ids.n,
			       out->layers.n);
	for (size_t i = 0; i < out->layers.n; i++)
		out->layers.p[i].diff_id = config->diff_ids.p[i];
	return 0;
}

/* The config of an image; that of an artifact says nothing we know, and an artifact without layers is
 * refused. */
static int read_config(struct layout *l, const struct oci_manifest *manifest, struct oci_config *out,
		       struct err *err)
{
	const struct oci_descriptor *d = &manifest->config;
	struct str text;

	if (!is_config_type(d->media_type))
		return manifest->layers.n ? 0 : unsupported(d, "an artifact, not an image", err);
	TRY(blob_read(l->store, l->task, blob_name(l->arena, d->digest), d->digest, d->size_bytes, &text,
		      err));
	return oci_config_parse(l->arena, text, out, err) < 0
		       ? err_wrap(err, "config " STR_FMT, STR_ARG(d->digest))
		       : 0;
}

/* d: the manifest's descriptor. The platform is checked before the layers: those of Windows are often
 * elsewhere. */
static int fill(struct layout *l, const struct oci_descriptor *d, const struct oci_manifest *manifest,
		struct image *out, struct err *err)
{
	struct oci_config config = { 0 };

	TRY(read_config(l, manifest, &config, err));
	if (config.platform.os.n == 0)
		config.platform = d->platform;
	TRY(platform_check(l->arena, l->wish, &config.platform, err));
	out->manifest_hash = d->digest;
	out->platform = oci_platform_text(l->arena, &config.platform);
	TRY(add_layers(l, manifest, out, err));
	return set_diff_ids(&config, out, err);
}

/* The file `oci-layout`, which some tools leave out. */
static int check_version(struct layout *l, struct err *err)
{
	struct str text;
	int code = blob_read(l->store, l->task, STR("oci-layout"), (struct str){ NULL, 0 }, UINT64_MAX, &text,
			     err);

	if (code == E_NOTFOUND)
		return 0;
	TRY(code);
	return oci_layout_check(l->arena, text, err);
}

static int read_index(struct layout *l, struct oci_index *out, struct err *err)
{
	struct str text;

	TRY(check_version(l, err));
	TRY(blob_read(l->store, l->task, STR("index.json"), (struct str){ NULL, 0 }, UINT64_MAX, &text, err));
	return oci_index_parse(l->arena, text, out, err) < 0 ? err_wrap(err, "index.json") : 0;
}

int oci_layout_open(struct task *task, const struct blob_store *store, const struct image_target *target,
		    const struct platform_wish *wish, struct image *out, struct err *err)
{
	struct layout l = { task, &task->arena, store, target, wish };
	struct oci_index index = { 0 };
	struct oci_descriptor d = { 0 };
	struct oci_manifest manifest = { 0 };

	TRY(read_index(&l, &index, err));
	TRY(choose_entry(&l, &index, &d, err));
	TRY(resolve(&l, &d, &manifest, err));
	return fill(&l, &d, &manifest, out, err);
}
