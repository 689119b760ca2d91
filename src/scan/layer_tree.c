/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of the names that are remembered of a layer, and the way through its links.
 * Source: the tree rules of docs/formats/tar.md, "The tree of a layer".
 * Easy to get wrong: a directory that is replaced takes everything below it along. Its node is taken out of
 * the table and a new one put in its place, so that nothing below can be reached; tree_sweep marks the rest
 * in one pass at the end. Cost is linear in the bytes of a path: nodes are keyed (parent, component), never
 * by whole paths. */
#include "scan/layer_tree.h"

#include "base/limits.h"

#include <sys/auxv.h>

#define SLOT_BYTES 16 /* of the table, for one node */

void layer_tree_open(struct layer_tree *t, struct arena *arena)
{
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM); /* 16 bytes */

	*t = (struct layer_tree){ .arena = arena, .root.kind = NODE_DIRECTORY };
	t->last = &t->root;
	t->turn[0].arena = t->turn[1].arena = arena;
	if (random)
		memcpy(t->seed, random, sizeof(t->seed));
}

int layer_tree_charge(struct layer_tree *t, size_t n, struct err *err)
{
	t->name_bytes += n;
	if (t->name_bytes > LIMIT_LAYER_NAME_BYTES)
		return err_set(
			err, E_LIMIT,
			"names and links kept of the layer: more than %llu bytes (LIMIT_LAYER_NAME_BYTES)",
			LIMIT_LAYER_NAME_BYTES);
	return 0;
}

int tree_check(const struct layer_tree *t, struct err *err)
{
	if (t->link_bytes > LIMIT_LAYER_LINK_BYTES)
		return err_set(
			err, E_LIMIT,
			"following the links of the layer: more than %llu bytes (LIMIT_LAYER_LINK_BYTES)",
			LIMIT_LAYER_LINK_BYTES);
	return 0;
}

/* --- table --- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keyed, so that a layer cannot choose names that collide. */
static uint32_t hash_of(const struct layer_tree *t, const struct node *parent, struct str name)
{
	uint64_t h = (uintptr_t)parent ^ t->seed[0], w;

	for (; name.n > sizeof(w); name = str_sub(name, sizeof(w), name.n - sizeof(w))) {
		memcpy(&w, name.p, sizeof(w));
		h = mix(h ^ w, t->seed[1] | 1);
	}
	w = 0;
	memcpy(&w, name.p, name.n);
	h = mix(h ^ w, t->seed[1] | 1);
	return (uint32_t)mix(h ^ name.n, 0x9e3779b97f4a7c15u);
}

static struct node **slot_of(const struct layer_tree *t, const struct node *parent, struct str name,
			     uint32_t hash)
{
	for (size_t i = hash & (t->cap - 1);; i = (i + 1) & (t->cap - 1)) {
		const struct node *n = t->slots[i];

		if (!n || (n->hash == hash && n->parent == parent && n->name_n == name.n &&
			   memcmp(n->name, name.p, name.n) == 0))
			return &t->slots[i];
	}
}

static struct node *child_of(const struct layer_tree *t, const struct node *parent, struct str name)
{
	return t->cap ? *slot_of(t, parent, name, hash_of(t, parent, name)) : NULL;
}

static void grow(struct layer_tree *t)
{
	struct node **old = t->slots;
	size_t old_cap = t->cap;

	t->cap = old_cap ? size_mul(old_cap, 2) : 64;
	t->slots = ARENA_ARRAY(t->arena, struct node *, t->cap);
	for (size_t i = 0; i < old_cap; i++)
		if (old[i])
			*slot_of(t, old[i]->parent, (struct str){ old[i]->name, old[i]->name_n },
				 old[i]->hash) = old[i];
}

/* name must live as long as the tree. */
static int add_node(struct layer_tree *t, struct node *parent, struct str name, struct node **out,
		    struct err *err)
{
	uint32_t hash = hash_of(t, parent, name);
	struct node *n;

	TRY(layer_tree_charge(t, sizeof(*n) + SLOT_BYTES, err));
	if (t->n * 3 >= t->cap * 2)
		grow(t);
	n = ARENA_NEW(t->arena, struct node);
	*n = (struct node){ .parent = parent, .name = name.p, .name_n = (uint32_t)name.n, .hash = hash };
	t->n++;
	t->last->next = n;
	t->last = n;
	*slot_of(t, parent, name, hash) = n;
	*out = n;
	return 0;
}

/* --- the way through links --- */

/* The path that follows when a link stands before rest. False when it is too long. */
static bool redirect(struct layer_tree *t, struct str target, struct str rest, unsigned hops, struct str *out)
{
	struct buffer *b = &t->turn[hops & 1]; /* rest is in the other one */

	if (target.n + rest.n >= LIMIT_PATH_BYTES)
		return false;
	b->n = 0;
	if (rest.n == 0 || !str_eq(target, STR(".")))
		put_bytes(b, target);
	if (b->n && rest.n)
		put_u8(b, '/');
	put_bytes(b, rest);
	t->link_bytes += b->n;
	*out = buffer_str(b);
	return true;
}

static void start(struct layer_tree *t, struct str path, struct walk *w)
{
	w->at = &t->root;
	w->path = path;
	w->rest = str_eq(path, STR(".")) ? str_sub(path, 1, 0) : path;
}

bool layer_tree_walk(struct layer_tree *t, struct str path, bool follow_last, struct walk *w)
{
	start(t, path, w);
	while (w->rest.n) {
		struct str component, rest;
		bool has_more = str_cut(w->rest, '/', &component, &rest);
		struct node *child = child_of(t, w->at, component);

		if (!child)
			break;
		if (child->kind == NODE_SYMLINK && (has_more || follow_last)) {
			if (w->hops++ == LIMIT_LINK_HOPS)
				return false;
			if (!redirect(t, child->link->target, rest, w->hops, &path))
				return false;
			start(t, path, w);
			continue;
		}
		w->at = child;
		w->rest = has_more ? rest : str_sub(w->rest, w->rest.n, 0);
	}
	return true;
}

enum tree_found layer_tree_find(struct layer_tree *t, struct str path, struct walk *w)
{
	w->hops = 0;
	for (;;) {
		if (!layer_tree_walk(t, path, true, w))
			return TREE_LOOP;
		if (w->rest.n || w->at->kind == NODE_NONE)
			return TREE_MISSING;
		if (w->at->kind != NODE_HARD_LINK)
			return TREE_FOUND;
		if (w->hops++ == LIMIT_LINK_HOPS)
			return TREE_LOOP;
		path = w->at->link->target;
	}
}

/* --- changes --- */

static void forget(struct node *n, enum node_kind kind)
{
	n->kind = kind;
	n->wanted_by = 0;
	n->file = NULL;
}

void tree_make_way(const struct walk *w)
{
	if (w->rest.n && w->at->kind != NODE_DIRECTORY)
		forget(w->at, NODE_DIRECTORY);
}

int layer_tree_make(struct layer_tree *t, const struct walk *w, struct node **out, struct err *err)
{
	struct node *at = w->at;
	struct str names, name;

	if (w->rest.n) {
		tree_make_way(w);
		TRY(layer_tree_charge(t, w->rest.n, err));
		names = str_copy(t->arena, w->rest);
		while (names.n) {
			str_cut(names, '/', &name, &names);
			TRY(add_node(t, at, name, &at, err));
			at->kind = names.n ? NODE_DIRECTORY : NODE_NONE;
		}
	}
	*out = at;
	return 0;
}

int layer_tree_clear(struct layer_tree *t, struct node **node, struct err *err)
{
	struct node *n = *node;

	if (n->kind == NODE_DIRECTORY && n->parent) {
		n->is_gone = true; /* the new node takes its slot */
		TRY(add_node(t, n->parent, (struct str){ n->name, n->name_n }, node, err));
		return 0;
	}
	forget(n, NODE_NONE);
	return 0;
}

void layer_tree_sweep(struct layer_tree *t)
{
	for (struct node *n = t->root.next; n; n = n->next)
		n->is_gone = n->is_gone || n->parent->is_gone;
}
