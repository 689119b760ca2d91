/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_PARAMS_H
#define STORE_DB_PARAMS_H

#include "store/db_driver.h"
#include "store/db_wire.h"

/* The parameters of a statement as libpq takes them: all in binary. Of a batch: an array for each, with the
 * values of all runs. */
enum { PARAMETERS = 32 };
struct params {
	int n;
	bool are_typed; /* the server knows the types; before, they are noted */
	unsigned types[PARAMETERS];
	const char *values[PARAMETERS];
	int lengths[PARAMETERS], formats[PARAMETERS];
	uint64_t numbers[PARAMETERS];
	struct wire_array *arrays; /* NULL: one run */
	struct arena arena; /* texts that were made fit */
};
void params_clear(struct params *p); /* but for types and arrays */
/* The driver's: params is a struct params. */
void params_bind_int(void *params, int i, int64_t v);
void params_bind_text(void *params, int i, struct str v);
void params_bind_blob(void *params, int i, struct str v);
void params_bind_null(void *params, int i);

/* Make p that of a batch: arrays in its arena, which is the caller's to reset. */
void params_of_batch(struct params *p);
/* Bind runs from `from` on, as many as fit into a message: their number in *runs. */
int params_collect(struct params *p, const struct batch *b, size_t from, struct query *q, size_t *runs,
		   struct err *err);
/* Make values of the arrays that have a type; how many. */
int params_end_arrays(struct params *p);

#endif
