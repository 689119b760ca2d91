/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_OCI_IMAGE_H
#define IMAGE_OCI_IMAGE_H

#include "image/image.h"
#include "image/platform.h"

/* Where the documents and layers of an image are: a layout, a registry. */
struct oci_source {
	struct task *task;
	const struct platform_wish *wish;
	/* The bytes of a manifest, index or config, checked against the descriptor, in the task's arena. What
	 * the descriptor leaves open (a registry's tag has neither digest nor type) is filled in. */
	int (*read)(struct oci_source *s, struct oci_descriptor *d, bool is_manifest, struct str *out,
		    struct err *err);
	/* Fill in open and source of a layer. */
	int (*layer)(struct oci_source *s, const struct oci_descriptor *d, struct image_layer *out,
		     struct err *err);
};

/* From d down to the manifest for the wanted platform; d becomes its descriptor. E_NOTFOUND (no such
 * platform: lists them), E_UNSUPPORTED, E_LIMIT, E_FORMAT. */
int oci_image_resolve(struct oci_source *s, struct oci_descriptor *d, struct oci_manifest *out,
		      struct err *err);
/* Fill out->manifest_hash, platform and layers. d: the manifest's descriptor. */
int oci_image_fill(struct oci_source *s, const struct oci_descriptor *d, const struct oci_manifest *manifest,
		   struct image *out, struct err *err);

#endif
