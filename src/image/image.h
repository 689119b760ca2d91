/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/io.h"
#include "base/task.h"
#include "base/vec.h"

/* One layer of an image. open: a new reader over the bytes as stored; it verifies size and digest at its end
 * (the last read then fails with E_FORMAT instead of returning 0). Readers of one image may be used by
 * several threads. */
struct image_layer {
	/* "sha256:..." of the bytes as stored; dir: of the tree's metadata, see rootfs.h */
	struct str digest;
	uint64_t size_bytes; /* as stored; UINT64_MAX unknown */
	struct str diff_id; /* sha256 of the tar as the config says; empty unknown */
	bool verify_diff_id; /* no digest of the stored bytes was published: the tar must hash to diff_id */
	bool is_heads_first; /* dir: the first pass carries heads only; open_names gives the second */
	int (*open)(const struct image_layer *layer, struct reader **out, struct err *err);
	/* A second pass with only the named entries in full (dir:); NULL: open again. */
	int (*open_names)(const struct image_layer *layer, const struct str *names, size_t n,
			  struct reader **out, struct err *err);
	void *source;
};

struct image {
	struct str target; /* as the user wrote it */
	struct str manifest_hash; /* digest of the manifest; archives without one: of their config; dir: of
				     its layer digest */
	struct str platform; /* "linux/amd64" or "linux/arm64/v8"; empty unknown */
	VEC(struct image_layer) layers;
	uint64_t unreadable; /* dir: files and directories that could not be read and are left out */
	struct image_source *source; /* what close releases */
};

struct registry_options;

struct image_options {
	struct str platform; /* "os/arch[/variant]"; empty: the host's, then the only one there is */
	/* Lists the members of a tar archive in a confined process; see image/archive.h. */
	const struct archive_lister *lister;
	/* How registries are asked; NULL: by the defaults. platform is taken from above. */
	const struct registry_options *registry;
};

/* Open TARGET (image_target.h has the grammar; errors name the nearest valid form and list what there is:
 * tags, platforms). Memory is the task's. Close with image_close. */
int image_open(struct task *task, struct str target, const struct image_options *options, struct image *out,
	       struct err *err);
void image_close(struct image *image);
#define autoimage __attribute__((cleanup(image_close)))

/* --- archives --- */
struct archive_member {
	struct str path, target; /* normalised; target of links */
	bool is_file, is_hard_link, is_symlink;
	uint64_t offset, size; /* of the content in the archive */
};
typedef VEC(struct archive_member) archive_members;
/* Implemented over sandbox/ by cmd: image/ itself parses no tar. fd is a plain (not compressed) seekable tar.
 */
struct archive_lister {
	int (*list)(const struct archive_lister *self, struct task *task, int fd, uint64_t size,
		    archive_members *out, struct err *err);
};

#endif
