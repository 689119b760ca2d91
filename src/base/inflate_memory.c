/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory a stream asks its decoder for, read from its first bytes: zstd's window (RFC 8878 3.1.1.1)
 * and the dictionary of xz's first LZMA2 filter (The .xz File Format 1.2.0, 3.1 and 5.3.1). */
#include "base/inflate.h"

#include "base/cursor.h"
#include "base/limits.h"

enum { SMALL_DECODER = 1024 * 1024, BZIP2_DECODER = 4 * 1024 * 1024, LZMA2 = 0x21 };
#define ZSTD_MAGIC 0xfd2fb528u

/* Frame_Content_Size of a frame without a window descriptor. */
static uint64_t content_size(struct cursor *c, unsigned descriptor)
{
	static const size_t dictionary_id[] = { 0, 1, 2, 4 };

	get_bytes(c, dictionary_id[descriptor & 3]);
	switch (descriptor >> 6) {
	case 0: return get_u8(c);
	case 1: return get_le16(c) + 256u;
	case 2: return get_le32(c);
	default: return get_le64(c);
	}
}

static uint64_t zstd_window(struct cursor *c)
{
	unsigned descriptor, window;

	if (get_le32(c) != ZSTD_MAGIC) /* a skippable frame: what follows it may ask for anything */
		return UINT64_MAX;
	descriptor = get_u8(c);
	if (descriptor & 0x20)
		return content_size(c, descriptor);
	window = get_u8(c);
	return (8ull + (window & 7)) << (7 + (window >> 3));
}

static uint64_t xz_number(struct cursor *c)
{
	return get_varint(c); /* the same base-128 form */
}

static uint64_t xz_dictionary(struct cursor *c)
{
	unsigned flags, bits;

	get_bytes(c, 12); /* stream header */
	get_u8(c); /* size of the block header */
	flags = get_u8(c);
	if (flags & 0x40)
		xz_number(c);
	if (flags & 0x80)
		xz_number(c);
	for (unsigned left = (flags & 3) + 1; left && !c->bad; left--) {
		uint64_t filter = xz_number(c), properties = xz_number(c);

		if (filter == LZMA2 && properties == 1) {
			bits = get_u8(c) & 0x3f;
			return (2ull | (bits & 1)) << (bits / 2 + 11);
		}
		get_bytes(c, properties > 64 ? 64 : (size_t)properties);
	}
	return 0;
}

uint64_t inflate_memory(struct str head)
{
	struct cursor c = cursor_of(head);
	uint64_t window = 0, limit = LIMIT_XZ_MEMORY_BYTES;

	switch (compression_of(head)) {
	case COMPRESSION_ZSTD:
		window = zstd_window(&c);
		limit = 1ull << LIMIT_ZSTD_WINDOW_LOG;
		break;
	case COMPRESSION_XZ: window = xz_dictionary(&c); break;
	case COMPRESSION_BZIP2: return BZIP2_DECODER;
	default: return SMALL_DECODER;
	}
	if (c.bad)
		window = 0;
	return SMALL_DECODER + (window < limit ? window : limit);
}
