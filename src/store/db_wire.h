/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_WIRE_H
#define STORE_DB_WIRE_H

#include "base/cursor.h"

/* Values as PostgreSQL sends them in binary, and its numbers of types. */
enum wire_type {
	WIRE_UNKNOWN = 0, /* the server finds out */
	WIRE_BYTEA = 17,
	WIRE_INT8 = 20,
	WIRE_TEXT = 25,
	WIRE_NUMERIC = 1700,
};

/* A column as a number, whatever its width; numerics are cut to whole numbers. */
int64_t wire_int(unsigned type, struct str bytes);
uint64_t wire_be64(int64_t v);

/* An array being put together: one parameter of many runs. Zero-initialised with .bytes.arena set. */
struct wire_array {
	struct buffer bytes;
	enum wire_type type; /* WIRE_UNKNOWN: nothing but NULL yet */
	uint32_t n;
};
void wire_array_clear(struct wire_array *a);
void wire_array_add(struct wire_array *a, enum wire_type type, struct str value);
void wire_array_add_null(struct wire_array *a);
/* The whole, valid until the next change. */
struct str wire_array_end(struct wire_array *a);

#endif
