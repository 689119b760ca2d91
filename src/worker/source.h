/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_SOURCE_H
#define WORKER_SOURCE_H

#include "base/io.h"

/* The bytes of FRAME_DATA frames as one stream, up to FRAME_END. */
struct data_source {
	struct reader reader, *in;
	uint32_t left; /* of the current frame */
	bool ended;
};
void data_source_open(struct data_source *s, struct reader *in);

/* A file of the parent's, read through FRAME_READ and FRAME_PIECE; passing over bytes costs nothing. */
struct file_source {
	struct reader reader, *in;
	struct writer *out;
	uint64_t offset, size;
};
void file_source_open(struct file_source *s, struct reader *in, struct writer *out, uint64_t size);

#endif
