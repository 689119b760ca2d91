/* SPDX-License-Identifier: Apache-2.0 */
/* The cheapest way through the changes that an index names: Bellman and Ford's, with contents as places and
 * changes as roads. Easy to get wrong: an index comes from elsewhere, so changes may lead in circles or from
 * nowhere; the number of steps bounds them. */
#include "engine/data_chain.h"

#include "base/arena.h"

/* The best known chain that ends with a delta. */
struct way {
	uint64_t bytes; /* of all of it; UINT64_MAX: none */
	size_t before; /* the delta before it */
};

static struct way step(const struct data_index *index, const struct way *before, size_t i)
{
	const struct data_entry *d = &index->deltas.p[i];
	struct way best = { UINT64_MAX, 0 };

	for (size_t j = 0; j < index->deltas.n; j++)
		if (before[j].bytes < best.bytes && str_eq(index->deltas.p[j].to, d->from))
			best = (struct way){ before[j].bytes, j };
	if (best.bytes != UINT64_MAX)
		best.bytes += d->size_bytes;
	return best;
}

/* ways[k][i]: chains of k + 1 deltas that end with i. */
static void find_ways(const struct data_index *index, struct str from, struct way *ways)
{
	size_t n = index->deltas.n;

	for (size_t i = 0; i < n; i++) {
		const struct data_entry *d = &index->deltas.p[i];

		ways[i] = (struct way){ str_eq(d->from, from) ? d->size_bytes : UINT64_MAX, 0 };
	}
	for (size_t k = 1; k < DATA_CHAIN_MAX; k++)
		for (size_t i = 0; i < n; i++)
			ways[k * n + i] = step(index, ways + (k - 1) * n, i);
}

static unsigned follow(const struct data_index *index, const struct way *ways, size_t at,
		       const struct data_entry *out[DATA_CHAIN_MAX])
{
	size_t n = index->deltas.n, last = at / n, i = at % n;

	for (size_t k = last + 1; k-- > 0; i = ways[k * n + i].before)
		out[k] = &index->deltas.p[i];
	return (unsigned)last + 1;
}

unsigned data_chain(const struct data_index *index, struct str from,
		    const struct data_entry *out[DATA_CHAIN_MAX])
{
	autoarena struct arena scratch = { 0 };
	size_t n = index->deltas.n, best = 0, all = n * DATA_CHAIN_MAX;
	struct way *ways = ARENA_ARRAY(&scratch, struct way, all);
	uint64_t least = index->full.size_bytes;

	find_ways(index, from, ways);
	for (size_t at = 0; at < all; at++)
		if (str_eq(index->deltas.p[at % n].to, index->full.to) && ways[at].bytes < least) {
			least = ways[at].bytes;
			best = at + 1;
		}
	return best ? follow(index, ways, best - 1, out) : 0;
}
