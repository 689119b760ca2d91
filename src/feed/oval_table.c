/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of ids and texts for OVAL documents. Ids look like "oval:com.ubuntu.jammy:tst:2023123450000000"
 * (OVAL language 5, oval-common-schema, https://oval.mitre.org/): all but the number is the same for nearly
 * every element of a kind, so only the number is kept. Easy to get wrong: "07" and "7" are two ids, and a
 * number may have more digits than fit; such ids are kept whole. */
#include "feed/oval_table.h"

#include <sys/auxv.h>

enum { PAGE = 1024 };
#define OTHER_KEY ((uint64_t)1 << 63)

/* ---- texts ---- */

uint32_t oval_intern(struct oval_strings *s, struct str text)
{
	struct arena *a = s->numbers.arena;
	uintptr_t number = (uintptr_t)map_get(&s->numbers, text);

	if (number || text.n == 0)
		return (uint32_t)number;
	text = str_copy(a, text);
	VEC_PUSH(a, &s->texts, text);
	*map_put(&s->numbers, text) = (void *)(uintptr_t)s->texts.n;
	return (uint32_t)s->texts.n;
}

struct str oval_text(const struct oval_strings *s, uint32_t number)
{
	return number ? s->texts.p[number - 1] : (struct str){ NULL, 0 };
}

/* ---- operations ---- */

static const char *const operations[] = {
	[OVAL_NO_OPERATION] = "",	  [OVAL_EQUALS] = "equals",
	[OVAL_NOT_EQUALS] = "not equals", [OVAL_PATTERN_MATCH] = "pattern match",
	[OVAL_LESS] = "less than",	  [OVAL_LESS_OR_EQUAL] = "less than or equal",
	[OVAL_GREATER] = "greater than",  [OVAL_GREATER_OR_EQUAL] = "greater than or equal",
};

/* The schema's default is "equals". */
enum oval_operation oval_operation_of(struct str word)
{
	if (word.n == 0)
		return OVAL_EQUALS;
	for (int i = OVAL_EQUALS; i < OVAL_OTHER_OPERATION; i++)
		if (str_eq(word, str_of(operations[i])))
			return (enum oval_operation)i;
	return OVAL_OTHER_OPERATION;
}

const char *oval_operation_word(enum oval_operation operation)
{
	return operation < OVAL_OTHER_OPERATION ? operations[operation] : "";
}

/* ---- ids ---- */

/* The number at the end of an id that begins as the first one did; false: kept whole. */
static bool number_of(struct oval_ids *ids, struct str id, uint64_t *out)
{
	size_t colon = str_rfind(id, ':');
	struct str digits;

	if (colon == id.n)
		return false;
	digits = str_sub(id, colon + 1, id.n - colon - 1);
	if (!str_u64(digits, OTHER_KEY - 1, out) || (digits.p[0] == '0' && digits.n > 1))
		return false;
	if (ids->n == 0)
		ids->prefix = str_copy(ids->arena, str_sub(id, 0, colon));
	return str_eq(ids->prefix, str_sub(id, 0, colon));
}

static uint64_t key_of(struct oval_ids *ids, struct str id)
{
	uint64_t key;
	void *found;

	if (number_of(ids, id, &key))
		return key;
	ids->others.arena = ids->arena;
	found = map_get(&ids->others, id);
	if (!found) {
		found = (void *)(uintptr_t)(ids->others.n + 1);
		*map_put(&ids->others, str_copy(ids->arena, id)) = found;
	}
	return OTHER_KEY | (uint64_t)(uintptr_t)found;
}

/* Keyed per process, so that a document cannot choose numbers that collide. */
static size_t hash_of(uint64_t key)
{
	__extension__ typedef unsigned __int128 wide;
	unsigned long random = getauxval(AT_RANDOM);
	uint64_t seed[2] = { 0x9e3779b97f4a7c15u, 0xc2b2ae3d27d4eb4fu };
	wide product;

	if (random)
		memcpy(seed, (const void *)random, sizeof(seed));
	product = (wide)(key ^ seed[0]) * (seed[1] | 1);
	return (size_t)((uint64_t)product ^ (uint64_t)(product >> 64));
}

static uint32_t *slot_of(const struct oval_ids *ids, uint64_t key)
{
	for (size_t i = hash_of(key) & (ids->cap - 1);; i = (i + 1) & (ids->cap - 1))
		if (ids->slots[i] == 0 || oval_entry(ids, ids->slots[i])->key == key)
			return &ids->slots[i];
}

static void grow(struct oval_ids *ids)
{
	ids->cap = ids->cap ? size_mul(ids->cap, 2) : 64;
	ids->slots = ARENA_ARRAY(ids->arena, uint32_t, ids->cap);
	for (uint32_t i = 1; i <= ids->n; i++)
		*slot_of(ids, oval_entry(ids, i)->key) = i;
}

static uint32_t add_entry(struct oval_ids *ids, uint64_t key)
{
	if (ids->n % PAGE == 0)
		VEC_PUSH(ids->arena, &ids->pages, ARENA_ARRAY(ids->arena, struct oval_entry, PAGE));
	ids->n++;
	oval_entry(ids, ids->n)->key = key;
	return ids->n;
}

uint32_t oval_number(struct oval_ids *ids, struct str id)
{
	uint64_t key = key_of(ids, id);
	uint32_t *slot;

	if (ids->n * (size_t)4 >= ids->cap * 3)
		grow(ids);
	slot = slot_of(ids, key);
	if (*slot == 0)
		*slot = add_entry(ids, key);
	return *slot;
}

struct oval_entry *oval_entry(const struct oval_ids *ids, uint32_t number)
{
	return number ? &ids->pages.p[(number - 1) / PAGE][(number - 1) % PAGE] : NULL;
}
