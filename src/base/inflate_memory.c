/* SPDX-License-Identifier: Apache-2.0 */
/* What memory the header of a compressed stream asks for, so that callers can admit work before it starts.
 * Sources: RFC 8878 3.1.1.1 (zstd frame header); The .xz File Format 1.2.0, sections 3.1 and 5.3.1 (block
 * header, LZMA2 dictionary size). Easy to get wrong: this is what the first frame says; later ones may want
 * more. The decoders' own limits hold all. */
#include "base/cursor.h"
#include "base/inflate.h"
#include "base/limits.h"

#define BASE_BYTES MIB /* our buffers and the decoder's tables */
#define WINDOW_MAX (1ull << LIMIT_ZSTD_WINDOW_LOG)

static uint64_t at_most(uint64_t n, uint64_t max)
{
	return n < max ? n : max;
}

/* The size of a frame that is one segment: then it is the window. */
static uint64_t zstd_content_size(struct cursor *c, unsigned flag)
{
	switch (flag) {
	case 0: return get_u8(c);
	case 1: return get_le16(c) + 256u;
	case 2: return get_le32(c);
	default: return get_le64(c);
	}
}

static uint64_t zstd_window(struct cursor *c)
{
	static const size_t dictionary_id_bytes[] = { 0, 1, 2, 4 };
	uint32_t magic = get_le32(c);
	unsigned descriptor = get_u8(c), window;
	uint64_t size;

	if (magic != 0xfd2fb528)
		return WINDOW_MAX; /* a skippable frame: the real one is out of sight */
	if (descriptor & 0x20) {
		get_bytes(c, dictionary_id_bytes[descriptor & 3]);
		return zstd_content_size(c, descriptor >> 6);
	}
	window = get_u8(c);
	size = 1ull << (10 + (window >> 3));
	return size + size / 8 * (window & 7);
}

/* The dictionary of the LZMA2 filter of the first block. */
static uint64_t xz_dictionary(struct cursor *c)
{
	enum { LZMA2 = 0x21, STREAM_HEADER_BYTES = 12 };
	unsigned flags, bits;

	get_bytes(c, STREAM_HEADER_BYTES);
	get_u8(c); /* size of the block header */
	flags = get_u8(c);
	if (flags & 0x40)
		get_varint(c);
	if (flags & 0x80)
		get_varint(c);
	for (unsigned filters = (flags & 3) + 1; filters > 0; filters--) {
		uint64_t id = get_varint(c), size = get_varint(c);

		if (id == LZMA2) {
			bits = get_u8(c);
			return bits < 40 ? (2ull | (bits & 1)) << (bits / 2 + 11) : LIMIT_XZ_MEMORY_BYTES;
		}
		get_bytes(c, size);
	}
	return 0;
}

uint64_t inflate_memory(struct str head)
{
	struct cursor c = cursor_of(head);
	uint64_t n;

	switch (compression_of(head)) {
	case COMPRESSION_BZIP2: return 4 * MIB;
	case COMPRESSION_ZSTD: n = at_most(zstd_window(&c), WINDOW_MAX); break;
	case COMPRESSION_XZ: n = at_most(xz_dictionary(&c), LIMIT_XZ_MEMORY_BYTES); break;
	default: return BASE_BYTES;
	}
	return BASE_BYTES + (c.bad ? 0 : n);
}
