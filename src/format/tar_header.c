/* SPDX-License-Identifier: Apache-2.0 */
/* The 512 byte header block of a tar member.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format",
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 * Easy to get wrong: there are three layouts behind the same first 257 bytes. Only POSIX headers have a
 * name prefix at 345; old GNU headers keep times and sparse descriptors there, v7 headers anything. */
#include "format/tar_internal.h"

enum {
	NAME = 0,
	NAME_N = 100,
	MODE = 100,
	MODE_N = 8,
	SIZE = 124,
	SIZE_N = 12,
	CHECKSUM = 148,
	CHECKSUM_N = 8,
	FLAG = 156,
	LINK = 157,
	LINK_N = 100,
	MAGIC = 257,
	DEV_MAJOR = 329,
	DEV_MINOR = 337,
	DEV_N = 8,
	PREFIX = 345,
	PREFIX_N = 155,
};

bool tar_block_is_zero(const unsigned char *block)
{
	static const unsigned char zeros[TAR_BLOCK_BYTES];

	return block[0] == 0 && memcmp(block, zeros, sizeof(zeros)) == 0;
}

struct str tar_text(const unsigned char *field, size_t n)
{
	return (struct str){ (const char *)field, strnlen((const char *)field, n) };
}

static bool binary_number(const unsigned char *field, size_t n, uint64_t *out)
{
	uint64_t v = field[0] & 0x3f;

	if (field[0] & 0x40) /* negative */
		return false;
	for (size_t i = 1; i < n; i++) {
		if (v >> 55)
			return false;
		v = v << 8 | field[i];
	}
	*out = v;
	return true;
}

bool tar_number(const unsigned char *field, size_t n, uint64_t *out)
{
	struct str digits;
	uint64_t v = 0;

	if (field[0] & 0x80)
		return binary_number(field, n, out);
	digits = str_strip((struct str){ (const char *)field, n }, (struct str){ " \0", 2 });
	digits.n = str_find(digits, '\0');
	for (size_t i = 0; i < digits.n; i++) {
		unsigned d = (unsigned char)digits.p[i] - '0';

		if (d > 7 || v >> 60)
			return false;
		v = v << 3 | d;
	}
	*out = v;
	return true;
}

/* Eight bytes at a time: 64 words of 16-bit lanes that reach at most 64 * 510. */
static uint32_t sum_bytes(const unsigned char *block)
{
	const uint64_t even = 0x00ff00ff00ff00ffu;
	uint64_t lanes = 0, w;

	for (size_t i = 0; i < TAR_BLOCK_BYTES; i += sizeof(w)) {
		memcpy(&w, block + i, sizeof(w));
		lanes += (w & even) + (w >> 8 & even);
	}
	return (uint32_t)((lanes & 0xffff) + (lanes >> 16 & 0xffff) + (lanes >> 32 & 0xffff) + (lanes >> 48));
}

/* The field itself counts as spaces. Old writers summed signed bytes, and every reader takes both. */
static bool checksum_is_right(const unsigned char *block)
{
	uint32_t sum = sum_bytes(block) + CHECKSUM_N * ' ', high = 0;
	uint64_t stored;

	if (!tar_number(block + CHECKSUM, CHECKSUM_N, &stored))
		return false;
	for (size_t i = CHECKSUM; i < CHECKSUM + CHECKSUM_N; i++)
		sum -= block[i];
	if (stored == sum)
		return true;
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
		high += block[i] >= 0x80 && (i < CHECKSUM || i >= CHECKSUM + CHECKSUM_N);
	return stored + (uint64_t)high * 256 == sum;
}

/* A field that nothing depends on: writers put odd things there. */
static uint32_t small_number(const unsigned char *field, size_t n)
{
	uint64_t v;

	return tar_number(field, n, &v) ? (uint32_t)v : 0;
}

static bool is_posix(const unsigned char *block)
{
	return memcmp(block + MAGIC, "ustar\0", 6) == 0 || memcmp(block + MAGIC, "ustar 00", 8) == 0;
}

int tar_header_decode(const unsigned char *block, struct tar_header *out, struct err *err)
{
	if (!checksum_is_right(block))
		return err_set(err, E_FORMAT, "not a tar header: its checksum is wrong");
	*out = (struct tar_header){
		.name = tar_text(block + NAME, NAME_N),
		.link = tar_text(block + LINK, LINK_N),
		.mode = small_number(block + MODE, MODE_N),
		.flag = (char)block[FLAG],
	};
	if (!tar_number(block + SIZE, SIZE_N, &out->size))
		return err_set(err, E_FORMAT, "tar header: bad size");
	if (out->flag == '3' || out->flag == '4') {
		out->dev_major = small_number(block + DEV_MAJOR, DEV_N);
		out->dev_minor = small_number(block + DEV_MINOR, DEV_N);
	}
	if (is_posix(block))
		out->prefix = tar_text(block + PREFIX, PREFIX_N);
	return 0;
}
