/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include "base/io.h"

/* Frames between a parent and its worker: one byte type, four bytes length (little endian), payload.
 * Numbers in payloads are varints, strings are varint length + bytes (base/cursor.h). docs/worker.md has
 * the conversation. */
enum frame_type {
	/* parent to worker */
	FRAME_JOB = 1, /* what to do: struct of worker/job.h */
	FRAME_DATA = 2, /* bytes of the source */
	FRAME_END = 3, /* the source ended */
	FRAME_PIECE = 4, /* answer to FRAME_READ */
	/* worker to parent */
	FRAME_HELLO = 16, /* protocol version; the first frame */
	FRAME_AGAIN = 17, /* names wanted in a second pass */
	FRAME_FINDINGS = 18, /* varint scanner index, then a piece of the encoded findings */
	FRAME_OWNED = 19, /* varint scanner index, then a piece of the encoded owned files */
	FRAME_DONE = 20, /* totals; the last frame */
	FRAME_ERROR = 21, /* code and text; the last frame */
	FRAME_READ = 22, /* offset and length wanted of a seekable source */
	FRAME_MEMBER = 23, /* one member of an archive */
	FRAME_ADVISORIES = 24, /* a batch of advisories (model/advisory_codec.h) */
	FRAME_SKIPPED = 25, /* text: a record of a feed that was left out */
	FRAME_ENRICHMENTS = 26, /* a batch of enrichments (model/enrichment_codec.h) */
	FRAME_REPLACED = 27, /* text: a vulnerability of which what follows says everything */
};
#define FRAME_HEADER_BYTES 5
#define FRAME_PROTOCOL 1
#define FRAME_PIECE_BYTES (1024 * 1024) /* longer payloads are sent in pieces of this size */

struct frame_header {
	uint8_t type;
	uint32_t size; /* of the payload */
};
void frame_header_encode(struct frame_header header, unsigned char out[FRAME_HEADER_BYTES]);
struct frame_header frame_header_decode(const unsigned char in[FRAME_HEADER_BYTES]);

/* Write one frame. */
int frame_write(struct writer *to, enum frame_type type, struct str payload, struct err *err);
/* Read a header. Returns 1, 0 at the end of the stream, E_LIMIT (payload above LIMIT_FRAME_BYTES), or the
 * reader's error. */
int frame_read_header(struct reader *from, struct frame_header *out, struct err *err);
/* Read a header and its payload into the arena. Returns as frame_read_header. */
int frame_read(struct reader *from, struct arena *a, struct frame_header *header, struct str *payload,
	       struct err *err);

#endif
