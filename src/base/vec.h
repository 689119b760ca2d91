/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

/* A growing array whose memory belongs to an arena: `VEC(struct package) packages = {0};`.
 * p[0..n) are the elements; p may move on a push. */
#define VEC(type)                                                                                            \
	struct {                                                                                             \
		type *p;                                                                                     \
		size_t n, cap;                                                                               \
	}

/* Room for one more element at the end, counted; evaluates to a pointer to it (not zeroed). */
#define VEC_ADD(arena, v)                                                                                    \
	((v)->n == (v)->cap ? ((v)->p = vec_grow_((arena), (v)->p, sizeof(*(v)->p), &(v)->cap)) : (v)->p,    \
	 &(v)->p[(v)->n++])

#define VEC_PUSH(arena, v, value) ((void)(*VEC_ADD((arena), (v)) = (value)))

/* `VEC_EACH(struct package, it, &report->packages)` walks with a pointer. */
#define VEC_EACH(type, it, v)                                                                                \
	for (type *it = (v)->p, *it##_end_ = (v)->n ? (v)->p + (v)->n : (v)->p; it != it##_end_; it++)

static inline void *vec_grow_(struct arena *a, void *p, size_t size, size_t *cap)
{
	size_t old = *cap;

	*cap = old ? size_mul(old, 2) : 8;
	return arena_grow(a, p, old * size, size_mul(*cap, size));
}

typedef VEC(struct str) str_list;

#endif
