/* SPDX-License-Identifier: Apache-2.0 */
/* Values as small trees, made from the tokens of json_reader.c: one record of a feed, or a whole small
 * document. Source: RFC 8259. Easy to get wrong: members are gathered on one stack for all levels and copied
 * out when their container ends, so a tree costs what it holds and no level recurses. Lines are counted for
 * whole documents only: records of feeds are many and nobody asks. */
#include "base/json.h"

#include "base/limits.h"
#include "base/vec.h"

struct member {
	struct str key;
	struct json_value value;
};

struct open_container {
	enum json_type type;
	uint32_t line;
	size_t first; /* of its members on the stack */
	struct str key;
};

struct builder {
	struct arena *arena;
	size_t used_before, max;
	struct arena scratch;
	VEC(struct member) members;
	struct open_container *open; /* LIMIT_JSON_DEPTH of them, not cleared for every small tree */
	unsigned depth;
	struct str key; /* of the value that comes next */
	uint32_t line; /* of the token at hand; of the key for a member's value */
	bool after_key;
};

static int check_size(const struct builder *b, struct err *err)
{
	size_t used = b->arena->used_bytes - b->used_before + b->members.n * sizeof(struct member);

	return used > b->max ? err_set(err, E_LIMIT, "JSON value above %zu bytes of memory", b->max) : 0;
}

/* A new value on the stack. Its fields are stored one by one: a value put together elsewhere and copied at
 * once would stall the processor, which has not written its halves yet. */
static struct member *push(struct builder *b, enum json_type type, uint32_t line, struct str key)
{
	struct member *m = VEC_ADD(&b->scratch, &b->members);

	m->key = key;
	m->value.type = type;
	m->value.line = line;
	m->value.text.p = NULL;
	m->value.text.n = 0;
	m->value.items = NULL;
	m->value.keys = NULL;
	m->value.n = 0;
	return m;
}

/* A container ended: its members move into the arena, and it takes their place on the stack. */
static void end_container(struct builder *b)
{
	const struct open_container *c = &b->open[--b->depth];
	size_t n = b->members.n - c->first;
	const struct member *members = n ? b->members.p + c->first : NULL;
	struct json_value *items = n ? arena_alloc_raw(b->arena, size_mul(n, sizeof(*items))) : NULL;
	struct str *keys = n && c->type == JSON_OBJECT ? arena_alloc_raw(b->arena, size_mul(n, sizeof(*keys)))
						       : NULL;
	struct member *m;

	for (size_t i = 0; i < n; i++)
		items[i] = members[i].value;
	for (size_t i = 0; keys && i < n; i++)
		keys[i] = members[i].key;
	b->members.n = c->first;
	m = push(b, c->type, c->line, c->key);
	m->value.items = items;
	m->value.keys = keys;
	m->value.n = n;
}

static void add_scalar(struct builder *b, const struct json_token *t)
{
	struct member *m = push(b, t->type, b->line, b->key);

	if (t->type == JSON_STRING || t->type == JSON_NUMBER)
		m->value.text = str_copy(b->arena, t->text);
}

/* Take one token in. Returns 1 when *out is the whole value, 0 when more must come. */
static int add_token(struct builder *b, const struct json_token *t, struct json_value *out, struct err *err)
{
	TRY(check_size(b, err));
	switch (t->type) {
	case JSON_KEY: b->key = str_copy(b->arena, t->text); return 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		b->open[b->depth++] = (struct open_container){ t->type, b->line, b->members.n, b->key };
		return 0;
	case JSON_ARRAY_END:
	case JSON_OBJECT_END: end_container(b); break;
	default: add_scalar(b, t); break;
	}
	if (b->depth)
		return 0;
	*out = b->members.p[0].value;
	return 1;
}

/* The line of the token that was read last, unless it is the value of a key. */
static void note_line(struct builder *b, struct json_reader *j, enum json_type type)
{
	uint64_t line, column;

	if (!b->after_key) {
		json_position(j, &line, &column);
		b->line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
	}
	b->after_key = type == JSON_KEY;
}

static int build(struct json_reader *j, const struct json_token *first, struct builder *b, bool with_lines,
		 struct json_value *out, struct err *err)
{
	struct open_container open[LIMIT_JSON_DEPTH];
	struct json_token token = *first;
	int result;

	b->open = open;
	if (with_lines)
		note_line(b, j, token.type);
	result = add_token(b, &token, out, err);
	while (result == 0) {
		result = json_next(j, &token, err);
		if (result <= 0)
			break;
		if (with_lines)
			note_line(b, j, token.type);
		result = add_token(b, &token, out, err);
	}
	arena_reset(&b->scratch);
	return result < 0 ? result : 0;
}

int json_tree(struct json_reader *j, const struct json_token *first, struct arena *a, size_t max,
	      struct json_value *out, struct err *err)
{
	struct builder b = { .arena = a, .used_before = a->used_bytes, .max = max };

	return build(j, first, &b, false, out, err);
}

int json_parse(struct arena *a, struct str text, struct json_value *out, struct err *err)
{
	autojson struct json_reader *j = json_reader_open_text(text);
	struct builder b = { .arena = a, .used_before = a->used_bytes, .max = LIMIT_JSON_TREE_BYTES };
	struct json_token token;
	struct json_value v;

	TRY(json_next(j, &token, err));
	TRY(build(j, &token, &b, true, &v, err));
	TRY(json_next(j, &token, err));
	*out = v;
	return 0;
}

const struct json_value *json_get(const struct json_value *v, const char *key)
{
	struct str wanted = str_of(key);

	if (!v || v->type != JSON_OBJECT)
		return NULL;
	for (size_t i = v->n; i-- > 0;)
		if (str_eq(v->keys[i], wanted))
			return &v->items[i];
	return NULL;
}

struct str json_get_str(const struct json_value *v, const char *key)
{
	const struct json_value *member = json_get(v, key);

	return member && member->type == JSON_STRING ? member->text : (struct str){ NULL, 0 };
}

int64_t json_get_int(const struct json_value *v, const char *key, int64_t otherwise)
{
	const struct json_value *member = json_get(v, key);
	uint64_t n;
	bool is_negative;
	struct str digits;

	if (!member || member->type != JSON_NUMBER)
		return otherwise;
	digits = member->text;
	is_negative = str_starts(digits, STR("-"));
	if (is_negative)
		digits = str_sub(digits, 1, digits.n - 1);
	if (!str_u64(digits, (uint64_t)INT64_MAX + is_negative, &n))
		return otherwise;
	return is_negative ? (int64_t)(0 - n) : (int64_t)n;
}
