/* SPDX-License-Identifier: Apache-2.0 */
/* From TARGET to an image: which kind of place it names, and who opens that.
 * Source: docs/targets.md.
 * Easy to get wrong: newer `docker save` archives are both, an OCI layout and a docker archive; the scheme
 * says how they are read, and without a scheme the OCI side is, as its manifests are addressed by digest. */
#include "image/image.h"

#include "image/archive.h"
#include "image/docker_archive.h"
#include "image/image_source.h"
#include "image/image_target.h"
#include "image/oci_layout.h"
#include "image/platform.h"
#include "image/registry.h"
#include "image/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the functions of this file pass on. */
struct opening {
	struct task *task;
	const struct image_options *options;
	struct image_target target;
	struct platform_wish wish;
	bool is_directory;
};

static bool path_exists(void *ctx, struct str path)
{
	char terminated[PATH_MAX];
	struct stat st;

	(void)ctx;
	if (path.n >= sizeof(terminated))
		return false;
	snprintf(terminated, sizeof(terminated), STR_FMT, STR_ARG(path));
	return stat(terminated, &st) == 0;
}

void image_close(struct image *image)
{
	struct image_source *s = image->source;

	if (!s)
		return;
	fd_closep(&s->fd);
	s->fd = -1;
	if (s->release)
		s->release(s->ctx);
	s->release = NULL;
}

static int open_directory(struct opening *o, struct image *out, struct err *err)
{
	int fd = open(o->target.path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, E_IO, "%m");
	out->source->fd = fd;
	return 0;
}

static int open_layout(struct opening *o, struct image *out, struct err *err)
{
	struct blob_store *store = ARENA_NEW(&o->task->arena, struct blob_store);

	if (!o->is_directory)
		return err_set(err, E_CONFIG, "not a directory; for a tar file write oci-archive:");
	TRY(open_directory(o, out, err));
	blob_store_open_directory(store, out->source->fd);
	return oci_layout_open(o->task, store, &o->target, &o->wish, out, err);
}

static int open_rootfs(struct opening *o, struct image *out, struct err *err)
{
	if (!o->is_directory)
		return err_set(err, E_CONFIG, "not a directory");
	if (o->target.reference.n || o->target.digest.n)
		return err_set(err, E_CONFIG, "a plain directory (no image layout) has no tags or digests");
	TRY(open_directory(o, out, err));
	return rootfs_open(o->task, out->source->fd, out, err);
}

/* Which of the two the archive is read as. */
static enum image_kind archive_kind(const struct archive *a, enum image_kind asked)
{
	if (asked != IMAGE_BY_CONTENT)
		return asked;
	if (archive_has(a, STR("oci-layout")) && archive_has(a, STR("index.json")))
		return IMAGE_OCI_ARCHIVE;
	return IMAGE_DOCKER_ARCHIVE;
}

static int read_archive(struct opening *o, const struct archive *a, struct image *out, struct err *err)
{
	bool has_index = archive_has(a, STR("index.json"));
	bool has_docker = archive_has(a, STR("manifest.json")) || archive_has(a, STR("repositories"));

	if (!has_index && !has_docker)
		return err_set(err, E_FORMAT,
			       "no image in the archive: neither index.json nor manifest.json; to scan a "
			       "file system, unpack it and write dir:");
	if (archive_kind(a, o->target.kind) == IMAGE_DOCKER_ARCHIVE)
		return docker_archive_open(o->task, a, o->target.reference, &o->wish, out, err);
	if (!has_index)
		return err_set(err, E_FORMAT, "no index.json in the archive; write docker-archive:");
	return oci_layout_open(o->task, &a->store, &o->target, &o->wish, out, err);
}

static int open_archive(struct opening *o, struct image *out, struct err *err)
{
	struct archive *a = ARENA_NEW(&o->task->arena, struct archive);

	if (o->is_directory)
		return err_set(err, E_CONFIG,
			       "a directory; for an image layout write oci:, for a file system dir:");
	TRY(archive_open(o->task, o->target.path, o->options->lister, a, err));
	out->source->fd = a->store.fd;
	return read_archive(o, a, out, err);
}

/* A bare path: a layout has the file that says so. */
static int open_by_content(struct opening *o, struct image *out, struct err *err)
{
	struct str marker = str_format(&o->task->arena, STR_FMT "/oci-layout", STR_ARG(o->target.path));

	if (!o->is_directory)
		return open_archive(o, out, err);
	return path_exists(NULL, marker) ? open_layout(o, out, err) : open_rootfs(o, out, err);
}

static int open_kind(struct opening *o, struct image *out, struct err *err)
{
	struct stat st;

	if (stat(o->target.path.p, &st) < 0)
		return err_set(err, errno == ENOENT ? E_NOTFOUND : E_IO, "%m");
	o->is_directory = S_ISDIR(st.st_mode);
	switch (o->target.kind) {
	case IMAGE_OCI: return open_layout(o, out, err);
	case IMAGE_OCI_ARCHIVE:
	case IMAGE_DOCKER_ARCHIVE: return open_archive(o, out, err);
	case IMAGE_DIRECTORY: return open_rootfs(o, out, err);
	case IMAGE_REGISTRY:
	case IMAGE_BY_CONTENT: break;
	}
	return open_by_content(o, out, err);
}

/* Errors name the reference in full. */
static int open_registry(struct opening *o, struct image *out, struct err *err)
{
	struct registry_options options = { 0 };

	if (o->options->registry)
		options = *o->options->registry;
	options.platform = o->options->platform;
	return registry_open(o->task, o->target.path, &options, out, err);
}

int image_open(struct task *task, struct str target, const struct image_options *options, struct image *out,
	       struct err *err)
{
	struct opening o = { .task = task, .options = options };
	struct image image = { .target = str_copy(&task->arena, target) };
	int code;

	TRY(platform_wish_parse(&task->arena, options->platform, &o.wish, err));
	TRY(image_target_parse(&task->arena, target, path_exists, NULL, &o.target, err));
	if (o.target.kind == IMAGE_REGISTRY)
		return open_registry(&o, out, err);
	image.source = ARENA_NEW(&task->arena, struct image_source);
	image.source->fd = -1;
	code = open_kind(&o, &image, err);
	if (code < 0) {
		image_close(&image);
		return err_wrap(err, STR_FMT, STR_ARG(o.target.path));
	}
	*out = image;
	return 0;
}
