/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/arena.h"
#include "base/str.h"

/* Walks untrusted bytes. The first read past the end makes it bad for good: every later read gives 0 or
 * empty, and the caller asks once, at the end. */
struct cursor {
	const unsigned char *p, *end;
	bool bad;
};

static inline struct cursor cursor_of(struct str s)
{
	const unsigned char *p = (const unsigned char *)(s.p ? s.p : ""); /* C has no NULL + 0 */

	return (struct cursor){ p, p + s.n, false };
}
static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

uint8_t get_u8(struct cursor *c);
uint16_t get_le16(struct cursor *c);
uint32_t get_le32(struct cursor *c);
uint64_t get_le64(struct cursor *c);
uint16_t get_be16(struct cursor *c);
uint32_t get_be32(struct cursor *c);
uint64_t get_be64(struct cursor *c);
/* n bytes, borrowed. */
struct str get_bytes(struct cursor *c, size_t n);
/* LEB128, at most 64 bits: the number format of our own frames. */
uint64_t get_varint(struct cursor *c);
/* A varint length and that many bytes; bad when longer than max. */
struct str get_string(struct cursor *c, size_t max);

/* Signed numbers as varints: 0, -1, 1, -2 ... are 0, 1, 2, 3 ... */
static inline uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}
static inline int64_t zagzig(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

/* A growing buffer in an arena, the writing twin of the cursor. Zero with .arena set is empty. */
struct buffer {
	struct arena *arena;
	unsigned char *p;
	size_t n, cap;
};
void put_bytes(struct buffer *b, struct str s);
void put_u8(struct buffer *b, uint8_t v);
void put_le32(struct buffer *b, uint32_t v);
void put_le64(struct buffer *b, uint64_t v);
void put_varint(struct buffer *b, uint64_t v);
void put_string(struct buffer *b, struct str s);
static inline struct str buffer_str(const struct buffer *b)
{
	return (struct str){ (const char *)b->p, b->n };
}

#endif
