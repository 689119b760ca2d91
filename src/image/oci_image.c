/* SPDX-License-Identifier: Apache-2.0 */
/* From the descriptor of an index or manifest to an image: (index →)* manifest → config and layers.
 * Source: OCI image-spec 1.1, image-index.md, manifest.md, https://github.com/opencontainers/image-spec;
 * Docker Image Manifest Version 2, Schema 2. Easy to get wrong: what a document is, is known for certain only
 * after parsing it, and the config, not the index, has the last word on the platform. */
#include "image/oci_image.h"

#include "base/limits.h"

static void only_images(struct arena *a, const oci_descriptors *all, oci_descriptors *out)
{
	VEC_EACH (const struct oci_descriptor, d, all)
		if (platform_is_image(d))
			VEC_PUSH(a, out, *d);
}

static int unsupported(const struct oci_descriptor *d, const char *what, struct err *err)
{
	return err_set(err, E_UNSUPPORTED, STR_FMT ": %s (media type \"" STR_FMT "\")", STR_ARG(d->digest),
		       what, STR_ARG(d->media_type));
}

static int choose_inside(struct oci_source *s, const struct oci_index *index, struct oci_descriptor *d,
			 struct err *err)
{
	oci_descriptors images = { 0 };
	const struct oci_descriptor *chosen;

	only_images(&s->task->arena, &index->manifests, &images);
	if (images.n == 0)
		return err_set(err, E_NOTFOUND, STR_FMT ": an index without images", STR_ARG(d->digest));
	if (platform_choose(&s->task->arena, s->wish, &images, &chosen, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(d->digest));
	*d = *chosen;
	return 0;
}

int oci_image_resolve(struct oci_source *s, struct oci_descriptor *d, struct oci_manifest *out,
		      struct err *err)
{
	for (unsigned depth = 0; depth <= LIMIT_INDEX_DEPTH; depth++) {
		struct oci_document document = { 0 };
		struct str text;

		TRY(s->read(s, d, true, &text, err));
		if (oci_document_parse(&s->task->arena, text, d->media_type, &document, err) < 0)
			return err_wrap(err, STR_FMT, STR_ARG(d->digest));
		switch (document.kind) {
		case OCI_MANIFEST: *out = document.manifest; return 0;
		case OCI_INDEX: TRY(choose_inside(s, &document.index, d, err)); break;
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

static int add_layers(struct oci_source *s, const struct oci_manifest *manifest, struct image *out,
		      struct err *err)
{
	VEC_EACH (const struct oci_descriptor, d, &manifest->layers) {
		struct image_layer layer = { .digest = d->digest, .size_bytes = d->size_bytes };

		if (!is_layer_type(d->media_type))
			return unsupported(d, "not a file system layer", err);
		TRY(s->layer(s, d, &layer, err));
		VEC_PUSH(&s->task->arena, &out->layers, layer);
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
static int read_config(struct oci_source *s, const struct oci_manifest *manifest, struct oci_config *out,
		       struct err *err)
{
	const struct oci_descriptor *d = &manifest->config;
	struct oci_descriptor descriptor = *d;
	struct str text;

	if (!is_config_type(d->media_type))
		return manifest->layers.n ? 0 : unsupported(d, "an artifact, not an image", err);
	TRY(s->read(s, &descriptor, false, &text, err));
	return oci_config_parse(&s->task->arena, text, out, err) < 0
		       ? err_wrap(err, "config " STR_FMT, STR_ARG(d->digest))
		       : 0;
}

/* The platform is checked before the layers: those of Windows are often elsewhere. */
int oci_image_fill(struct oci_source *s, const struct oci_descriptor *d, const struct oci_manifest *manifest,
		   struct image *out, struct err *err)
{
	struct oci_config config = { 0 };

	TRY(read_config(s, manifest, &config, err));
	if (config.platform.os.n == 0)
		config.platform = d->platform;
	TRY(platform_check(&s->task->arena, s->wish, &config.platform, err));
	out->manifest_hash = d->digest;
	out->platform = oci_platform_text(&s->task->arena, &config.platform);
	TRY(add_layers(s, manifest, out, err));
	return set_diff_ids(&config, out, err);
}
