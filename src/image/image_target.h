/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_IMAGE_TARGET_H
#define IMAGE_IMAGE_TARGET_H

#include "base/err.h"
#include "base/str.h"

struct arena;

enum image_kind {
	IMAGE_BY_CONTENT,
	IMAGE_OCI,
	IMAGE_OCI_ARCHIVE,
	IMAGE_DOCKER_ARCHIVE,
	IMAGE_DIRECTORY,
	IMAGE_REGISTRY,
};

/* What the user named. */
struct image_target {
	enum image_kind kind;
	struct str path; /* NUL-terminated, not empty; registry: the reference as written */
	struct str reference; /* tag or name; empty: none */
	struct str digest; /* "sha256:..."; empty: none */
};

/* Does this path exist? A question to the caller, so that the grammar itself touches no file. */
typedef bool image_path_exists(void *ctx, struct str path);

/* Parse TARGET:
 *   oci:DIR[:TAG|@DIGEST]  oci-archive:FILE[:TAG|@DIGEST]  docker-archive:FILE[:REF]  dir:PATH
 *   registry:REF  docker://REF
 * PATH[:TAG|@DIGEST] A path that exists as written is never cut; otherwise the first ':' ends it where that
 * gives a path that exists. What is no path at all is REF, [HOST[:PORT]/]NAME[:TAG][@DIGEST], unless it
 * begins with '/', '.' or '~', looks like the name of an archive, or like a misspelt scheme. Returns 0,
 * E_CONFIG (malformed, unknown scheme), E_NOTFOUND (no such path). */
int image_target_parse(struct arena *a, struct str text, image_path_exists *exists, void *ctx,
		       struct image_target *out, struct err *err);

/* Do two image references name the same image? "alpine" is "docker.io/library/alpine:latest". */
bool image_reference_eq(struct str a, struct str b);
/* "3.18" of "docker.io/library/alpine:3.18"; empty when there is no tag. */
struct str image_reference_tag(struct str reference);

#endif
