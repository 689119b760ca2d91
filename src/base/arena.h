/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* Memory that is released all at once. Zero-initialised is empty and valid. Allocation never fails:
 * real exhaustion aborts the process; a task's budget is watched by task_check. Not thread-safe. */
struct arena {
	struct arena_block *head;
	size_t used_bytes; /* given out since the last reset, rounding included */
};

/* n bytes, zeroed, aligned for any type. n = 0 gives a valid pointer to nothing. Lives until reset. */
void *arena_alloc(struct arena *a, size_t n);

/* The same bytes, not zeroed: for buffers that are filled at once. */
void *arena_alloc_raw(struct arena *a, size_t n);

/* Grow an array made by this arena from old_n to new_n bytes; extends in place when it was the last
 * allocation. The new part is not zeroed. */
void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n);

/* Remember and return to a point: everything allocated after the mark is released. */
struct arena_mark {
	struct arena_block *head;
	size_t head_used, used_bytes;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark mark);

/* Move all memory of `from` into `to`, where it lives on; `from` is empty afterwards. */
void arena_adopt(struct arena *to, struct arena *from);

/* Release everything. The arena may be used again. */
void arena_reset(struct arena *a);

static inline void arena_resetp_(struct arena *a)
{
	arena_reset(a);
}
/* `autoarena struct arena scratch = {0};` is released at the end of the scope. */
#define autoarena __attribute__((cleanup(arena_resetp_)))

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), size_mul((n), sizeof(type))))

/* Checked size arithmetic: overflow aborts (a size read from input was compared with a limit before). */
size_t size_add(size_t a, size_t b);
size_t size_mul(size_t a, size_t b);

#endif
