/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_IMAGE_SOURCE_H
#define IMAGE_IMAGE_SOURCE_H

#include "image/image.h"

/* What image_close releases. In the task's arena. */
struct image_source {
	int fd; /* -1: none */
	void (*release)(void *ctx); /* NULL: nothing */
	void *ctx;
};

#endif
