/* SPDX-License-Identifier: Apache-2.0 */
/* What the sieve kept of a layer, as scanners look at it.
 * Easy to get wrong: who wanted a file is decided when its entry passes, not when it is listed. The entry
 * may have matched under a name that leads through a linked directory, while the file is listed under its
 * place in the tree. */
#include "scan/layer_files.h"

#include "base/limits.h"

#include <stdlib.h>

#define NOTES 64u /* beyond these, notes are dropped */
#define NOTE_PATH_BYTES 512u /* of a path in a note */

struct layer_files *layer_files_open(struct task *task, int spool_fd)
{
	struct layer_files *f = ARENA_NEW(&task->arena, struct layer_files);

	f->arena = &task->arena;
	layer_tree_open(&f->tree, f->arena);
	content_store_open(&f->contents, task, spool_fd);
	return f;
}

void layer_files_close(struct layer_files *f)
{
	content_store_close(&f->contents);
}

void layer_files_note(struct layer_files *f, const char *what, struct str path)
{
	if (f->notes.n == NOTES)
		return;
	if (path.n > NOTE_PATH_BYTES)
		path.n = NOTE_PATH_BYTES;
	path = str_printable(f->arena, path);
	VEC_PUSH(f->arena, &f->notes, str_format(f->arena, STR_FMT ": %s", STR_ARG(path), what));
}

int layer_files_keep(struct layer_files *f, struct node *node, struct str path, uint32_t mode,
		     const struct content_place *place, struct err *err)
{
	struct listed_file *file;

	TRY(layer_tree_charge(&f->tree, sizeof(*file) + path.n, err));
	file = ARENA_NEW(f->arena, struct listed_file);
	file->file.path = str_copy(f->arena, path);
	file->file.mode = mode;
	file->place = *place;
	node->kind = NODE_FILE;
	node->file = &file->file;
	return 0;
}

/* --- lists --- */

/* The file that node stands for, under its own path; NULL when it is not to be listed. */
static const struct kept_file *file_of(struct layer_files *f, const struct node *node)
{
	struct walk w;
	struct kept_file *alias;

	if (node->is_gone || !node->wanted_by)
		return NULL;
	if (node->kind == NODE_FILE)
		return node->file;
	if (node->kind != NODE_SYMLINK && node->kind != NODE_HARD_LINK)
		return NULL;
	if (layer_tree_find(&f->tree, node->link->path, &w) != TREE_FOUND || w.at->kind != NODE_FILE)
		return NULL;
	alias = ARENA_NEW(f->arena, struct kept_file);
	*alias = *w.at->file;
	alias->path = node->link->path;
	return alias;
}

static void count_wanted(struct layer_files *f, const struct node *node, size_t *counts)
{
	for (size_t i = 0; i < f->scanner_count; i++)
		counts[i] += (node->wanted_by & f->scanners[i].bit) != 0;
}

static int by_path(const void *a, const void *b)
{
	const struct kept_file *const *x = a, *const *y = b;

	return str_cmp((*x)->path, (*y)->path);
}

static void make_lists(struct layer_files *f)
{
	size_t counts[SIEVE_SCANNERS] = { 0 };

	for (struct node *n = f->tree.root.next; n; n = n->next)
		count_wanted(f, n, counts);
	for (size_t i = 0; i < f->scanner_count; i++)
		f->scanners[i].files = ARENA_ARRAY(f->arena, const struct kept_file *, counts[i]);
	for (struct node *n = f->tree.root.next; n; n = n->next) {
		const struct kept_file *file = file_of(f, n);

		for (size_t i = 0; file && i < f->scanner_count; i++)
			if (n->wanted_by & f->scanners[i].bit)
				f->scanners[i].files[f->scanners[i].n++] = file;
	}
	for (size_t i = 0; i < f->scanner_count; i++)
		if (f->scanners[i].n)
			qsort(f->scanners[i].files, f->scanners[i].n, sizeof(*f->scanners[i].files), by_path);
}

int layer_files_finish(struct layer_files *f, struct err *err)
{
	TRY(content_store_map(&f->contents, err));
	for (struct node *n = f->tree.root.next; n; n = n->next) {
		if (n->kind == NODE_FILE)
			n->file->content = content_store_get(&f->contents,
							     &((struct listed_file *)n->file)->place);
	}
	make_lists(f);
	return 0;
}

/* --- questions --- */

const struct kept_file *const *layer_files_wanted(const struct layer_files *f, const struct scanner *s,
						  size_t *count)
{
	static const struct kept_file *const none[1];

	for (size_t i = 0; i < f->scanner_count; i++) {
		if (f->scanners[i].scanner == s) {
			*count = f->scanners[i].n;
			return f->scanners[i].files;
		}
	}
	*count = 0;
	return none;
}

static bool find(const struct layer_files *f, struct str path, struct walk *w)
{
	struct layer_tree *tree = (struct layer_tree *)&f->tree; /* a walk writes into its buffers only */

	return layer_tree_find(tree, path, w) == TREE_FOUND;
}

const struct kept_file *layer_files_find(const struct layer_files *f, struct str path)
{
	struct walk w;

	return find(f, path, &w) && w.at->kind == NODE_FILE ? w.at->file : NULL;
}

bool layer_files_has_directory(const struct layer_files *f, struct str path)
{
	struct walk w;

	return find(f, path, &w) && w.at->kind == NODE_DIRECTORY;
}

const struct str *layer_files_whiteouts(const struct layer_files *f, size_t *count)
{
	*count = f->whiteouts.n;
	return f->whiteouts.p;
}

const struct str *layer_files_notes(const struct layer_files *f, size_t *count)
{
	*count = f->notes.n;
	return f->notes.p;
}
