/* SPDX-License-Identifier: Apache-2.0 */
/* Patches: a document in the first line, a patch behind it, taken as a merge patch and as operations. What
 * comes out keeps the bounds of trees; merging twice is merging once. */
#include "base/json_patch.h"

#include "base/arena.h"
#include "base/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t nodes(const struct json_value *v, unsigned depth)
{
	size_t n = 1;

	if (depth > LIMIT_JSON_DEPTH || v->type > JSON_OBJECT)
		abort();
	for (size_t i = 0; i < v->n; i++)
		n += nodes(&v->items[i], depth + 1);
	return n;
}

static bool is_same(const struct json_value *x, const struct json_value *y)
{
	bool same = x->type == y->type && x->n == y->n && str_eq(x->text, y->text);

	for (size_t i = 0; same && i < x->n; i++)
		same = (x->type != JSON_OBJECT || str_eq(x->keys[i], y->keys[i])) &&
		       is_same(&x->items[i], &y->items[i]);
	return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, first, rest;
	struct json_value target, patch, once, twice, out = { 0 };
	struct err err = { 0 };

	str_cut(text, '\n', &first, &rest);
	if (json_parse(&a, first, &target, &err) < 0 || json_parse(&a, rest, &patch, &err) < 0)
		return 0;
	once = json_merge(&a, &target, &patch);
	nodes(&once, 0);
	twice = json_merge(&a, &once, &patch);
	if (!is_same(&once, &twice))
		abort();
	if (json_patch(&a, &target, &patch, &out, &err) < 0)
		return err.text[0] ? 0 : (abort(), 0);
	if (nodes(&out, 0) > nodes(&target, 0) + nodes(&patch, 0) + LIMIT_JSON_TREE_BYTES / sizeof(out))
		abort();
	return 0;
}
