/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope of everything that parent and worker say to each other: type, length, payload. */
#include "base/frame.h"

#include "base/arena.h"
#include "base/limits.h"

void frame_header_encode(struct frame_header header, unsigned char out[FRAME_HEADER_BYTES])
{
	out[0] = header.type;
	for (int i = 0; i < 4; i++)
		out[1 + i] = (unsigned char)(header.size >> (8 * i));
}

struct frame_header frame_header_decode(const unsigned char in[FRAME_HEADER_BYTES])
{
	struct frame_header h = { .type = in[0] };

	for (int i = 0; i < 4; i++)
		h.size |= (uint32_t)in[1 + i] << (8 * i);
	return h;
}

int frame_write(struct writer *to, enum frame_type type, struct str payload, struct err *err)
{
	unsigned char header[FRAME_HEADER_BYTES];

	frame_header_encode((struct frame_header){ (uint8_t)type, (uint32_t)payload.n }, header);
	TRY(to->write(to, header, sizeof(header), err));
	return writer_str(to, payload, err);
}

int frame_read_header(struct reader *from, struct frame_header *out, struct err *err)
{
	unsigned char bytes[FRAME_HEADER_BYTES];
	int got = reader_full(from, bytes, sizeof(bytes), err);

	if (got <= 0)
		return got;
	*out = frame_header_decode(bytes);
	if (out->size > LIMIT_FRAME_BYTES)
		return err_set(err, E_LIMIT, "frame of %u bytes, limit %llu", out->size, LIMIT_FRAME_BYTES);
	return 1;
}

int frame_read(struct reader *from, struct arena *a, struct frame_header *header, struct str *payload,
	       struct err *err)
{
	int got = frame_read_header(from, header, err);
	char *p;

	if (got <= 0)
		return got;
	p = arena_alloc_raw(a, header->size);
	*payload = (struct str){ p, header->size };
	if (header->size == 0)
		return 1;
	got = reader_full(from, p, header->size, err);
	return got == 0 ? err_set(err, E_FORMAT, "frame: payload missing") : got;
}
