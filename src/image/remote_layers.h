/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REMOTE_LAYERS_H
#define IMAGE_REMOTE_LAYERS_H

#include "image/image.h"
#include "model/manifest.h"
#include "net/fetch_policy.h"
#include "net/http_client.h"

/* An image whose layers are fetched by URI with the caller's headers (service.md 3.5): hashed as received,
 * digest checked at the end, compression told by magic bytes, obviously wrong types (text/html,
 * application/json) refused. The manifest and options are borrowed until image_close. Nothing is fetched
 * before a layer is opened. E_FORMAT: an URI that is not http or https. */
int image_from_manifest(struct task *task, const struct manifest *manifest,
			const struct http_client_options *client, struct image *out, struct err *err);

#endif
