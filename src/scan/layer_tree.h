/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_LAYER_TREE_H
#define SCAN_LAYER_TREE_H

#include "base/arena.h"
#include "base/cursor.h"
#include "base/err.h"

struct kept_file;

/* The names of a layer that are remembered: kept files, all links, wanted directories, and the directories
 * above those. Everything else in the layer has no node. */
enum node_kind { NODE_NONE, NODE_DIRECTORY, NODE_FILE, NODE_SYMLINK, NODE_HARD_LINK };

struct node_link {
	struct str target; /* normalised, from the root */
	struct str path; /* of the link itself; empty when nobody wants it */
};

struct node {
	struct node *parent;
	struct node *next; /* in order of making: a parent comes before its children */
	const char *name; /* one component */
	uint32_t name_n, hash;
	enum node_kind kind;
	bool is_gone; /* replaced together with all below it; set for those by tree_sweep only */
	uint64_t wanted_by; /* bit i: scanner i of the table */
	union {
		struct kept_file *file; /* NODE_FILE */
		const struct node_link *link; /* NODE_SYMLINK, NODE_HARD_LINK */
	};
};

struct layer_tree {
	struct arena *arena;
	struct node root, *last; /* root.next: the oldest node */
	struct node **slots;
	size_t n, cap;
	uint64_t seed[2];
	uint64_t name_bytes; /* compared with LIMIT_LAYER_NAME_BYTES */
	uint64_t link_bytes; /* of all paths that links led to; see tree_check */
	struct buffer turn[2];
};

/* Where a path leads. */
struct walk {
	struct node *at; /* the deepest node on the way */
	struct str path; /* the same place without links on the way; valid until the next walk */
	struct str rest; /* the end of path for which there is no node; empty: at is the place */
	unsigned hops; /* links followed so far; starts at 0 */
};

void layer_tree_open(struct layer_tree *t, struct arena *arena);

/* Follow path (normalised) from the root through symbolic links; the last component only when follow_last.
 * False: more than LIMIT_LINK_HOPS links, or a path longer than LIMIT_PATH_BYTES. */
bool layer_tree_walk(struct layer_tree *t, struct str path, bool follow_last, struct walk *w);

/* What a reader of path finds, hard links followed too. */
enum tree_found { TREE_FOUND, TREE_MISSING, TREE_LOOP };
enum tree_found layer_tree_find(struct layer_tree *t, struct str path, struct walk *w);

/* The node of the place that w found; made when there is none, with all directories above it. Files that
 * stand where a directory is needed are forgotten. Returns 0, or E_LIMIT for LIMIT_LAYER_NAME_BYTES. */
int layer_tree_make(struct layer_tree *t, const struct walk *w, struct node **out, struct err *err);

/* Forget what is at the place that w found (not the root), and all below it; *node is then of kind
 * NODE_NONE. The same for a file in whose place w needs a directory. */
int layer_tree_clear(struct layer_tree *t, struct node **node, struct err *err);
void tree_make_way(const struct walk *w);

/* Mark all nodes below replaced ones as gone. After this nothing may be made. */
void layer_tree_sweep(struct layer_tree *t);

/* Returns 0, or E_LIMIT when following links has cost more than LIMIT_LAYER_LINK_BYTES so far. */
int tree_check(const struct layer_tree *t, struct err *err);

/* Count n bytes of names. Returns 0 or E_LIMIT. */
int layer_tree_charge(struct layer_tree *t, size_t n, struct err *err);

#endif
