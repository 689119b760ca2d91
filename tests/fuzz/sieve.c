/* SPDX-License-Identifier: Apache-2.0 */
/* The sieve against a simple tree that keeps every entry: what the sieve lists has the same content there,
 * and every file of the tree whose name is wanted is found by the sieve, also through wanted links. */
#include "scan/scanner.h"

#include "base/limits.h"
#include "base/vec.h"
#include "tar_mutate.h"

#include <assert.h>

#define MAX_ENTRIES 64u /* of inputs that are compared */
#define MAX_CONTENT 4096u

static bool is_wanted_name(struct str path)
{
	return path.n && path.p[path.n - 1] >= 'm';
}

static bool wants_name(const struct tar_entry *e, struct str head)
{
	(void)head;
	return is_wanted_name(e->path);
}

static bool wants_directory(struct str path)
{
	return is_wanted_name(path);
}

static bool wants_head(const struct tar_entry *e, struct str head)
{
	return e->type == TAR_FILE && str_starts(head, STR("E"));
}

static const struct scanner by_name = { .wants = wants_name, .wants_directory = wants_directory };
static const struct scanner by_head = { .wants = wants_head };
static const struct scanner *const table[] = { &by_name, &by_head, NULL };

/* --- the simple tree: a list of whole paths --- */

struct place {
	struct str path, text; /* text: content or target */
	enum tar_type type;
};

struct model {
	struct arena *arena;
	VEC(struct place) places;
	bool is_unsure; /* the tree knows a directory that the sieve may not know */
};

static struct place *at(struct model *m, struct str path)
{
	for (size_t i = 0; i < m->places.n; i++)
		if (str_eq(m->places.p[i].path, path))
			return &m->places.p[i];
	return NULL;
}

static bool is_below(struct str path, struct str dir)
{
	return path.n > dir.n && str_starts(path, dir) && path.p[dir.n] == '/';
}

static void drop(struct model *m, struct str path, bool and_below)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->places.n; i++) {
		struct str p = m->places.p[i].path;

		if (!str_eq(p, path) && !(and_below && is_below(p, path)))
			m->places.p[kept++] = m->places.p[i];
	}
	m->places.n = kept;
}

static bool has_below(struct model *m, struct str path)
{
	for (size_t i = 0; i < m->places.n; i++)
		if (is_below(m->places.p[i].path, path))
			return true;
	return false;
}

static struct str join(struct model *m, struct str target, struct str rest)
{
	if (rest.n == 0)
		return target;
	if (str_eq(target, STR(".")))
		return rest;
	return str_format(m->arena, STR_FMT "/" STR_FMT, STR_ARG(target), STR_ARG(rest));
}

/* The path without links; false for too many. */
static bool resolve(struct model *m, struct str path, bool follow_last, unsigned *hops, struct str *out)
{
	for (size_t n = 0; n <= path.n; n++) {
		struct place *p = n == path.n || path.p[n] == '/' ? at(m, str_sub(path, 0, n)) : NULL;
		struct str rest = n < path.n ? str_sub(path, n + 1, path.n - n - 1) : str_sub(path, n, 0);

		if (!p || p->type != TAR_SYMLINK || (rest.n == 0 && !follow_last))
			continue;
		if ((*hops)++ == LIMIT_LINK_HOPS || p->text.n + rest.n >= LIMIT_PATH_BYTES)
			return false;
		path = join(m, p->text, rest);
		n = (size_t)-1;
	}
	*out = path;
	return true;
}

static struct place *find(struct model *m, struct str path)
{
	unsigned hops = 0;

	for (;;) {
		struct place *p;

		if (!resolve(m, path, true, &hops, &path))
			return NULL;
		p = at(m, path);
		if (!p || p->type != TAR_HARD_LINK)
			return p;
		if (hops++ == LIMIT_LINK_HOPS)
			return NULL;
		path = p->text;
	}
}

/* What stands where a directory is needed goes. */
static void make_way(struct model *m, struct str path)
{
	for (size_t n = 1; n < path.n; n++) {
		struct place *p = path.p[n] == '/' ? at(m, str_sub(path, 0, n)) : NULL;

		if (p && p->type != TAR_DIRECTORY)
			drop(m, p->path, false);
	}
}

static void put(struct model *m, struct str path, enum tar_type type, struct str text)
{
	make_way(m, path);
	drop(m, path, true);
	if (type != TAR_DEVICE && type != TAR_FIFO)
		VEC_PUSH(m->arena, &m->places, ((struct place){ str_copy(m->arena, path), text, type }));
}

static bool is_directory(struct model *m, struct str path)
{
	struct place *p = at(m, path);

	return str_eq(path, STR(".")) || (p && p->type == TAR_DIRECTORY) || has_below(m, path);
}

static struct str file_place(struct model *m, struct str own, struct str path)
{
	struct place *p = at(m, path);
	unsigned hops = 0;
	struct str there;

	if (!p || p->type != TAR_SYMLINK || !resolve(m, own, true, &hops, &there))
		return path;
	if (!str_eq(there, STR(".")) && is_directory(m, there))
		m->is_unsure = true;
	return is_directory(m, there) ? path : there;
}

static void add(struct model *m, const struct tar_entry *e, struct str text)
{
	struct str path, base, dir;
	unsigned hops = 0;

	if (!resolve(m, e->path, false, &hops, &path))
		return;
	if (!str_rcut(path, '/', &dir, &base))
		base = path;
	if (str_starts(base, STR(".wh.")))
		return;
	if (e->type == TAR_DIRECTORY) {
		make_way(m, path);
		if (!at(m, path) && !has_below(m, path) && !str_eq(path, STR(".")))
			put(m, path, TAR_DIRECTORY, text);
		return;
	}
	if (str_eq(path, STR(".")))
		return;
	if (e->type == TAR_HARD_LINK && (str_eq(e->target, e->path) || str_eq(e->target, path)))
		return;
	put(m, e->type == TAR_FILE ? file_place(m, e->path, path) : path, e->type, text);
}

/* False: not an input to compare. */
static bool build(struct model *m, struct task *task, struct str tar)
{
	struct mem_reader in;
	struct tar *t;
	struct tar_entry e;
	struct err err;
	int got;

	mem_reader_open(&in, tar);
	t = tar_open(task, &in.reader, MAX_ENTRIES);
	while ((got = tar_next(t, &e, &err)) > 0) {
		struct str text = str_copy(m->arena, e.target);

		if (e.size > MAX_CONTENT || e.path.n > 256 || e.target.n > 256)
			return false;
		if (e.type == TAR_FILE && reader_all(tar_content(t), m->arena, MAX_CONTENT, &text, &err) < 0)
			return false;
		add(m, &e, text);
	}
	return got == 0 && !m->is_unsure;
}

/* --- comparing --- */

static void check_lists(struct model *m, const struct layer_files *f)
{
	for (size_t s = 0; table[s]; s++) {
		size_t n;
		const struct kept_file *const *files = layer_files_wanted(f, table[s], &n);

		for (size_t i = 0; i < n; i++) {
			struct place *p = find(m, files[i]->path);

			assert(p && p->type == TAR_FILE && str_eq(p->text, files[i]->content));
			assert(i == 0 || str_cmp(files[i - 1]->path, files[i]->path) < 0);
		}
	}
}

static void check_places(struct model *m, const struct layer_files *f)
{
	VEC_EACH (struct place, p, &m->places) {
		struct place *found = find(m, p->path);
		const struct kept_file *kept;

		if (!is_wanted_name(p->path) || p->type == TAR_DIRECTORY)
			continue;
		kept = layer_files_find(f, p->path);
		if (found && found->type == TAR_FILE)
			assert(kept && str_eq(kept->content, found->text));
		else
			assert(!kept);
	}
}

/* Both passes. Returns NULL for an error. */
static struct layer_files *sieve(struct task *task, struct str tar, bool heads_only)
{
	struct sieve_options options = { .heads_only = heads_only };
	struct sieve_outcome o = { 0 };
	struct mem_reader in;
	struct err err;
	int result;

	mem_reader_open(&in, tar);
	result = sieve_layer_with(task, &in.reader, table, 3, &options, &o, &err);
	if (result == SIEVE_AGAIN) {
		options = (struct sieve_options){ .also = o.again,
						  .also_count = o.again_count,
						  .is_second = true };
		mem_reader_open(&in, tar);
		result = sieve_layer_with(task, &in.reader, table, 3, &options, &o, &err);
		assert(result != SIEVE_AGAIN);
	}
	return result < 0 ? NULL : o.files;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str tar = { (const char *)data, size };

	for (int heads_only = 0; heads_only < 2; heads_only++) {
		autotask struct task task = { .arena_budget_bytes = 96 * MIB };
		struct model m = { .arena = &task.arena };
		struct layer_files *f = sieve(&task, tar, heads_only);

		if (f && build(&m, &task, tar)) {
			check_lists(&m, f);
			check_places(&m, f);
		}
		if (f)
			layer_files_close(f);
	}
	return 0;
}
