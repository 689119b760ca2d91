/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_OCI_H
#define FORMAT_OCI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

/* The JSON documents of container images: OCI image-spec 1.1, Docker Image Manifest Version 2 Schema 2, and
 * what `docker save` writes. All are read from bytes in memory (at most LIMIT_MANIFEST_BYTES, else E_LIMIT);
 * everything handed out lives in the arena or borrows from the bytes, so both must outlive it. Empty strings
 * mean absent. Fields that we do not know are passed over; a known field of the wrong type is E_FORMAT. */

struct oci_platform {
	struct str os, arch, variant, os_version; /* arch as Go names it: "amd64", "arm64" */
};

/* A pointer to a blob. digest: "sha256:..." or "sha512:...", checked for form, lower case. */
struct oci_descriptor {
	struct str media_type; /* empty: none given */
	struct str digest;
	uint64_t size_bytes; /* UINT64_MAX: none given */
	struct oci_platform platform;
	struct str artifact_type;
	struct str ref_name; /* annotation org.opencontainers.image.ref.name */
	struct str image_name; /* annotation io.containerd.image.name */
	struct str
		reference_type; /* annotation vnd.docker.reference.type: "attestation-manifest" is no image */
};
typedef VEC(struct oci_descriptor) oci_descriptors;

/* What a document is. By mediaType, and where that is absent by its members: manifests[] makes an index,
 * config and layers[] a manifest. */
enum oci_kind {
	OCI_UNKNOWN, /* a JSON object, but none of these */
	OCI_MANIFEST, /* OCI image manifest or Docker schema 2 manifest */
	OCI_INDEX, /* OCI image index or Docker manifest list */
	OCI_DOCKER_V1, /* Docker schema 1 ("schemaVersion": 1), signed or not: not supported by anybody any
			  more */
};

struct oci_manifest {
	struct str media_type; /* empty: none given */
	struct str artifact_type;
	struct oci_descriptor config;
	oci_descriptors layers; /* base first; at most LIMIT_MANIFEST_LAYERS */
};

struct oci_index {
	struct str media_type;
	oci_descriptors manifests;
};

/* Either, by kind. `index` and `manifest` are only set for their kind. */
struct oci_document {
	enum oci_kind kind;
	struct oci_manifest manifest;
	struct oci_index index;
};

struct oci_config {
	struct oci_platform platform;
	VEC(struct str) diff_ids; /* of the layers' tars, base first; form checked, lower case */
	size_t history_count,
		empty_layer_count; /* entries of history[]; those with empty_layer true have no layer */
};

/* One image of a docker archive: paths are members of the archive, as written ("<hex>.json",
 * "blobs/sha256/<hex>", "<id>/layer.tar"). */
struct docker_image {
	struct str config;
	VEC(struct str) repo_tags; /* "debian:12" */
	VEC(struct str) layers; /* base first */
};
typedef VEC(struct docker_image) docker_images;

/* One tag of the legacy `repositories` file. */
struct docker_tag {
	struct str name, tag; /* "debian", "12" */
	struct str id; /* of the top layer: a directory of the archive */
};
typedef VEC(struct docker_tag) docker_tags;

/* "linux/arm64/v8" of a descriptor or config; empty when os and arch are unknown. */
struct str oci_platform_text(struct arena *a, const struct oci_platform *p);

/* A manifest or an index, whichever it is: what a registry answers, or a blob that an index names.
 * media_type: what the descriptor or Content-Type said, may be empty; the document's own mediaType wins.
 * Returns 0, E_FORMAT or E_LIMIT. OCI_UNKNOWN and OCI_DOCKER_V1 are no errors here. */
int oci_document_parse(struct arena *a, struct str text, struct str media_type, struct oci_document *out,
		       struct err *err);

/* index.json of an image layout. Must be an index. */
int oci_index_parse(struct arena *a, struct str text, struct oci_index *out, struct err *err);

/* The `oci-layout` file: E_UNSUPPORTED for an imageLayoutVersion other than 1.x. */
int oci_layout_check(struct arena *a, struct str text, struct err *err);

/* An image config, OCI's or Docker's. A config without rootfs has no diff_ids. */
int oci_config_parse(struct arena *a, struct str text, struct oci_config *out, struct err *err);

/* manifest.json of a docker archive. Images without Layers (null) are images without layers. */
int docker_archive_parse(struct arena *a, struct str text, docker_images *out, struct err *err);

/* The legacy `repositories` file of a docker archive. */
int docker_repositories_parse(struct arena *a, struct str text, docker_tags *out, struct err *err);

/* <id>/json of the oldest docker archives: the parent layer's id (empty: none) and the layer's own. */
int docker_v1_layer_parse(struct arena *a, struct str text, struct str *id, struct str *parent,
			  struct err *err);

#endif
