/* SPDX-License-Identifier: Apache-2.0 */
/* Mutations as blind as those of a bad disk and as mean as small edits can be. */
#include "campaign/mutate.h"

#include "base/limits.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

uint64_t dice_below(struct dice *d, uint64_t n)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return n ? (d->state * 2685821657736338717u >> 11) % n : 0;
}

struct text {
	char *p;
	size_t n, cap;
};

static void flip(struct dice *d, struct text *t)
{
	t->p[dice_below(d, t->n)] ^= (char)(1 << dice_below(d, 8));
}

/* One byte: 0, all ones, a digit, or anything. */
static void set_byte(struct dice *d, struct text *t)
{
	static const unsigned char favourites[] = { 0, 0xff, 0x7f, 0x80, '0', '7', '/', '\n', '"', '{' };
	uint64_t i = dice_below(d, sizeof(favourites) * 2);

	t->p[dice_below(d, t->n)] = (char)(i < sizeof(favourites) ? favourites[i] : dice_below(d, 256));
}

static void set_number(struct dice *d, struct text *t)
{
	static const uint32_t numbers[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0x01000000 };
	uint32_t n = numbers[dice_below(d, sizeof(numbers) / sizeof(numbers[0]))];

	if (t->n >= 4)
		memcpy(t->p + dice_below(d, t->n - 3), &n, 4);
}

static void cut(struct dice *d, struct text *t)
{
	t->n = 1 + dice_below(d, t->n);
}

/* Copy n bytes of `from` into the text, in front of `at`. */
static void insert(struct text *t, size_t at, const char *from, size_t n)
{
	if (n > t->cap - t->n)
		return;
	memmove(t->p + at + n, t->p + at, t->n - at);
	memcpy(t->p + at, from, n);
	t->n += n;
}

static size_t piece(struct dice *d, size_t n, size_t *at)
{
	size_t size = dice_below(d, 2) ? 512 * (1 + dice_below(d, 4)) : 1 + dice_below(d, 64);

	*at = dice_below(d, n);
	if (dice_below(d, 2))
		*at &= ~(size_t)511; /* where the blocks of a tar begin */
	return size < n - *at ? size : n - *at;
}

static void copy_piece(struct dice *d, struct text *t, struct str from)
{
	size_t at, n;
	char taken[2048];

	if (!from.n)
		return;
	n = piece(d, from.n, &at);
	memcpy(taken, from.p + at, n);
	insert(t, dice_below(d, t->n) & (dice_below(d, 2) ? ~(size_t)511 : ~(size_t)0), taken, n);
}

static void drop_piece(struct dice *d, struct text *t)
{
	size_t at, n = piece(d, t->n, &at);

	if (n >= t->n)
		return;
	memmove(t->p + at, t->p + at + n, t->n - at - n);
	t->n -= n;
}

/* Make the checksums of tar headers right again, so that what is wrong inside them is looked at. */
static void repair_tar(struct text *t)
{
	for (size_t at = 0; at + 512 <= t->n; at += 512) {
		char *block = t->p + at;
		unsigned sum = 0;

		if (memcmp(block + 257, "ustar", 5) != 0)
			continue;
		memset(block + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += (unsigned char)block[i];
		for (int i = 5; i >= 0; i--, sum /= 8)
			block[148 + i] = (char)('0' + sum % 8);
		block[154] = 0;
	}
}

struct str mutate(struct dice *d, struct arena *a, struct str bytes, struct str other)
{
	struct text t = { arena_alloc_raw(a, bytes.n * 2 + 16384), bytes.n, bytes.n * 2 + 16384 };

	memcpy(t.p, bytes.p, bytes.n);
	for (uint64_t left = 1 + dice_below(d, 1 + dice_below(d, 8)); left && t.n; left--) {
		switch (dice_below(d, 16)) {
		case 0: cut(d, &t); break;
		case 1: drop_piece(d, &t); break;
		case 2: copy_piece(d, &t, (struct str){ t.p, t.n }); break;
		case 3: copy_piece(d, &t, other); break;
		case 4: set_number(d, &t); break;
		case 5:
		case 6: set_byte(d, &t); break;
		default: flip(d, &t);
		}
	}
	if (dice_below(d, 4))
		repair_tar(&t);
	return (struct str){ t.p, t.n };
}

static size_t pack_gzip(struct str in, char *out, size_t room)
{
	z_stream z = { .next_in = (Bytef *)in.p,
		       .avail_in = (uInt)in.n,
		       .next_out = (Bytef *)out,
		       .avail_out = (uInt)room };

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	deflateEnd(&z);
	return z.total_out;
}

static size_t pack_zstd(struct str in, char *out, size_t room)
{
	size_t n = ZSTD_compress(out, room, in.p, in.n, 3);

	return ZSTD_isError(n) ? (abort(), 0) : n;
}

static size_t pack_bzip2(struct str in, char *out, size_t room)
{
	unsigned n = (unsigned)room;

	if (BZ2_bzBuffToBuffCompress(out, &n, (char *)in.p, (unsigned)in.n, 1, 0, 0) != BZ_OK)
		abort();
	return n;
}

static size_t pack_xz(struct str in, char *out, size_t room)
{
	size_t n = 0;

	if (lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, (const uint8_t *)in.p, in.n, (uint8_t *)out,
				    &n, room) != LZMA_OK)
		abort();
	return n;
}

struct str pack(struct arena *a, unsigned how, struct str bytes)
{
	static size_t (*const packers[])(struct str, char *, size_t) = { pack_gzip, pack_zstd, pack_bzip2,
									 pack_xz };
	size_t room = bytes.n + bytes.n / 8 + 16384;
	char *out;

	if (how == 0)
		return bytes;
	out = arena_alloc_raw(a, room);
	return (struct str){ out, packers[how - 1](bytes, out, room) };
}
