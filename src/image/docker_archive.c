/* SPDX-License-Identifier: Apache-2.0 */
/* Archives as `docker save` writes them: manifest.json → config and layers; before Docker 1.10 only
 * `repositories` → <id>/json, each naming its parent, and <id>/layer.tar. Source: Docker "Image Specification
 * v1.2" and v1.0, https://github.com/moby/docker-image-spec. Easy to get wrong: nothing in manifest.json is
 * addressed by digest. What counts is the config, whose sha256 is the image's id and whose diff_ids are the
 * digests of the layers' tars: a layer stored plain must hash to its diff_id, of a compressed one only what
 * the worker inflates can be compared. */
#include "image/docker_archive.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/limits.h"
#include "image/image_target.h"
#include "model/digest.h"

#define LISTED_MAX 16u /* names in an error */

/* What the functions of this file pass on. */
struct docker {
	struct task *task;
	struct arena *arena;
	const struct archive *archive;
	struct str reference;
	const struct platform_wish *wish;
	struct map hashed; /* compressed layer's member → its digest: one listed a thousand times is hashed
			      once */
};

/* A path as the archive's documents give it: relative, and nowhere "..". "./" in front is dropped. */
static int member_path(struct str path, struct str *out, struct err *err)
{
	struct str rest, part;

	while (str_starts(path, STR("./")))
		path = str_sub(path, 2, path.n - 2);
	if (path.n == 0 || path.p[0] == '/' || str_find(path, '\0') < path.n)
		return err_set(err, E_FORMAT, "manifest.json: path \"" STR_FMT "\" is no member name",
			       STR_ARG(path));
	for (rest = path; rest.n;) {
		str_cut(rest, '/', &part, &rest);
		if (str_eq(part, STR("..")))
			return err_set(err, E_FORMAT,
				       "manifest.json: path \"" STR_FMT "\" leads out of the archive",
				       STR_ARG(path));
	}
	*out = path;
	return 0;
}

static struct str without_end(struct str s, struct str end)
{
	return str_ends(s, end) ? str_sub(s, 0, s.n - end.n) : s;
}

/* The digest that a member's name promises: "<hex>.json", "sha256:<hex>", "blobs/sha256/<hex>"; else empty.
 */
static struct str promised_digest(struct arena *a, struct str path)
{
	struct str directory, name, out = { 0 };
	struct err ignored;
	bool is_inside = str_rcut(path, '/', &directory, &name);

	if (!is_inside)
		name = without_end(path, STR(".json"));
	if (is_inside && !str_eq(directory, STR("blobs/sha256")))
		return out;
	if (!str_starts(name, STR("sha256:")))
		name = str_format(a, "sha256:" STR_FMT, STR_ARG(name));
	if (digest_parse(a, name, &out, &ignored) < 0)
		return (struct str){ NULL, 0 };
	return out;
}

static int read_config(struct docker *d, struct str path, struct image *out, struct oci_config *config,
		       struct err *err)
{
	struct str text;
	char digest[72];

	TRY(member_path(path, &path, err));
	TRY(blob_read(&d->archive->store, d->task, path, promised_digest(d->arena, path), UINT64_MAX, &text,
		      err));
	if (oci_config_parse(d->arena, text, config, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(path));
	TRY(platform_check(d->arena, d->wish, &config->platform, err));
	out->platform = oci_platform_text(d->arena, &config->platform);
	out->manifest_hash = str_copy(d->arena, str_of(digest_of(text, digest)));
	return 0;
}

/* The digest of the bytes as stored, hashed now as nobody published it. */
static int stored_digest(struct docker *d, struct str path, struct str *out, struct err *err)
{
	struct str *known = map_get(&d->hashed, path);

	if (!known) {
		known = ARENA_NEW(d->arena, struct str);
		TRY(blob_hash(&d->archive->store, d->task, path, known, err));
		*map_put(&d->hashed, path) = known;
	}
	*out = *known;
	return 0;
}

/* diff_id empty: not known (the oldest archives). */
static int add_layer(struct docker *d, struct str path, struct str diff_id, struct image *out,
		     struct err *err)
{
	struct image_layer layer = { .diff_id = diff_id };
	struct blob_facts facts;

	TRY(member_path(path, &path, err));
	TRY(blob_examine(&d->archive->store, d->task, path, &facts, err));
	layer.size_bytes = facts.size;
	if (!facts.is_compressed)
		layer.digest = diff_id;
	else
		layer.digest = promised_digest(d->arena, path);
	layer.verify_diff_id = facts.is_compressed && diff_id.n;
	if (layer.digest.n == 0)
		TRY(stored_digest(d, path, &layer.digest, err));
	blob_layer(&layer, d->arena, &d->archive->store, path);
	VEC_PUSH(d->arena, &out->layers, layer);
	return 0;
}

static int open_image(struct docker *d, const struct docker_image *image, struct image *out, struct err *err)
{
	struct oci_config config = { 0 };

	TRY(read_config(d, image->config, out, &config, err));
	if (config.diff_ids.n != image->layers.n)
		return err_set(err, E_FORMAT, "image config: %zu diff_ids for %zu layers", config.diff_ids.n,
			       image->layers.n);
	if (image->layers.n > LIMIT_MANIFEST_LAYERS)
		return err_set(err, E_LIMIT, "%zu layers, limit %u", image->layers.n, LIMIT_MANIFEST_LAYERS);
	for (size_t i = 0; i < image->layers.n; i++)
		TRY(add_layer(d, image->layers.p[i], config.diff_ids.p[i], out, err));
	return 0;
}

static bool is_named(const struct docker_image *image, struct str reference)
{
	VEC_EACH (const struct str, tag, &image->repo_tags)
		if (image_reference_eq(*tag, reference))
			return true;
	return false;
}

/* A name to be chosen by: a tag, else the config's path. */
static struct str list_images(struct arena *a, const docker_images *images)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < images->n && i < LISTED_MAX; i++) {
		const struct docker_image *image = &images->p[i];

		put_bytes(&b, i ? STR(", ") : STR(""));
		put_bytes(&b, str_printable(a, image->repo_tags.n ? image->repo_tags.p[0] : image->config));
	}
	put_bytes(&b, images->n > LISTED_MAX ? STR(", ...") : STR(""));
	return images->n ? buffer_str(&b) : STR("none");
}

static int choose_image(struct docker *d, const docker_images *images, const struct docker_image **out,
			struct err *err)
{
	const struct docker_image *found = NULL;

	VEC_EACH (const struct docker_image, image, images)
		if (d->reference.n && is_named(image, d->reference))
			found = image;
	if (d->reference.n == 0 && images->n == 1)
		found = &images->p[0];
	if (!found)
		return err_set(err, E_NOTFOUND, "%s" STR_FMT "; there are: " STR_FMT,
			       d->reference.n ? "no image named " : "several images or none: name one",
			       STR_ARG(d->reference), STR_ARG(list_images(d->arena, images)));
	*out = found;
	return 0;
}

static int open_by_manifest(struct docker *d, struct image *out, struct err *err)
{
	docker_images images = { 0 };
	const struct docker_image *image = NULL;
	struct str text;

	TRY(blob_read(&d->archive->store, d->task, STR("manifest.json"), (struct str){ NULL, 0 }, UINT64_MAX,
		      &text, err));
	if (docker_archive_parse(d->arena, text, &images, err) < 0)
		return err_wrap(err, "manifest.json");
	TRY(choose_image(d, &images, &image, err));
	return open_image(d, image, out, err);
}

static struct str tag_text(struct arena *a, const struct docker_tag *t)
{
	return str_format(a, STR_FMT ":" STR_FMT, STR_ARG(t->name), STR_ARG(t->tag));
}

static struct str list_tags(struct arena *a, const docker_tags *tags)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < tags->n && i < LISTED_MAX; i++) {
		put_bytes(&b, i ? STR(", ") : STR(""));
		put_bytes(&b, str_printable(a, tag_text(a, &tags->p[i])));
	}
	put_bytes(&b, tags->n > LISTED_MAX ? STR(", ...") : STR(""));
	return tags->n ? buffer_str(&b) : STR("none");
}

/* The top layer: of the reference, or of all tags when they agree. */
static int choose_top(struct docker *d, const docker_tags *tags, struct str *out, struct err *err)
{
	struct str id = { 0 };
	bool is_one = tags->n > 0;

	VEC_EACH (const struct docker_tag, t, tags) {
		if (d->reference.n && !image_reference_eq(tag_text(d->arena, t), d->reference))
			continue;
		is_one = is_one && (id.n == 0 || str_eq(id, t->id));
		id = t->id;
	}
	if (!is_one || id.n == 0)
		return err_set(err, E_NOTFOUND, "%s" STR_FMT "; there are: " STR_FMT,
			       d->reference.n ? "no image named " : "several images or none: name one",
			       STR_ARG(d->reference), STR_ARG(list_tags(d->arena, tags)));
	*out = id;
	return 0;
}

/* Where a layer's files are: the id is one plain name. */
static int layer_file(struct docker *d, struct str id, const char *file, struct str *out, struct err *err)
{
	if (id.n == 0 || id.n > 128 || str_find(id, '/') < id.n || id.p[0] == '.')
		return err_set(err, E_FORMAT, "layer id \"" STR_FMT "\" is no plain name", STR_ARG(id));
	*out = str_format(d->arena, STR_FMT "/%s", STR_ARG(id), file);
	return 0;
}

static int read_layer_json(struct docker *d, struct str id, struct str *text, struct str *parent,
			   struct err *err)
{
	struct str path, own;

	TRY(layer_file(d, id, "json", &path, err));
	TRY(blob_read(&d->archive->store, d->task, path, (struct str){ NULL, 0 }, UINT64_MAX, text, err));
	return docker_v1_layer_parse(d->arena, *text, &own, parent, err) < 0
		       ? err_wrap(err, STR_FMT, STR_ARG(path))
		       : 0;
}

typedef VEC(struct str) layer_ids;

/* From the top layer down to the one without a parent. */
static int walk_parents(struct docker *d, struct str top, layer_ids *out, struct str *top_json,
			struct err *err)
{
	for (struct str id = top, parent; id.n; id = parent) {
		struct str text;

		if (out->n >= LIMIT_MANIFEST_LAYERS)
			return err_set(err, E_LIMIT,
				       "more than %u layers, or layers that are their own parents",
				       LIMIT_MANIFEST_LAYERS);
		TRY(read_layer_json(d, id, &text, &parent, err));
		if (out->n == 0)
			*top_json = text;
		VEC_PUSH(d->arena, out, id);
	}
	return 0;
}

/* The top layer's json is what the image has for a config. */
static int use_top_json(struct docker *d, struct str text, struct image *out, struct err *err)
{
	struct oci_config config = { 0 };
	char digest[72];

	if (oci_config_parse(d->arena, text, &config, err) < 0)
		return err_wrap(err, "json of the top layer");
	TRY(platform_check(d->arena, d->wish, &config.platform, err));
	out->platform = oci_platform_text(d->arena, &config.platform);
	out->manifest_hash = str_copy(d->arena, str_of(digest_of(text, digest)));
	return 0;
}

static int open_by_repositories(struct docker *d, struct image *out, struct err *err)
{
	docker_tags tags = { 0 };
	layer_ids ids = { 0 };
	struct str text, top = { 0 }, path;

	TRY(blob_read(&d->archive->store, d->task, STR("repositories"), (struct str){ NULL, 0 }, UINT64_MAX,
		      &text, err));
	if (docker_repositories_parse(d->arena, text, &tags, err) < 0)
		return err_wrap(err, "repositories");
	TRY(choose_top(d, &tags, &top, err));
	TRY(walk_parents(d, top, &ids, &text, err));
	TRY(use_top_json(d, text, out, err));
	for (size_t i = ids.n; i > 0; i--) {
		TRY(layer_file(d, ids.p[i - 1], "layer.tar", &path, err));
		TRY(add_layer(d, path, (struct str){ NULL, 0 }, out, err));
	}
	return 0;
}

int docker_archive_open(struct task *task, const struct archive *archive, struct str reference,
			const struct platform_wish *wish, struct image *out, struct err *err)
{
	struct docker d = {
		.task = task, .arena = &task->arena, .archive = archive, .reference = reference, .wish = wish
	};

	d.hashed.arena = d.arena;
	if (archive_has(archive, STR("manifest.json")))
		return open_by_manifest(&d, out, err);
	if (archive_has(archive, STR("repositories")))
		return open_by_repositories(&d, out, err);
	return err_set(err, E_FORMAT, "no docker archive: neither manifest.json nor repositories in it");
}
