/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over a layer: keeps what its scanners want, and the names that lead there.
 * Source: the tree rules of docs/formats/tar.md, "The tree of a layer"; OCI image-spec 1.1, layer.md,
 * "Whiteouts"; Linux, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 * Easy to get wrong: an entry that nobody wants still counts, because it may replace one that was kept.
 * And a wanted link may lead to an entry that has passed already: then, and only when an entry of that name
 * did pass, the layer is asked for once more. */
#include "base/limits.h"
#include "base/map.h"
#include "scan/layer_files.h"

#include <stdlib.h>

#define HEAD_BYTES 512u

/* Which names passed without being kept: a Bloom filter of two bits a name. After 100,000 names one answer
 * in 400 is a false "maybe", after LIMIT_LAYER_ENTRIES two in five; each costs a second pass, nothing else.
 */
#define PASSED_BITS (1u << 22)

struct sieve {
	struct task *task;
	const struct sieve_options *options;
	struct layer_files *files;
	struct layer_tree *tree;
	struct map also;
	uint64_t *passed;
	struct tar *tar;
	struct sieve_totals totals;
};

/* --- names that passed --- */

static uint64_t *passed_word(const struct sieve *s, uint64_t bit)
{
	return &s->passed[bit % PASSED_BITS / 64];
}

static void note_passed(struct sieve *s, struct str path)
{
	uint64_t h = str_hash(path);

	*passed_word(s, h) |= 1ull << h % 64;
	*passed_word(s, h >> 32) |= 1ull << (h >> 32) % 64;
}

static bool may_have_passed(const struct sieve *s, struct str path)
{
	uint64_t h = str_hash(path);

	return *passed_word(s, h) >> h % 64 & *passed_word(s, h >> 32) >> (h >> 32) % 64 & 1;
}

/* --- what is wanted --- */

static uint64_t wanted_as(const struct sieve *s, const struct tar_entry *e, struct str path, struct str head)
{
	struct tar_entry named = *e;
	uint64_t wanted = 0;

	named.path = path;
	for (size_t i = 0; i < s->files->scanner_count; i++) {
		const struct sieve_scanner *c = &s->files->scanners[i];

		if (c->scanner->wants && c->scanner->wants(&named, head))
			wanted |= c->bit;
	}
	return wanted;
}

/* path: the place of the entry, when that is another name than its own. */
static uint64_t wanted_by(const struct sieve *s, const struct tar_entry *e, struct str path, struct str head)
{
	uint64_t wanted = wanted_as(s, e, e->path, head);

	return str_eq(path, e->path) ? wanted : wanted | wanted_as(s, e, path, head);
}

static bool is_directory_wanted(const struct sieve *s, struct str path)
{
	for (size_t i = 0; i < s->files->scanner_count; i++) {
		const struct scanner *c = s->files->scanners[i].scanner;

		if (c->wants_directory && c->wants_directory(path))
			return true;
	}
	return false;
}

static bool is_also(const struct sieve *s, struct str path)
{
	return map_get(&s->also, path) != NULL;
}

/* --- entries --- */

static int add_whiteout(struct sieve *s, struct str dir, const char *mark, struct str base, struct err *err)
{
	struct arena *arena = &s->task->arena;

	if (str_eq(dir, STR(".")))
		dir.n = 0;
	TRY(layer_tree_charge(s->tree, sizeof(struct str) + dir.n + base.n + sizeof(".wh..wh..opq/"), err));
	VEC_PUSH(arena, &s->files->whiteouts,
		 str_format(arena, STR_FMT "%s%s" STR_FMT, STR_ARG(dir), dir.n ? "/" : "", mark,
			    STR_ARG(base)));
	return 0;
}

static void split_path(struct str path, struct str *dir, struct str *base)
{
	if (!str_rcut(path, '/', dir, base)) {
		*base = path;
		dir->n = 0;
	}
}

/* The place is taken by something that is not kept. */
static int clear(struct sieve *s, const struct walk *w, struct err *err)
{
	struct node *node = w->at;

	tree_make_way(w);
	return w->rest.n ? 0 : layer_tree_clear(s->tree, &node, err);
}

/* The place for something new: what was there is forgotten. */
static int replace(struct sieve *s, const struct walk *w, struct node **out, struct err *err)
{
	TRY(layer_tree_make(s->tree, w, out, err));
	return layer_tree_clear(s->tree, out, err);
}

static int take_directory(struct sieve *s, const struct tar_entry *e, const struct walk *w, struct err *err)
{
	struct node *node;
	struct str empty = { NULL, 0 };

	if (e->is_opaque)
		TRY(add_whiteout(s, w->path, ".wh..wh..opq", empty, err));
	tree_make_way(w);
	if (w->rest.n == 0 && w->at->kind != NODE_NONE) /* the first one stays */
		return 0;
	if (!is_directory_wanted(s, e->path) &&
	    (str_eq(w->path, e->path) || !is_directory_wanted(s, w->path)))
		return 0;
	TRY(layer_tree_make(s->tree, w, &node, err));
	node->kind = NODE_DIRECTORY;
	return 0;
}

static int take_link(struct sieve *s, const struct tar_entry *e, const struct walk *w, struct err *err)
{
	uint64_t wanted = wanted_by(s, e, w->path, (struct str){ NULL, 0 });
	struct node_link *link;
	struct node *node;

	if (e->type == TAR_HARD_LINK && (str_eq(e->target, e->path) || str_eq(e->target, w->path))) {
		layer_files_note(s->files, "hard link to itself, ignored", e->path);
		return 0;
	}
	if (w->rest.n == 0 && w->at->kind == NODE_DIRECTORY)
		layer_files_note(s->files, "link in place of a directory", e->path);
	TRY(layer_tree_charge(s->tree, sizeof(*link) + e->target.n + (wanted ? w->path.n : 0), err));
	link = ARENA_NEW(&s->task->arena, struct node_link);
	link->target = str_copy(&s->task->arena, e->target);
	if (wanted)
		link->path = str_copy(&s->task->arena, w->path);
	TRY(replace(s, w, &node, err));
	node->kind = e->type == TAR_SYMLINK ? NODE_SYMLINK : NODE_HARD_LINK;
	node->link = link;
	node->wanted_by = wanted;
	return 0;
}

/* A file over a symbolic link is written to where that leads, if it can be. */
static void follow_own_link(struct sieve *s, const struct tar_entry *e, struct walk *w)
{
	struct walk there = { .hops = 0 };

	if (w->rest.n || w->at->kind != NODE_SYMLINK)
		return;
	if (layer_tree_walk(s->tree, e->path, true, &there) &&
	    (there.rest.n || there.at->kind != NODE_DIRECTORY)) {
		*w = there;
		return;
	}
	layer_files_note(s->files, "file in place of a link that leads to no file", e->path);
	there.hops = 0;
	layer_tree_walk(s->tree, e->path, false, &there); /* its path was in a buffer that was used since */
	*w = there;
}

static int read_head(struct sieve *s, const struct tar_entry *e, char *head, size_t *n, struct err *err)
{
	size_t want = e->size < HEAD_BYTES ? (size_t)e->size : HEAD_BYTES;
	int got = want ? reader_full(tar_content(s->tar), head, want, err) : 1;

	if (got == 0)
		return err_set(err, E_FORMAT, "content is missing");
	*n = want;
	return got;
}

static int keep_file(struct sieve *s, const struct tar_entry *e, const struct walk *w, struct str head,
		     uint64_t wanted, struct err *err)
{
	struct content_place place = { 0 };
	struct node *node;

	if (w->rest.n == 0 && w->at->kind == NODE_DIRECTORY)
		layer_files_note(s->files, "file in place of a directory", e->path);
	TRY(replace(s, w, &node, err));
	if (!s->options->heads_only &&
	    content_store_add(&s->files->contents, head, tar_content(s->tar), e->size, &place, err) < 0)
		return err_wrap(err, "%.200s", str_printable(&s->task->arena, e->path).p);
	TRY(layer_files_keep(s->files, node, w->path, e->mode, &place, err));
	node->wanted_by = wanted;
	TRY(layer_tree_charge(s->tree, sizeof(void *) * (size_t)__builtin_popcountll(wanted), err));
	s->totals.kept_bytes += s->options->heads_only ? 0 : e->size;
	return 0;
}

static int take_file(struct sieve *s, const struct tar_entry *e, struct walk *w, struct err *err)
{
	char bytes[HEAD_BYTES];
	struct str head = { bytes, 0 };
	uint64_t wanted;

	TRY(read_head(s, e, bytes, &head.n, err));
	follow_own_link(s, e, w);
	wanted = wanted_by(s, e, w->path, head);
	if (wanted || is_also(s, w->path) || is_also(s, e->path))
		return keep_file(s, e, w, head, wanted, err);
	note_passed(s, w->path);
	return clear(s, w, err);
}

static int take_entry(struct sieve *s, const struct tar_entry *e, struct err *err)
{
	struct walk w = { .hops = 0 };
	struct str dir, base;

	if (!layer_tree_walk(s->tree, e->path, false, &w)) {
		layer_files_note(s->files, "lies behind too many links, ignored", e->path);
		return 0;
	}
	split_path(w.path, &dir, &base);
	if (str_starts(base, STR(".wh.")))
		return add_whiteout(s, dir, "", base, err);
	if (e->type == TAR_DIRECTORY)
		return take_directory(s, e, &w, err);
	if (w.rest.n == 0 && w.at == &s->tree->root) {
		layer_files_note(s->files, "not a directory, ignored", e->path);
		return 0;
	}
	if (e->is_whiteout)
		TRY(add_whiteout(s, dir, ".wh.", base, err));
	switch (e->type) {
	case TAR_FILE: return take_file(s, e, &w, err);
	case TAR_HARD_LINK:
	case TAR_SYMLINK: return take_link(s, e, &w, err);
	default: return clear(s, &w, err);
	}
}

/* --- what is missing --- */

struct missing {
	struct map seen;
	VEC(struct str) names;
};

static int add_missing(struct sieve *s, struct missing *m, struct str path, struct err *err)
{
	void **place;

	if (map_get(&m->seen, path))
		return 0;
	if (m->names.n == LIMIT_AGAIN_NAMES)
		return err_set(err, E_LIMIT, "more than %u files wanted a second time", LIMIT_AGAIN_NAMES);
	TRY(layer_tree_charge(s->tree, path.n, err));
	path = str_copy(&s->task->arena, path);
	place = map_put(&m->seen, path);
	*place = s;
	VEC_PUSH(&s->task->arena, &m->names, path);
	return 0;
}

static int check_link(struct sieve *s, const struct node *node, struct missing *m, struct err *err)
{
	struct walk w;

	switch (layer_tree_find(s->tree, node->link->path, &w)) {
	case TREE_FOUND:
		if (w.at->kind == NODE_FILE && s->options->heads_only)
			return add_missing(s, m, w.path, err);
		return 0;
	case TREE_LOOP: layer_files_note(s->files, "loop of links", node->link->path); return 0;
	case TREE_MISSING: break;
	}
	if (!may_have_passed(s, w.path))
		return 0;
	if (!s->options->is_second)
		return add_missing(s, m, w.path, err);
	layer_files_note(s->files, "what it links to is missing", node->link->path);
	return 0;
}

static int find_missing(struct sieve *s, struct missing *m, struct err *err)
{
	for (struct node *n = s->tree->root.next; n; n = n->next) {
		if (n->is_gone)
			continue;
		if (n->kind == NODE_FILE && s->options->heads_only)
			TRY(add_missing(s, m, n->file->path, err));
		if ((n->kind == NODE_SYMLINK || n->kind == NODE_HARD_LINK) && n->wanted_by)
			TRY(check_link(s, n, m, err));
		TRY(tree_check(s->tree, err));
		TRY(task_check(s->task, err));
	}
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* --- the pass --- */

static void choose_scanners(struct layer_files *f, const struct scanner *const *table, uint64_t set)
{
	for (size_t i = 0; i < SIEVE_SCANNERS && table[i]; i++)
		if (set >> i & 1)
			f->scanners[f->scanner_count++] = (struct sieve_scanner){ .scanner = table[i],
										  .bit = 1ull << i };
}

static int read_entries(struct sieve *s, struct err *err)
{
	struct tar_entry e;
	int got;

	while ((got = tar_next(s->tar, &e, err)) > 0) {
		s->totals.entries++;
		TRY(take_entry(s, &e, err));
		TRY(tree_check(s->tree, err));
		if (s->totals.entries % 64 == 0)
			TRY(task_check(s->task, err));
	}
	return got;
}

static int pass(struct sieve *s, struct sieve_outcome *out, struct err *err)
{
	struct missing missing = { .seen.arena = &s->task->arena };

	TRY(read_entries(s, err));
	layer_tree_sweep(s->tree);
	TRY(find_missing(s, &missing, err));
	out->totals = s->totals;
	if (missing.names.n) {
		qsort(missing.names.p, missing.names.n, sizeof(*missing.names.p), by_bytes);
		out->again = missing.names.p;
		out->again_count = missing.names.n;
		return SIEVE_AGAIN;
	}
	TRY(layer_files_finish(s->files, err));
	out->files = s->files;
	return SIEVE_DONE;
}

int sieve_layer_with(struct task *task, struct reader *tar_stream, const struct scanner *const *table,
		     uint64_t scanner_set, const struct sieve_options *options, struct sieve_outcome *out,
		     struct err *err)
{
	uint64_t max_entries = options->max_entries ? options->max_entries : LIMIT_LAYER_ENTRIES;
	struct sieve s = {
		.task = task,
		.options = options,
		.files = layer_files_open(task, options->spool_fd),
		.also.arena = &task->arena,
		.passed = arena_alloc(&task->arena, PASSED_BITS / 8),
		.tar = tar_open(task, tar_stream, max_entries),
	};
	int result;

	s.tree = &s.files->tree;
	choose_scanners(s.files, table, scanner_set);
	for (size_t i = 0; i < options->also_count; i++)
		*map_put(&s.also, options->also[i]) = &s;
	result = pass(&s, out, err);
	if (result != SIEVE_DONE)
		layer_files_close(s.files);
	return result;
}

int sieve_layer(struct task *task, struct reader *tar_stream, uint64_t scanner_set,
		const struct sieve_options *options, struct layer_files **out, struct str **again,
		size_t *again_count, struct sieve_totals *totals, struct err *err)
{
	struct sieve_outcome o = { 0 };
	int result = sieve_layer_with(task, tar_stream, scanners, scanner_set, options, &o, err);

	if (result < 0)
		return result;
	*out = o.files;
	*again = o.again;
	*again_count = o.again_count;
	*totals = o.totals;
	return result;
}
