/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_LISTER_H
#define CMD_LISTER_H

#include "image/image.h"
#include "sandbox/sandbox.h"

/* An archive lister for image_open that asks a confined worker: image/ itself parses no tar. Borrows the
 * sandbox. */
struct worker_lister {
	struct archive_lister lister;
	const struct sandbox *sandbox;
};
void worker_lister_open(struct worker_lister *l, const struct sandbox *sandbox);

#endif
