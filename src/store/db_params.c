/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters for PostgreSQL. Source: PostgreSQL documentation, "libpq: Command Execution Functions",
 * PQexecParams. What one would get wrong: a NULL has no type of its own; of a single parameter the server
 * finds it out, and of an array that is all NULL nobody can, so that the statement says NULL instead
 * (db_dialect.h). */
#include "store/db_params.h"

#include <assert.h>

enum { BATCH_RUNS = 1000, BATCH_BYTES = 1024 * 1024 };

void params_clear(struct params *p)
{
	p->n = 0;
	arena_reset(&p->arena);
}

/* A parameter; bytes NULL is NULL. */
static void bind(struct params *p, int i, enum wire_type type, const void *bytes, size_t n)
{
	assert(i <= PARAMETERS);
	p->n = i;
	if (p->arrays && bytes)
		wire_array_add(&p->arrays[i - 1], type, (struct str){ bytes, n });
	else if (p->arrays)
		wire_array_add_null(&p->arrays[i - 1]);
	if (!p->are_typed)
		p->types[i - 1] = type;
	p->values[i - 1] = bytes;
	p->lengths[i - 1] = (int)n;
	p->formats[i - 1] = 1;
}

void params_bind_int(void *params, int i, int64_t v)
{
	struct params *p = params;

	p->numbers[i - 1] = wire_be64(v);
	bind(p, i, WIRE_INT8, &p->numbers[i - 1], sizeof(v));
}

/* What is no text to PostgreSQL (U+0000, broken UTF-8) is stored readably. */
void params_bind_text(void *params, int i, struct str v)
{
	struct params *p = params;

	if (!str_is_text(v))
		v = str_printable(&p->arena, v);
	bind(p, i, WIRE_TEXT, v.n ? v.p : "", v.n);
}

void params_bind_blob(void *params, int i, struct str v)
{
	bind(params, i, WIRE_BYTEA, v.n ? v.p : "", v.n);
}

void params_bind_null(void *params, int i)
{
	bind(params, i, WIRE_UNKNOWN, NULL, 0);
}

/* ---- batches ---- */

void params_of_batch(struct params *p)
{
	p->arrays = ARENA_ARRAY(&p->arena, struct wire_array, PARAMETERS);
	for (int i = 0; i < PARAMETERS; i++)
		p->arrays[i].bytes.arena = &p->arena;
}

int params_collect(struct params *p, const struct batch *b, size_t from, struct query *q, size_t *runs,
		   struct err *err)
{
	size_t bytes = 0;

	for (int i = 0; i < PARAMETERS; i++)
		wire_array_clear(&p->arrays[i]);
	for (*runs = 0; *runs < BATCH_RUNS && from + *runs < b->n && bytes < BATCH_BYTES; (*runs)++) {
		q->bound = 0;
		TRY(b->bind(b->ctx, from + *runs, q, err));
		bytes = 0;
		for (int i = 0; i < p->n; i++)
			bytes += p->arrays[i].bytes.n;
	}
	return 0;
}

int params_end_arrays(struct params *p)
{
	int n = 0;

	for (int i = 0; i < p->n; i++) {
		struct str array;

		if (p->arrays[i].type == WIRE_UNKNOWN)
			continue;
		array = wire_array_end(&p->arrays[i]);
		p->values[n] = array.p;
		p->lengths[n] = (int)array.n;
		p->formats[n++] = 1;
	}
	return n;
}
