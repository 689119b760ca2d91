/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_DOCKER_ARCHIVE_H
#define IMAGE_DOCKER_ARCHIVE_H

#include "image/archive.h"
#include "image/platform.h"

/* Open the image of a docker archive (`docker save`) that reference names ("debian:12"), or the only one.
 * Fills out->manifest_hash, platform and layers. E_NOTFOUND lists the names there are. */
int docker_archive_open(struct task *task, const struct archive *archive, struct str reference,
			const struct platform_wish *wish, struct image *out, struct err *err);

#endif
