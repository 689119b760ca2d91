/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing, at most 3/4 full. The hash is keyed per process. */
#include "base/map.h"

#include <sys/auxv.h>

/* Multiply-and-fold over eight bytes at a time, keyed by 16 random bytes of the process: input cannot choose
 * keys that collide without knowing them. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide p = (wide)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static uint64_t hash_of(struct str key)
{
	uint64_t seed[2] = { 0x9e3779b97f4a7c15u, 0xc2b2ae3d27d4eb4fu }, h, word;
	unsigned long random = getauxval(AT_RANDOM);

	if (random)
		memcpy(seed, (const void *)random, sizeof(seed));
	h = seed[0] ^ key.n;
	for (size_t i = 0; i < key.n; i += sizeof(word)) {
		size_t n = key.n - i < sizeof(word) ? key.n - i : sizeof(word);

		word = 0;
		memcpy(&word, key.p + i, n);
		h = fold(h ^ word, seed[1] | 1);
	}
	h = fold(h, seed[0] | 1);
	return h ? h : 1;
}

static struct map_slot *slot_of(struct map_slot *slots, size_t cap, uint64_t hash, struct str key)
{
	for (size_t i = hash & (cap - 1);; i = (i + 1) & (cap - 1))
		if (slots[i].hash == 0 || (slots[i].hash == hash && str_eq(slots[i].key, key)))
			return &slots[i];
}

void *map_get(const struct map *m, struct str key)
{
	return m->cap ? slot_of(m->slots, m->cap, hash_of(key), key)->value : NULL;
}

static void grow(struct map *m)
{
	size_t cap = m->cap ? size_mul(m->cap, 2) : 16;
	struct map_slot *slots = ARENA_ARRAY(m->arena, struct map_slot, cap);

	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].hash)
			*slot_of(slots, cap, m->slots[i].hash, m->slots[i].key) = m->slots[i];
	m->slots = slots;
	m->cap = cap;
}

void **map_put(struct map *m, struct str key)
{
	uint64_t hash = hash_of(key);
	struct map_slot *s;

	if (m->n * 4 >= m->cap * 3)
		grow(m);
	s = slot_of(m->slots, m->cap, hash, key);
	if (s->hash == 0) {
		*s = (struct map_slot){ key, hash, NULL };
		m->n++;
	}
	return &s->value;
}

bool map_next(const struct map *m, size_t *i, struct str *key, void **value)
{
	for (; *i < m->cap; (*i)++) {
		if (m->slots[*i].hash) {
			*key = m->slots[*i].key;
			*value = m->slots[*i].value;
			(*i)++;
			return true;
		}
	}
	return false;
}
