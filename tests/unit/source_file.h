/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SOURCE_FILE_H
#define TESTS_SOURCE_FILE_H

/* Files of the source tree, and of the corpus beside it when there is one. */

#include "base/arena.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* The file at path below the source tree, gunzipped if it is gzip; p is NULL when there is none. */
static inline struct str source_file(struct arena *a, const char *path)
{
	const char *root = getenv("CLAIR_SOURCE");
	struct arena_mark mark = arena_mark(a);
	struct str full = str_format(a, "%s/%s", root ? root : ".", path);
	gzFile f = gzopen(full.p, "rb");
	size_t n = 0, cap = 4096;
	char *bytes = NULL;
	int got;

	if (!f) {
		arena_release(a, mark); /* skip() leaves without cleaning up */
		return (struct str){ NULL, 0 };
	}
	bytes = arena_alloc_raw(a, cap);
	while ((got = gzread(f, bytes + n, (unsigned)(cap - n))) > 0) {
		n += (size_t)got;
		if (n < cap)
			continue;
		bytes = arena_grow(a, bytes, cap, cap * 2);
		cap *= 2;
	}
	gzclose(f);
	return (struct str){ bytes, n };
}

#endif
