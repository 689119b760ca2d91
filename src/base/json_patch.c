/* SPDX-License-Identifier: Apache-2.0 */
/* Changing JSON trees by patches. Sources: RFC 7386 (merge patch), RFC 6902 (operations), RFC 6901
 * (pointers). What a reader would get wrong: trees are never changed in place; a change copies the containers
 * on the way to it and shares all else, so a patch can name the same part over and over. What it visits and
 * copies is therefore charged to one budget, and so is the depth of what it puts together. */
#include "base/json_patch.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- merge patch ---- */

static const enum json_type removed = JSON_KEY; /* the type of a member that is no more; no value has it */

/* An object while it is put together: keys in order of their first appearance, the last value of each. */
struct object {
	struct arena *arena;
	struct map places; /* struct json_value * */
	VEC(struct str) keys;
	VEC(struct json_value *) values;
};

/* The value of a key, made as removed when absent. */
static struct json_value *place_of(struct object *o, struct str key)
{
	void **place = map_put(&o->places, key);

	if (!*place) {
		*place = ARENA_NEW(o->arena, struct json_value);
		((struct json_value *)*place)->type = removed;
		VEC_PUSH(o->arena, &o->keys, key);
		VEC_PUSH(o->arena, &o->values, *place);
	}
	return *place;
}

static struct json_value object_end(const struct object *o, uint32_t line)
{
	struct json_value v = { .type = JSON_OBJECT, .line = line };

	v.keys = ARENA_ARRAY(o->arena, struct str, o->keys.n);
	v.items = ARENA_ARRAY(o->arena, struct json_value, o->keys.n);
	for (size_t i = 0; i < o->keys.n; i++) {
		if (o->values.p[i]->type == removed)
			continue;
		v.keys[v.n] = o->keys.p[i];
		v.items[v.n++] = *o->values.p[i];
	}
	return v;
}

struct json_value json_merge(struct arena *a, const struct json_value *target, const struct json_value *patch)
{
	struct object o = { .arena = a, .places = { .arena = a } };
	bool is_object = target && target->type == JSON_OBJECT;

	if (patch->type != JSON_OBJECT)
		return *patch;
	for (size_t i = 0; is_object && i < target->n; i++)
		*place_of(&o, target->keys[i]) = target->items[i];
	for (size_t i = 0; i < patch->n; i++) {
		struct json_value *v = place_of(&o, patch->keys[i]);

		if (patch->items[i].type == JSON_NULL)
			v->type = removed;
		else
			*v = json_merge(a, v->type == removed ? NULL : v, &patch->items[i]);
	}
	return object_end(&o, is_object ? target->line : patch->line);
}

/* ---- operations ---- */

/* A pointer cut into its tokens, unescaped. */
struct pointer {
	struct str tokens[LIMIT_JSON_DEPTH];
	unsigned n;
};

struct patch {
	struct arena *arena;
	size_t left; /* of the budget, in values */
	struct err *err;
};

static int charge(struct patch *p, size_t values)
{
	if (values > p->left)
		return err_set(p->err, E_LIMIT, "the patch moves more than %llu bytes",
			       (unsigned long long)LIMIT_JSON_TREE_BYTES);
	p->left -= values;
	return 0;
}

/* Pay for a walk over all of v; *height: levels of containers. */
static int charge_tree(struct patch *p, const struct json_value *v, unsigned *height)
{
	unsigned highest = 0, inner;

	TRY(charge(p, 1));
	for (size_t i = 0; i < v->n; i++) {
		TRY(charge_tree(p, &v->items[i], &inner));
		highest = inner > highest ? inner : highest;
	}
	*height = v->type == JSON_ARRAY || v->type == JSON_OBJECT ? highest + 1 : 0;
	return 0;
}

/* "~1" is a slash, "~0" a tilde. */
static int unescape(struct patch *p, struct str raw, struct str *out)
{
	char *text = arena_alloc_raw(p->arena, raw.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) {
		text[n++] = raw.p[i];
		if (raw.p[i] != '~')
			continue;
		if (++i == raw.n || (raw.p[i] != '0' && raw.p[i] != '1'))
			return err_set(p->err, E_FORMAT, "in a path ~ is written ~0, and / is written ~1");
		text[n - 1] = raw.p[i] == '0' ? '~' : '/';
	}
	*out = (struct str){ text, n };
	return 0;
}

static int pointer_parse(struct patch *p, struct str text, struct pointer *out)
{
	struct str rest = text, token;

	out->n = 0;
	if (text.n && text.p[0] != '/')
		return err_set(p->err, E_FORMAT, "path '" STR_FMT "' does not begin with /", STR_ARG(text));
	while (rest.n) {
		size_t end;

		rest = str_sub(rest, 1, rest.n - 1);
		end = str_find(rest, '/');
		token = str_sub(rest, 0, end);
		rest = str_sub(rest, end, rest.n - end);
		if (out->n == LIMIT_JSON_DEPTH)
			return err_set(p->err, E_LIMIT, "path of more than %u parts", LIMIT_JSON_DEPTH);
		TRY(unescape(p, token, &out->tokens[out->n++]));
	}
	return 0;
}

static int no_such(struct patch *p, struct str token)
{
	return err_set(p->err, E_FORMAT, "there is no '" STR_FMT "' at the path", STR_ARG(token));
}

/* Index of a member or element. is_new: it may be one behind the end ("-" too). */
static int find(struct patch *p, const struct json_value *v, struct str token, bool is_new, size_t *out)
{
	uint64_t index;

	if (v->type == JSON_OBJECT) {
		TRY(charge(p, v->n / 8 + 1));
		for (size_t i = v->n; i-- > 0;)
			if (str_eq(v->keys[i], token)) {
				*out = i;
				return 0;
			}
		*out = v->n;
		return is_new ? 0 : no_such(p, token);
	}
	if (v->type != JSON_ARRAY)
		return no_such(p, token);
	if (is_new && str_eq(token, STR("-"))) {
		*out = v->n;
		return 0;
	}
	if (!str_u64(token, SIZE_MAX, &index) || (token.n > 1 && token.p[0] == '0'))
		return err_set(p->err, E_FORMAT, "'" STR_FMT "' is no index of a list", STR_ARG(token));
	*out = (size_t)index;
	return index < v->n + is_new ? 0 : no_such(p, token);
}

static int lookup(struct patch *p, const struct json_value *root, const struct pointer *at,
		  const struct json_value **out)
{
	size_t index;

	for (unsigned i = 0; i < at->n; i++) {
		TRY(find(p, root, at->tokens[i], false, &index));
		root = &root->items[index];
	}
	*out = root;
	return 0;
}

/* Give a container arrays of its own with room for one more; what is below stays shared. */
static int own_container(struct patch *p, struct json_value *v)
{
	const struct json_value old = *v;

	TRY(charge(p, v->n + 1));
	v->items = ARENA_ARRAY(p->arena, struct json_value, v->n + 1);
	if (v->n)
		memcpy(v->items, old.items, v->n * sizeof(*v->items));
	if (v->type != JSON_OBJECT)
		return 0;
	v->keys = ARENA_ARRAY(p->arena, struct str, v->n + 1);
	if (v->n)
		memcpy(v->keys, old.keys, v->n * sizeof(*v->keys));
	return 0;
}

/* Copy what is on the way to the parent of `at`; *parent may then be changed. at->n > 0. */
static int open_parent(struct patch *p, struct json_value *root, const struct pointer *at,
		       struct json_value **parent)
{
	size_t index;

	TRY(own_container(p, root));
	for (unsigned i = 0; i + 1 < at->n; i++) {
		TRY(find(p, root, at->tokens[i], false, &index));
		root = &root->items[index];
		TRY(own_container(p, root));
	}
	*parent = root;
	return 0;
}

static int add(struct patch *p, struct json_value *root, const struct pointer *at,
	       const struct json_value *value)
{
	struct json_value *parent;
	unsigned height;
	size_t index;

	TRY(charge_tree(p, value, &height));
	if (at->n + height > LIMIT_JSON_DEPTH)
		return err_set(p->err, E_LIMIT, "nested too deep");
	if (at->n == 0) {
		*root = *value;
		return 0;
	}
	TRY(open_parent(p, root, at, &parent));
	TRY(find(p, parent, at->tokens[at->n - 1], true, &index));
	if (parent->type == JSON_ARRAY)
		memmove(parent->items + index + 1, parent->items + index,
			(parent->n - index) * sizeof(*parent->items));
	else
		parent->keys[index] = at->tokens[at->n - 1];
	parent->n += parent->type == JSON_ARRAY || index == parent->n;
	parent->items[index] = *value;
	return 0;
}

static int take_out(struct patch *p, struct json_value *root, const struct pointer *at)
{
	struct json_value *parent;
	size_t index, behind;

	if (at->n == 0)
		return err_set(p->err, E_FORMAT, "the whole document cannot be removed");
	TRY(open_parent(p, root, at, &parent));
	TRY(find(p, parent, at->tokens[at->n - 1], false, &index));
	behind = --parent->n - index;
	memmove(parent->items + index, parent->items + index + 1, behind * sizeof(*parent->items));
	if (parent->type == JSON_OBJECT)
		memmove(parent->keys + index, parent->keys + index + 1, behind * sizeof(*parent->keys));
	return 0;
}

static int replace(struct patch *p, struct json_value *root, const struct pointer *at,
		   const struct json_value *value)
{
	const struct json_value *old;
	struct json_value *parent;
	size_t index;
	unsigned height;

	TRY(lookup(p, root, at, &old));
	if (at->n == 0)
		return add(p, root, at, value);
	TRY(charge_tree(p, value, &height));
	if (at->n + height > LIMIT_JSON_DEPTH)
		return err_set(p->err, E_LIMIT, "nested too deep");
	TRY(open_parent(p, root, at, &parent));
	TRY(find(p, parent, at->tokens[at->n - 1], false, &index));
	parent->items[index] = *value;
	return 0;
}

/* ---- equality ---- */

static int is_equal(struct patch *p, const struct json_value *x, const struct json_value *y, bool *out);

static bool is_integer(struct str digits)
{
	return str_find(digits, '.') == digits.n && str_find(digits, 'e') == digits.n &&
	       str_find(digits, 'E') == digits.n;
}

static double as_double(struct str digits)
{
	char text[LIMIT_JSON_NUMBER_BYTES + 1];

	snprintf(text, sizeof(text), STR_FMT, STR_ARG(digits));
	return strtod(text, NULL);
}

/* Texts and kinds of values. 1.0 equals 1; integers are compared exactly. */
static bool is_equal_scalar(const struct json_value *x, const struct json_value *y)
{
	if (str_eq(x->text, y->text))
		return true;
	if (x->type != JSON_NUMBER || (is_integer(x->text) && is_integer(y->text)))
		return false;
	return as_double(x->text) == as_double(y->text);
}

static int is_equal_member(struct patch *p, const struct json_value *x, size_t i, const struct json_value *y,
			   bool *out)
{
	const struct json_value *other = &y->items[i < y->n ? i : 0];

	if (x->type == JSON_OBJECT && !str_eq(x->keys[i], y->keys[i])) {
		TRY(charge(p, y->n / 8 + 1));
		for (size_t j = y->n; j-- > 0;)
			if (str_eq(x->keys[i], y->keys[j]))
				return is_equal(p, &x->items[i], &y->items[j], out);
		*out = false;
		return 0;
	}
	return is_equal(p, &x->items[i], other, out);
}

static int is_equal(struct patch *p, const struct json_value *x, const struct json_value *y, bool *out)
{
	TRY(charge(p, 1));
	*out = x->type == y->type && x->n == y->n && is_equal_scalar(x, y);
	for (size_t i = 0; *out && i < x->n; i++)
		TRY(is_equal_member(p, x, i, y, out));
	return 0;
}

/* ---- a patch ---- */

static int test(struct patch *p, const struct json_value *root, const struct pointer *at,
		const struct json_value *value)
{
	const struct json_value *found;
	bool same;

	TRY(lookup(p, root, at, &found));
	TRY(is_equal(p, found, value, &same));
	return same ? 0 : err_set(p->err, E_CONFLICT, "the test failed: another value is there");
}

/* Is `inner` below `outer`? */
static bool is_below(const struct pointer *inner, const struct pointer *outer)
{
	if (inner->n <= outer->n)
		return false;
	for (unsigned i = 0; i < outer->n; i++)
		if (!str_eq(inner->tokens[i], outer->tokens[i]))
			return false;
	return true;
}

static int move_or_copy(struct patch *p, struct json_value *root, const struct json_value *operation,
			const struct pointer *to, bool is_move)
{
	const struct json_value *from = json_get(operation, "from"), *found;
	struct json_value value;
	struct pointer at;

	if (!from || from->type != JSON_STRING)
		return err_set(p->err, E_FORMAT, "there is no 'from'");
	TRY(pointer_parse(p, from->text, &at));
	TRY(lookup(p, root, &at, &found));
	value = *found;
	if (is_move && is_below(to, &at))
		return err_set(p->err, E_FORMAT, "a value cannot move into itself");
	if (is_move && at.n)
		TRY(take_out(p, root, &at));
	return add(p, root, to, &value);
}

static int apply(struct patch *p, struct json_value *root, const struct json_value *operation)
{
	struct str op = json_get_str(operation, "op");
	const struct json_value *path = json_get(operation, "path"), *value = json_get(operation, "value");
	struct pointer at;

	if (!path || path->type != JSON_STRING)
		return err_set(p->err, E_FORMAT, "there is no 'path'");
	TRY(pointer_parse(p, path->text, &at));
	if (str_eq(op, STR("remove")))
		return take_out(p, root, &at);
	if (str_eq(op, STR("move")) || str_eq(op, STR("copy")))
		return move_or_copy(p, root, operation, &at, op.p[0] == 'm');
	if (!str_eq(op, STR("add")) && !str_eq(op, STR("replace")) && !str_eq(op, STR("test")))
		return err_set(p->err, E_FORMAT,
			       "there is no op '" STR_FMT "', only add, remove, replace, move, copy and test",
			       STR_ARG(op));
	if (!value)
		return err_set(p->err, E_FORMAT, "there is no 'value'");
	if (op.p[0] == 'a')
		return add(p, root, &at, value);
	return op.p[0] == 'r' ? replace(p, root, &at, value) : test(p, root, &at, value);
}

int json_patch(struct arena *a, const struct json_value *target, const struct json_value *patch,
	       struct json_value *out, struct err *err)
{
	struct patch p = { .arena = a,
			   .left = LIMIT_JSON_TREE_BYTES / sizeof(struct json_value),
			   .err = err };
	struct json_value root = *target;

	if (patch->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "a patch is a list of operations");
	for (size_t i = 0; i < patch->n; i++)
		if (apply(&p, &root, &patch->items[i]) < 0)
			return err_wrap(err, "operation %zu", i + 1);
	*out = root;
	return 0;
}
