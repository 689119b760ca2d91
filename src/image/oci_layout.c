/* SPDX-License-Identifier: Apache-2.0 */
/* OCI image layouts, in a directory or an archive: index.json → (index →)* manifest → config and layers.
 * Source: OCI image-spec 1.1, image-layout.md, image-index.md, manifest.md,
 * https://github.com/opencontainers/image-spec. Easy to get wrong: index.json is addressed by no digest and
 * may leave out mediaType; what a blob is, is known for certain only after parsing it. Several entries of
 * index.json may be tags of one image, or variants of it for platforms, or different images. */
#include "image/oci_layout.h"

#include "base/cursor.h"
#include "image/oci_image.h"

#define LISTED_MAX 16u /* tags named in an error */

/* What the functions of this file pass on. */
struct layout {
	struct oci_source source; /* first: what oci_image.c knows of it */
	struct arena *arena;
	const struct blob_store *store;
	const struct image_target *target;
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
	TRY(platform_choose(l->arena, l->source.wish, &found, &chosen, err));
	*out = *chosen;
	return 0;
}

static int check_layer(struct layout *l, const struct oci_descriptor *d, struct str name, struct err *err)
{
	struct blob_facts facts;
	int code = blob_examine(l->store, l->source.task, name, &facts, err);

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

/* --- what oci_image.c asks for --- */

static int read_document(struct oci_source *source, struct oci_descriptor *d, bool is_manifest,
			 struct str *out, struct err *err)
{
	struct layout *l = (struct layout *)source;

	(void)is_manifest;
	return blob_read(l->store, source->task, blob_name(l->arena, d->digest), d->digest, d->size_bytes,
			 out, err);
}

static int make_layer(struct oci_source *source, const struct oci_descriptor *d, struct image_layer *out,
		      struct err *err)
{
	struct layout *l = (struct layout *)source;
	struct str name = blob_name(l->arena, d->digest);

	TRY(check_layer(l, d, name, err));
	blob_layer(out, l->arena, l->store, name);
	return 0;
}

/* The file `oci-layout`, which some tools leave out. */
static int check_version(struct layout *l, struct err *err)
{
	struct str text;
	int code = blob_read(l->store, l->source.task, STR("oci-layout"), (struct str){ NULL, 0 }, UINT64_MAX,
			     &text, err);

	if (code == E_NOTFOUND)
		return 0;
	TRY(code);
	return oci_layout_check(l->arena, text, err);
}

static int read_index(struct layout *l, struct oci_index *out, struct err *err)
{
	struct str text;

	TRY(check_version(l, err));
	TRY(blob_read(l->store, l->source.task, STR("index.json"), (struct str){ NULL, 0 }, UINT64_MAX, &text,
		      err));
	return oci_index_parse(l->arena, text, out, err) < 0 ? err_wrap(err, "index.json") : 0;
}

int oci_layout_open(struct task *task, const struct blob_store *store, const struct image_target *target,
		    const struct platform_wish *wish, struct image *out, struct err *err)
{
	struct layout l = { { task, wish, read_document, make_layer }, &task->arena, store, target };
	struct oci_index index = { 0 };
	struct oci_descriptor d = { 0 };
	struct oci_manifest manifest = { 0 };

	TRY(read_index(&l, &index, err));
	TRY(choose_entry(&l, &index, &d, err));
	TRY(oci_image_resolve(&l.source, &d, &manifest, err));
	return oci_image_fill(&l.source, &d, &manifest, out, err);
}
