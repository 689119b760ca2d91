/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

/* A hash table from byte strings to pointers, in an arena. Keys are borrowed: they must outlive the map.
 * Zero-initialised with .arena set is empty and valid. */
struct map {
	struct arena *arena;
	struct map_slot *slots;
	size_t n, cap;
};
struct map_slot {
	struct str key;
	uint64_t hash; /* 0 marks a free slot */
	void *value;
};

/* The value of key, or NULL. */
void *map_get(const struct map *m, struct str key);
/* The place of key's value, made (holding NULL) when absent. Valid until the next map_put. */
void **map_put(struct map *m, struct str key);
/* Walk in no stated order: start with *i = 0; false at the end. */
bool map_next(const struct map *m, size_t *i, struct str *key, void **value);

#endif
