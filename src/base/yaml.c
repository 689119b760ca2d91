/* SPDX-License-Identifier: Apache-2.0 */
/* YAML documents as JSON trees, made from libyaml's events.
 * Source: YAML 1.1, https://yaml.org/spec/1.1/ ; merge keys: https://yaml.org/type/merge.html . What a reader
 * would get wrong: an alias shares the memory of what it names, so a small text can stand for a huge tree.
 * Every node therefore carries its weight and height as if it had been written out, and both are bounded. */
#include "base/yaml.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/yaml_scalar.h"

#include <yaml.h>

struct node {
	struct json_value value;
	size_t weight; /* bytes of the tree, aliases written out */
	unsigned height; /* 0: a scalar */
};

struct member {
	struct str key;
	bool is_merge; /* the key is << */
	struct node node;
};

struct anchor {
	bool is_open; /* its container has not ended */
	struct node node;
};

struct open_container {
	bool is_object, has_key;
	struct member next; /* key and line of the member whose value comes next */
	uint32_t line;
	size_t first; /* of its members on the stack */
	size_t weight;
	unsigned height; /* of the highest member */
	struct anchor *anchor; /* NULL: none */
};

struct parse {
	yaml_parser_t parser;
	struct arena *arena, scratch;
	VEC(struct member) members;
	struct map anchors;
	struct open_container open[LIMIT_JSON_DEPTH];
	unsigned depth;
	size_t weight; /* of all nodes so far */
	bool is_done;
	struct node root;
	struct err *err;
};

static int fail_at(struct parse *p, const yaml_mark_t *mark, int code, const char *what)
{
	return err_set(p->err, code, "line %zu column %zu: %s", mark->line + 1, mark->column + 1, what);
}

static int fail_parser(struct parse *p)
{
	const char *problem = p->parser.problem ? p->parser.problem : "not readable";

	if (p->parser.error == YAML_READER_ERROR)
		return err_set(p->err, E_FORMAT, "byte %zu: %s", p->parser.problem_offset, problem);
	return fail_at(p, &p->parser.problem_mark, E_FORMAT, problem);
}

static struct str text_of(const yaml_char_t *text)
{
	return str_of((const char *)text);
}

static uint32_t line_of(const yaml_event_t *e)
{
	return e->start_mark.line < UINT32_MAX ? (uint32_t)e->start_mark.line + 1 : UINT32_MAX;
}

static struct anchor *anchor_new(struct parse *p, const yaml_char_t *name)
{
	struct anchor *anchor;

	if (!name)
		return NULL;
	anchor = ARENA_NEW(&p->scratch, struct anchor);
	*map_put(&p->anchors, str_copy(&p->scratch, text_of(name))) = anchor;
	return anchor;
}

/* ---- where nodes go ---- */

static int take_key(struct parse *p, const yaml_event_t *e, const struct json_value *key, bool is_plain)
{
	struct open_container *c = &p->open[p->depth - 1];

	if (key->type == JSON_ARRAY || key->type == JSON_OBJECT)
		return fail_at(p, &e->start_mark, E_FORMAT, "a key must be a word, not a list or a mapping");
	c->has_key = true;
	c->next = (struct member){ .key = key->text, .is_merge = is_plain && str_eq(key->text, STR("<<")) };
	c->next.node.value.line = line_of(e);
	return 0;
}

static bool wants_key(const struct parse *p)
{
	return p->depth && p->open[p->depth - 1].is_object && !p->open[p->depth - 1].has_key;
}

/* Put a whole node where it belongs; fresh: bytes it adds to the tree. */
static int add_node(struct parse *p, const yaml_event_t *e, const struct node *node, size_t fresh)
{
	struct open_container *c = p->depth ? &p->open[p->depth - 1] : NULL;
	struct member *member;

	p->weight += fresh;
	if (p->weight > LIMIT_JSON_TREE_BYTES)
		return fail_at(p, &e->start_mark, E_LIMIT,
			       "the document is too large once aliases are written out");
	if (p->depth + node->height > LIMIT_JSON_DEPTH)
		return fail_at(p, &e->start_mark, E_LIMIT, "nested too deep");
	if (!c) {
		p->root = *node;
		return 0;
	}
	member = VEC_ADD(&p->scratch, &p->members);
	*member = (struct member){ .node = *node };
	if (c->is_object) {
		member->key = c->next.key;
		member->is_merge = c->next.is_merge;
		member->node.value.line = c->next.node.value.line;
	}
	c->has_key = false;
	c->weight += node->weight;
	c->height = node->height > c->height ? node->height : c->height;
	return 0;
}

/* ---- scalars and aliases ---- */

static int scalar_value(struct parse *p, const yaml_event_t *e, struct json_value *out)
{
	struct str text = { (const char *)e->data.scalar.value, e->data.scalar.length };
	struct str tag = text_of(e->data.scalar.tag);
	bool is_plain = e->data.scalar.plain_implicit && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool is_typed = is_plain || str_eq(tag, STR(YAML_INT_TAG)) || str_eq(tag, STR(YAML_FLOAT_TAG)) ||
			str_eq(tag, STR(YAML_BOOL_TAG)) || str_eq(tag, STR(YAML_NULL_TAG));
	struct err why;

	if (!str_is_text(text))
		return fail_at(p, &e->start_mark, E_FORMAT, "a zero byte in a text");
	*out = (struct json_value){ .type = JSON_STRING };
	if (is_typed && yaml_scalar(p->arena, text, out, &why) < 0)
		return fail_at(p, &e->start_mark, why.code, why.text);
	if (out->type == JSON_STRING)
		out->text = str_copy(p->arena, text);
	out->line = line_of(e);
	return 0;
}

static int add_key(struct parse *p, const yaml_event_t *e)
{
	struct str text = { (const char *)e->data.scalar.value, e->data.scalar.length };
	struct json_value key = { .type = JSON_STRING };
	struct anchor *anchor = anchor_new(p, e->data.scalar.anchor);

	if (!str_is_text(text))
		return fail_at(p, &e->start_mark, E_FORMAT, "a zero byte in a key");
	key.text = str_copy(p->arena, text);
	p->weight += sizeof(key) + text.n;
	if (anchor)
		anchor->node = (struct node){ key, sizeof(key) + text.n, 0 };
	return take_key(p, e, &key, e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static int add_scalar(struct parse *p, const yaml_event_t *e)
{
	struct node node = { 0 };
	struct anchor *anchor;

	if (wants_key(p))
		return add_key(p, e);
	TRY(scalar_value(p, e, &node.value));
	node.weight = sizeof(node.value) + sizeof(struct str) + node.value.text.n;
	anchor = anchor_new(p, e->data.scalar.anchor);
	if (anchor)
		anchor->node = node;
	return add_node(p, e, &node, node.weight);
}

static int add_alias(struct parse *p, const yaml_event_t *e)
{
	struct anchor *anchor = map_get(&p->anchors, text_of(e->data.alias.anchor));
	struct node node;

	if (!anchor)
		return fail_at(p, &e->start_mark, E_FORMAT, "an alias of nothing: no such anchor before it");
	if (anchor->is_open)
		return fail_at(p, &e->start_mark, E_FORMAT, "an alias inside of what it names");
	node = anchor->node;
	if (wants_key(p))
		return take_key(p, e, &node.value, false);
	node.value.line = line_of(e);
	return add_node(p, e, &node, node.weight);
}

/* ---- containers ---- */

static int begin_container(struct parse *p, const yaml_event_t *e, bool is_object, const yaml_char_t *name)
{
	struct open_container *c = &p->open[p->depth];

	if (wants_key(p))
		return fail_at(p, &e->start_mark, E_FORMAT, "a key must be a word, not a list or a mapping");
	if (p->depth == LIMIT_JSON_DEPTH)
		return fail_at(p, &e->start_mark, E_LIMIT, "nested too deep");
	*c = (struct open_container){ .is_object = is_object, .line = line_of(e), .first = p->members.n };
	c->anchor = anchor_new(p, name);
	if (c->anchor)
		c->anchor->is_open = true;
	p->depth++;
	return 0;
}

/* The members of an object while it is put together. */
struct object {
	VEC(struct member) members;
	struct map places; /* key: position + 1 */
};

/* Returns false when there is one of that name. */
static bool object_add(struct parse *p, struct object *o, const struct member *m)
{
	void **place = map_put(&o->places, m->key);

	if (*place)
		return false;
	VEC_PUSH(&p->scratch, &o->members, *m);
	*place = m->key.p ? (void *)m->key.p : (void *)o;
	return true;
}

static int merge_one(struct parse *p, const yaml_event_t *e, struct object *o, const struct json_value *v)
{
	if (v->type != JSON_OBJECT)
		return fail_at(p, &e->start_mark, E_FORMAT, "<< takes mappings only");
	for (size_t i = 0; i < v->n; i++) {
		struct member m = { .key = v->keys[i], .node = { .value = v->items[i] } };

		object_add(p, o, &m);
	}
	return 0;
}

/* "<<: *a" or "<<: [*a, *b]": what was there before wins. */
static int merge(struct parse *p, const yaml_event_t *e, struct object *o, const struct json_value *v)
{
	if (v->type != JSON_ARRAY)
		return merge_one(p, e, o, v);
	for (size_t i = 0; i < v->n; i++)
		TRY(merge_one(p, e, o, &v->items[i]));
	return 0;
}

static int object_value(struct parse *p, const yaml_event_t *e, const struct open_container *c,
			struct json_value *out)
{
	struct object o = { .places = { .arena = &p->scratch } };
	bool has_merge = false;

	for (size_t i = c->first; i < p->members.n; i++) {
		struct member m = p->members.p[i];

		has_merge = has_merge || m.is_merge;
		if (!m.is_merge && !object_add(p, &o, &m))
			return err_set(p->err, E_FORMAT, "line %u: key '" STR_FMT "' is there twice",
				       m.node.value.line, STR_ARG(m.key));
	}
	for (size_t i = c->first; has_merge && i < p->members.n; i++)
		if (p->members.p[i].is_merge)
			TRY(merge(p, e, &o, &p->members.p[i].node.value));
	out->n = o.members.n;
	out->keys = ARENA_ARRAY(p->arena, struct str, out->n);
	out->items = ARENA_ARRAY(p->arena, struct json_value, out->n);
	for (size_t i = 0; i < out->n; i++) {
		out->keys[i] = o.members.p[i].key;
		out->items[i] = o.members.p[i].node.value;
	}
	return 0;
}

static void array_value(struct parse *p, const struct open_container *c, struct json_value *out)
{
	out->n = p->members.n - c->first;
	out->items = ARENA_ARRAY(p->arena, struct json_value, out->n);
	for (size_t i = 0; i < out->n; i++)
		out->items[i] = p->members.p[c->first + i].node.value;
}

static int end_container(struct parse *p, const yaml_event_t *e)
{
	struct open_container *c = &p->open[p->depth - 1];
	size_t own = sizeof(struct json_value) + sizeof(struct str);
	struct node node = { .weight = c->weight + own, .height = c->height + 1 };

	node.value = (struct json_value){ .type = c->is_object ? JSON_OBJECT : JSON_ARRAY, .line = c->line };
	if (c->is_object)
		TRY(object_value(p, e, c, &node.value));
	else
		array_value(p, c, &node.value);
	p->members.n = c->first;
	if (c->anchor)
		*c->anchor = (struct anchor){ false, node };
	p->depth--;
	return add_node(p, e, &node, own);
}

/* ---- events ---- */

static int take_event(struct parse *p, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT: return add_scalar(p, e);
	case YAML_ALIAS_EVENT: return add_alias(p, e);
	case YAML_SEQUENCE_START_EVENT: return begin_container(p, e, false, e->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT: return begin_container(p, e, true, e->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return end_container(p, e);
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT: p->is_done = true; return 0;
	default: return 0;
	}
}

static int parse_events(struct parse *p)
{
	while (!p->is_done) {
		yaml_event_t event;
		int rc;

		if (!yaml_parser_parse(&p->parser, &event))
			return fail_parser(p);
		rc = take_event(p, &event);
		yaml_event_delete(&event);
		TRY(rc);
	}
	return 0;
}

/* libyaml compares each tag directive with all before it, and reads UTF-16, where none would be seen here. */
static int check_text(struct str text, struct err *err)
{
	enum { DIRECTIVES_MAX = 1000 };
	unsigned directives = 0;
	size_t at;

	if (str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff")))
		return err_set(err, E_FORMAT, "UTF-16; save it as UTF-8");
	while ((at = str_search(text, STR("%TAG"))) < text.n) {
		if (++directives > DIRECTIVES_MAX)
			return err_set(err, E_LIMIT, "more than %d tag directives", DIRECTIVES_MAX);
		text = str_sub(text, at + 4, text.n - at - 4);
	}
	return 0;
}

int yaml_parse(struct arena *a, struct str text, struct json_value *out, struct err *err)
{
	struct parse p = { .arena = a, .err = err };
	int rc;

	TRY(check_text(text, err));
	if (!yaml_parser_initialize(&p.parser))
		return err_set(err, E_IO, "YAML: out of memory");
	p.anchors.arena = &p.scratch;
	p.root.value = (struct json_value){ .type = JSON_OBJECT, .line = 1 };
	yaml_parser_set_input_string(&p.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
	rc = parse_events(&p);
	yaml_parser_delete(&p.parser);
	arena_reset(&p.scratch);
	TRY(rc);
	*out = p.root.value;
	return 0;
}
