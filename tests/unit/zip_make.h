/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_ZIP_MAKE_H
#define TESTS_UNIT_ZIP_MAKE_H

/* Zip archives made by hand, so that each field can be wrong. */

#include "base/cursor.h"

#include <zlib.h>

enum {
	ZIP_DEFLATED = 1,
	ZIP_DESCRIPTOR = 2,
	ZIP_NO_SIGNATURE = 4,
	ZIP_64 = 8,
	ZIP_BAD_CRC = 16,
	ZIP_BAD_SIZE = 32,
	ZIP_ENCRYPTED = 64,
	ZIP_ODD_METHOD = 128
};

static inline void zip_put16(struct buffer *b, unsigned v)
{
	put_u8(b, (uint8_t)v);
	put_u8(b, (uint8_t)(v >> 8));
}

static inline struct str zip_deflate(struct arena *a, struct str s)
{
	z_stream z = { 0 };
	char *out = arena_alloc_raw(a, s.n + 1024);

	deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (Bytef *)(uintptr_t)(s.p ? s.p : "");
	z.avail_in = (uInt)s.n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)(s.n + 1024);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return (struct str){ out, z.total_out };
}

static inline void zip_sizes(struct buffer *b, unsigned how, uint32_t crc, uint64_t packed, uint64_t size)
{
	put_le32(b, crc);
	if (how & ZIP_64 && how & ZIP_DESCRIPTOR) {
		put_le64(b, packed);
		put_le64(b, size);
	} else {
		put_le32(b, (uint32_t)packed);
		put_le32(b, (uint32_t)size);
	}
}

/* Add an entry as `how` says. */
static inline void zip_entry(struct buffer *b, struct str name, struct str content, unsigned how)
{
	struct str packed = how & ZIP_DEFLATED ? zip_deflate(b->arena, content) : content;
	uint32_t crc = (uint32_t)crc32(0, (const Bytef *)(content.p ? content.p : ""), (uInt)content.n);
	uint64_t size = content.n + !!(how & ZIP_BAD_SIZE);
	bool is_late = how & ZIP_DESCRIPTOR, is_64 = how & ZIP_64;

	crc ^= !!(how & ZIP_BAD_CRC);
	put_le32(b, 0x04034b50);
	zip_put16(b, is_64 ? 45 : 20);
	zip_put16(b, (is_late ? 8 : 0) | (how & ZIP_ENCRYPTED ? 1 : 0));
	zip_put16(b, how & ZIP_ODD_METHOD ? 12 : how & ZIP_DEFLATED ? 8 : 0);
	put_le32(b, 0);
	put_le32(b, is_late ? 0 : crc);
	put_le32(b, is_64 ? UINT32_MAX : is_late ? 0 : (uint32_t)packed.n);
	put_le32(b, is_64 ? UINT32_MAX : is_late ? 0 : (uint32_t)size);
	zip_put16(b, (unsigned)name.n);
	zip_put16(b, is_64 ? 24 : 0);
	put_bytes(b, name);
	if (is_64) {
		zip_put16(b, 0x7777); /* a field of somebody else's */
		zip_put16(b, 0);
		zip_put16(b, 1);
		zip_put16(b, 16);
		put_le64(b, is_late ? 0 : size);
		put_le64(b, is_late ? 0 : packed.n);
	}
	put_bytes(b, packed);
	if (!is_late)
		return;
	if (!(how & ZIP_NO_SIGNATURE))
		put_le32(b, 0x08074b50);
	zip_sizes(b, how, crc, packed.n, size);
}

/* The end of an archive, without the directory, which nobody reads. */
static inline void zip_end(struct buffer *b)
{
	put_le32(b, 0x06054b50);
	for (int i = 0; i < 9; i++)
		zip_put16(b, 0);
}

#endif
