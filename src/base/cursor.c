/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing binary fields without ever trusting a length. */
#include "base/cursor.h"

enum { VARINT_BYTES = 10 }; /* at most, for 64 bits */

static const unsigned char *take(struct cursor *c, size_t n)
{
	const unsigned char *p = c->p;

	if (c->bad || cursor_left(c) < n) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	return p;
}

static uint64_t big_endian(struct cursor *c, size_t n)
{
	const unsigned char *p = take(c, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static uint64_t little_endian(struct cursor *c, size_t n)
{
	const unsigned char *p = take(c, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

uint8_t get_u8(struct cursor *c)
{
	const unsigned char *p = take(c, 1);

	return p ? *p : 0;
}
uint16_t get_le16(struct cursor *c)
{
	return (uint16_t)little_endian(c, 2);
}
uint32_t get_le32(struct cursor *c)
{
	return (uint32_t)little_endian(c, 4);
}
uint64_t get_le64(struct cursor *c)
{
	return little_endian(c, 8);
}
uint16_t get_be16(struct cursor *c)
{
	return (uint16_t)big_endian(c, 2);
}
uint32_t get_be32(struct cursor *c)
{
	return (uint32_t)big_endian(c, 4);
}
uint64_t get_be64(struct cursor *c)
{
	return big_endian(c, 8);
}

struct str get_bytes(struct cursor *c, size_t n)
{
	const unsigned char *p = take(c, n);

	return p ? (struct str){ (const char *)p, n } : (struct str){ NULL, 0 };
}

uint64_t get_varint(struct cursor *c)
{
	uint64_t v = 0;

	if (!c->bad && c->p < c->end && *c->p < 0x80) /* most are short */
		return *c->p++;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b = get_u8(c);

		if (shift == 63 && b > 1)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return c->bad ? 0 : v;
	}
	c->bad = true;
	return 0;
}

struct str get_string(struct cursor *c, size_t max)
{
	uint64_t n = get_varint(c);

	if (n > max)
		c->bad = true;
	return get_bytes(c, c->bad ? 0 : (size_t)n);
}

static __attribute__((noinline)) void make_room(struct buffer *b, size_t n)
{
	size_t need = size_add(b->n, n), cap = b->cap ? b->cap : 256;

	while (cap < need)
		cap = size_mul(cap, 2);
	b->p = arena_grow(b->arena, b->p, b->cap, cap);
	b->cap = cap;
}

/* Have room for n bytes more. */
static inline void reserve(struct buffer *b, size_t n)
{
	if (b->cap - b->n < n)
		make_room(b, n);
}

void put_bytes(struct buffer *b, struct str s)
{
	reserve(b, s.n);
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void put_u8(struct buffer *b, uint8_t v)
{
	reserve(b, 1);
	b->p[b->n++] = v;
}

static void put_little_endian(struct buffer *b, uint64_t v, size_t n)
{
	reserve(b, n);
	for (size_t i = 0; i < n; i++)
		b->p[b->n++] = (uint8_t)(v >> (8 * i));
}

void put_le32(struct buffer *b, uint32_t v)
{
	put_little_endian(b, v, 4);
}

void put_le64(struct buffer *b, uint64_t v)
{
	put_little_endian(b, v, 8);
}

void put_varint(struct buffer *b, uint64_t v)
{
	reserve(b, VARINT_BYTES);
	for (; v >= 0x80; v >>= 7)
		b->p[b->n++] = (uint8_t)(v | 0x80);
	b->p[b->n++] = (uint8_t)v;
}

void put_string(struct buffer *b, struct str s)
{
	put_varint(b, s.n);
	put_bytes(b, s);
}
