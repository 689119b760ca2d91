/* SPDX-License-Identifier: Apache-2.0 */
/* YAML: what is read, written as YAML and as JSON, is read again as the same tree; trees keep their bounds.
 */
#include "base/arena.h"
#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "base/yaml_write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_same(const struct json_value *x, const struct json_value *y)
{
	if (x->type != y->type || x->n != y->n || !str_eq(x->text, y->text))
		abort();
	for (size_t i = 0; i < x->n; i++) {
		if (x->type == JSON_OBJECT && !str_eq(x->keys[i], y->keys[i]))
			abort();
		must_be_same(&x->items[i], &y->items[i]);
	}
}

static size_t nodes(const struct json_value *v, unsigned depth)
{
	size_t n = 1;

	if (depth > LIMIT_JSON_DEPTH)
		abort();
	for (size_t i = 0; i < v->n; i++)
		n += nodes(&v->items[i], depth + 1);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct buffer text = { .arena = &a };
	struct mem_writer to;
	struct json_value v, again;
	struct err err = { 0 };
	size_t n;

	if (yaml_parse(&a, (struct str){ (const char *)data, size }, &v, &err) < 0) {
		if (!err.code || !err.text[0])
			abort();
		return 0;
	}
	n = nodes(&v, 0);
	if (n * sizeof(v) > LIMIT_JSON_TREE_BYTES)
		abort();
	if (n > 20000)
		return 0;
	mem_writer_open(&to, &text);
	if (yaml_write(&to.writer, &v, &err) < 0 || yaml_parse(&a, buffer_str(&text), &again, &err) < 0)
		abort();
	must_be_same(&v, &again);
	return 0;
}
