/* SPDX-License-Identifier: Apache-2.0 */
/* Binary values of PostgreSQL: network byte order. Source: PostgreSQL documentation, "Data Types" and the
 * functions int8recv, array_recv and numeric_send of its sources (array: dimensions, a flag for NULLs, type
 * of elements; per dimension size and lower bound; per element length or -1, and bytes). What one would get
 * wrong: sum() of 64-bit numbers is a numeric, which has digits to the base 10000. */
#include "store/db_wire.h"

#include <endian.h>
#include <string.h>

enum { ARRAY_HEAD = 20 };

uint64_t wire_be64(int64_t v)
{
	return htobe64((uint64_t)v);
}

static int64_t numeric_int(struct cursor *c)
{
	unsigned digits = get_be16(c);
	int weight = (int16_t)get_be16(c);
	bool is_negative = get_be16(c) == 0x4000;
	uint64_t v = 0;

	get_be16(c);
	for (int i = 0; i <= weight && i < 5; i++)
		v = v * 10000 + ((unsigned)i < digits ? get_be16(c) : 0);
	return is_negative ? -(int64_t)v : (int64_t)v;
}

int64_t wire_int(unsigned type, struct str bytes)
{
	struct cursor c = cursor_of(bytes);

	if (type == WIRE_NUMERIC)
		return numeric_int(&c);
	switch (bytes.n) {
	case 1: return get_u8(&c);
	case 2: return (int16_t)get_be16(&c);
	case 4: return (int32_t)get_be32(&c);
	case 8: return (int64_t)get_be64(&c);
	default: return 0;
	}
}

static void put_be32(struct buffer *b, uint32_t v)
{
	put_le32(b, __builtin_bswap32(v));
}

void wire_array_clear(struct wire_array *a)
{
	a->bytes.n = a->n = 0;
	a->type = WIRE_UNKNOWN;
	for (int i = 0; i < ARRAY_HEAD / 4; i++)
		put_be32(&a->bytes, 0);
}

void wire_array_add(struct wire_array *a, enum wire_type type, struct str value)
{
	a->type = type;
	a->n++;
	put_be32(&a->bytes, (uint32_t)value.n);
	put_bytes(&a->bytes, value);
}

void wire_array_add_null(struct wire_array *a)
{
	a->n++;
	put_be32(&a->bytes, UINT32_MAX);
}

struct str wire_array_end(struct wire_array *a)
{
	const uint32_t head[ARRAY_HEAD / 4] = { htobe32(1), htobe32(1), htobe32(a->type), htobe32(a->n),
						htobe32(1) };

	memcpy(a->bytes.p, head, ARRAY_HEAD);
	return buffer_str(&a->bytes);
}
