/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CAMPAIGN_MUTATE_H
#define CAMPAIGN_MUTATE_H

#include "base/arena.h"
#include "base/str.h"

/* A seeded die: xorshift64*. */
struct dice {
	uint64_t state;
};
uint64_t dice_below(struct dice *d, uint64_t n);

/* The bytes with one to eight changes: bits and bytes, numbers, cuts, pieces doubled, dropped, moved, or
 * taken from `other`. In the arena. */
struct str mutate(struct dice *d, struct arena *a, struct str bytes, struct str other);

/* Compress in one of the ways that layers and feeds come in; 0 leaves the bytes as they are. */
enum { PACKINGS = 5 };
struct str pack(struct arena *a, unsigned how, struct str bytes);

#endif
