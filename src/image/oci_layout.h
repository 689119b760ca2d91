/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_OCI_LAYOUT_H
#define IMAGE_OCI_LAYOUT_H

#include "image/blob.h"
#include "image/image_target.h"
#include "image/platform.h"

/* Open the image of an OCI layout that the target's reference or digest names, or the only one. Fills
 * out->manifest_hash, platform and layers. E_NOTFOUND lists tags or platforms; E_UNSUPPORTED names what is no
 * layer we know. */
int oci_layout_open(struct task *task, const struct blob_store *store, const struct image_target *target,
		    const struct platform_wish *wish, struct image *out, struct err *err);

#endif
