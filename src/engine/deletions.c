/* SPDX-License-Identifier: Apache-2.0 */
/* Whiteouts, asked by path. Source: OCI image-spec 1.1, layer.md "Whiteouts". */
#include "engine/deletions.h"

enum { DELETES_PATH = 1, DELETES_BELOW = 2 };

void deletions_open(struct deletions *d, struct arena *a)
{
	*d = (struct deletions){ .roots = { .arena = a } };
}

static void add(struct deletions *d, struct str root, uintptr_t kind)
{
	void **slot = map_put(&d->roots, root);

	*slot = (void *)((uintptr_t)*slot | kind);
}

void deletions_add(struct deletions *d, struct str whiteout)
{
	struct str dir = { NULL, 0 }, base;

	if (!str_rcut(whiteout, '/', &dir, &base)) {
		base = whiteout;
		dir = (struct str){ whiteout.p, 0 };
	}
	if (str_eq(base, STR(".wh..wh..opq"))) {
		add(d, dir, DELETES_BELOW);
		return;
	}
	if (!str_starts(base, STR(".wh.")) || base.n == 4)
		return;
	char *root = arena_alloc_raw(d->roots.arena, whiteout.n);
	size_t n = 0;

	if (dir.n) {
		memcpy(root, dir.p, dir.n);
		root[dir.n] = '/';
		n = dir.n + 1;
	}
	memcpy(root + n, base.p + 4, base.n - 4);
	add(d, (struct str){ root, n + base.n - 4 }, DELETES_PATH);
}

static bool deletes(const struct deletions *d, struct str root, uintptr_t kind)
{
	return (uintptr_t)map_get(&d->roots, root) & kind;
}

bool deletions_cover(const struct deletions *d, struct str path)
{
	struct str at = path, base;

	if (d->roots.n == 0)
		return false;
	if (deletes(d, path, DELETES_PATH))
		return true;
	while (str_rcut(at, '/', &at, &base))
		if (deletes(d, at, DELETES_PATH | DELETES_BELOW))
			return true;
	return deletes(d, (struct str){ path.p, 0 }, DELETES_BELOW);
}
