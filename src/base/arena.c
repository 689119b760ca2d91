/* SPDX-License-Identifier: Apache-2.0 */
/* A bump allocator over a list of blocks. Blocks double from 4 KiB to 1 MiB; a larger request gets a
 * block of its own. Under AddressSanitizer the unused rest of a block is poisoned, so that a parser
 * that reads past its allocation is caught as it would be with malloc. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#define REDZONE 16
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define REDZONE 0
#endif

#define ALIGN 16
#define BLOCK_MIN 4096
#define BLOCK_MAX (1024 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char bytes[];
};

static void *die(const char *why, size_t n)
{
	fprintf(stderr, "clair: %s (%zu bytes)\n", why, n);
	abort();
}

size_t size_add(size_t a, size_t b)
{
	size_t n;

	if (__builtin_add_overflow(a, b, &n))
		die("size overflow", a);
	return n;
}

size_t size_mul(size_t a, size_t b)
{
	size_t n;

	if (__builtin_mul_overflow(a, b, &n))
		die("size overflow", a);
	return n;
}

static size_t round_up(size_t n)
{
	return size_add(n, ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static void add_block(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : BLOCK_MIN;
	struct arena_block *b;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < need)
		size = need;
	b = malloc(size_add(sizeof(*b), size));
	if (!b)
		die("out of memory", size);
	b->next = a->head;
	b->size = size;
	b->used = 0;
	POISON(b->bytes, size);
	a->head = b;
}

void *arena_alloc_raw(struct arena *a, size_t n)
{
	size_t need = round_up(size_add(n, REDZONE));
	unsigned char *p;

	if (!a->head || a->head->size - a->head->used < need)
		add_block(a, need);
	p = a->head->bytes + a->head->used;
	a->head->used += need;
	a->used_bytes += need;
	UNPOISON(p, n);
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_alloc_raw(a, n), 0, n);
}

void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n)
{
	struct arena_block *b = a->head;
	size_t old_need = round_up(size_add(old_n, REDZONE));
	size_t new_need = round_up(size_add(new_n, REDZONE));
	void *q;

	if (p && b && (unsigned char *)p + old_need == b->bytes + b->used && new_need >= old_need &&
	    new_need - old_need <= b->size - b->used) {
		b->used += new_need - old_need;
		a->used_bytes += new_need - old_need;
		UNPOISON(p, new_n);
		return p;
	}
	q = arena_alloc_raw(a, new_n);
	if (old_n)
		memcpy(q, p, old_n < new_n ? old_n : new_n);
	return q;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->head, a->head ? a->head->used : 0, a->used_bytes };
}

void arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->head != mark.head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		UNPOISON(b->bytes, b->size);
		free(b);
	}
	if (a->head) {
		a->head->used = mark.head_used;
		POISON(a->head->bytes + mark.head_used, a->head->size - mark.head_used);
	}
	a->used_bytes = mark.used_bytes;
}

void arena_reset(struct arena *a)
{
	arena_release(a, (struct arena_mark){ NULL, 0, 0 });
}

void arena_adopt(struct arena *to, struct arena *from)
{
	struct arena_block **end = to->head ? &to->head->next : &to->head;
	struct arena_block *last = from->head;

	if (!last)
		return;
	while (last->next)
		last = last->next;
	last->next = *end; /* behind to's current block, which stays the one that is filled */
	*end = from->head;
	to->used_bytes += from->used_bytes;
	*from = (struct arena){ NULL, 0 };
}
