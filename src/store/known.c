/* SPDX-License-Identifier: Apache-2.0 */
/* Two open-addressing tables with linear probing, each in an arena of its own, so that growing gives the old
 * one back. What one would get wrong: capacities are no powers of two (a table of a million rows would be
 * half empty), so a slot is chosen by multiplication, which needs hashes whose high bits are good. Content
 * hashes are mixed too, with a seed: who writes a feed can choose rows whose hashes lie close together, and
 * hashes that are read from the store in their order would crowd one end of a growing table. */
#include "store/known.h"

#include <sys/auxv.h>

static size_t slot_of(uint64_t hash, size_t cap)
{
	return (size_t)(((unsigned __int128)hash * cap) >> 64);
}

static size_t next_of(size_t i, size_t cap)
{
	return i + 1 == cap ? 0 : i + 1;
}

static uint64_t new_seed(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM); /* 16 bytes from the kernel, anywhere */
	uint64_t seed = 0;

	if (random)
		memcpy(&seed, random, sizeof(seed));
	return seed;
}

static uint64_t mix(uint64_t h, uint64_t seed)
{
	h ^= seed;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

static size_t row_slot(const struct known_rows *k, uint64_t hash)
{
	size_t i = slot_of(mix(hash, k->seed), k->cap);

	while (k->slots[i] && k->slots[i] >> 1 != hash)
		i = next_of(i, k->cap);
	return i;
}

static void resize_rows(struct known_rows *k, size_t cap)
{
	struct known_rows old = *k;

	k->arena = (struct arena){ 0 };
	k->seed = new_seed();
	k->cap = cap;
	k->slots = ARENA_ARRAY(&k->arena, uint64_t, cap);
	k->keys = ARENA_ARRAY(&k->arena, uint32_t, cap);
	for (size_t i = 0; i < old.cap; i++) {
		size_t to;

		if (!old.slots[i])
			continue;
		to = row_slot(k, old.slots[i] >> 1);
		k->slots[to] = old.slots[i];
		k->keys[to] = old.keys[i];
	}
	arena_reset(&old.arena);
}

void known_rows_reserve(struct known_rows *k, size_t n)
{
	size_t cap = size_add(n, n / 5 * 2 + 64);

	if (cap > k->cap)
		resize_rows(k, cap);
}

static size_t room_for(struct known_rows *k, uint64_t hash)
{
	if (k->n + 1 > k->cap / 4 * 3)
		resize_rows(k, k->cap + k->cap / 2 + 1024);
	return row_slot(k, hash);
}

void known_rows_add(struct known_rows *k, uint64_t hash, uint32_t key)
{
	size_t i = room_for(k, hash);

	if (k->slots[i])
		return;
	k->slots[i] = hash << 1;
	k->keys[i] = key;
	k->n++;
	k->unseen++;
}

enum known_row known_rows_see(struct known_rows *k, uint64_t hash)
{
	size_t i = room_for(k, hash);
	uint64_t was = k->slots[i];

	k->slots[i] = hash << 1 | 1;
	if (!was) {
		k->n++;
		return ROW_NEW;
	}
	if (was & 1)
		return ROW_REPEATED;
	k->unseen--;
	return ROW_STORED;
}

bool known_rows_is_seen(const struct known_rows *k, uint64_t hash)
{
	return k->cap && k->slots[row_slot(k, hash)] & 1;
}

bool known_rows_is_unseen(const struct known_rows *k, uint64_t hash)
{
	return k->cap && k->slots[row_slot(k, hash)] == hash << 1;
}

bool known_rows_add_late(struct known_rows *k, uint64_t hash, uint32_t key)
{
	size_t i = room_for(k, hash);

	if (!k->slots[i]) {
		known_rows_add(k, hash, key);
		return true;
	}
	k->keys[i] = key;
	return false;
}

uint32_t known_rows_key(const struct known_rows *k, uint64_t hash)
{
	return k->cap ? k->keys[row_slot(k, hash)] : 0;
}

bool known_rows_next_unseen(const struct known_rows *k, size_t *i, uint32_t *key)
{
	while (*i < k->cap) {
		size_t at = (*i)++;

		if (k->slots[at] && !(k->slots[at] & 1)) {
			*key = k->keys[at];
			return true;
		}
	}
	return false;
}

/* Seeded, so that a feed cannot choose names that fall together. */
static uint64_t name_hash(struct str name)
{
	uint64_t h = mix(str_hash(name), new_seed());

	return h ? h : 1;
}

static struct known_text *text_slot(const struct known_texts *k, uint64_t name)
{
	size_t i = slot_of(name, k->cap);

	while (k->slots[i].name && k->slots[i].name != name)
		i = next_of(i, k->cap);
	return &k->slots[i];
}

static void grow_texts(struct known_texts *k)
{
	struct known_texts old = *k;

	k->arena = (struct arena){ 0 };
	k->cap = old.cap + old.cap / 2 + 1024;
	k->slots = ARENA_ARRAY(&k->arena, struct known_text, k->cap);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].name)
			*text_slot(k, old.slots[i].name) = old.slots[i];
	arena_reset(&old.arena);
}

struct known_text *known_texts_at(struct known_texts *k, struct str name)
{
	uint64_t hash = name_hash(name);
	struct known_text *t;

	if (k->n + 1 > k->cap / 4 * 3)
		grow_texts(k);
	t = text_slot(k, hash);
	if (!t->name) {
		t->name = hash;
		k->n++;
	}
	return t;
}

bool known_texts_has(const struct known_texts *k, struct str name)
{
	return k->cap && text_slot(k, name_hash(name))->name;
}
