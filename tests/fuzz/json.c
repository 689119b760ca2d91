/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: the same tokens whatever the pieces; what we take, cJSON takes, with the same tree; what we write of
 * a tree, we read again. Documents with \u escapes or long numbers are not compared: cJSON has its own mind
 * on them. */
#include "base/arena.h"
#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pieces {
	struct reader reader;
	struct str rest;
	size_t piece;
};

static ssize_t pieces_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct pieces *p = (struct pieces *)r;

	(void)err;
	n = n < p->piece ? n : p->piece;
	n = n < p->rest.n ? n : p->rest.n;
	if (n)
		memcpy(buf, p->rest.p, n);
	p->rest = str_sub(p->rest, n, p->rest.n - n);
	return (ssize_t)n;
}

/* Code, text of the error and all tokens, as bytes. */
static struct str read_tokens(struct arena *a, struct str text, size_t piece)
{
	struct pieces source = { { .read = pieces_read }, text, piece };
	autojson struct json_reader *j = json_reader_open(&source.reader);
	struct buffer b = { .arena = a };
	struct json_token token;
	struct err err = { 0 };
	uint64_t line, column;
	int more;

	while ((more = json_next(j, &token, &err)) > 0) {
		put_u8(&b, (uint8_t)token.type);
		put_string(&b, token.text);
		if (b.n % 7 == 0) {
			json_position(j, &line, &column);
			put_varint(&b, line);
			put_varint(&b, column);
		}
		if (!str_is_text(token.text))
			abort();
	}
	put_varint(&b, (uint64_t)-more);
	put_bytes(&b, str_of(err.text));
	return buffer_str(&b);
}

static bool is_number_long(const struct json_value *v)
{
	return v->type == JSON_NUMBER && v->text.n > 60;
}

/* Depth is at most LIMIT_JSON_DEPTH. */
static void compare(const struct json_value *v, const cJSON *c)
{
	static const int types[] = { cJSON_NULL,   cJSON_False, cJSON_True,  cJSON_Number,
				     cJSON_String, cJSON_Array, cJSON_Object };
	const cJSON *child = c->child;

	if ((c->type & 0xff) != types[v->type])
		abort();
	if (v->type == JSON_STRING && !str_eq(v->text, str_of(c->valuestring)))
		abort();
	if (v->type == JSON_NUMBER && !is_number_long(v) && strtod(v->text.p, NULL) != c->valuedouble)
		abort();
	for (size_t i = 0; i < v->n; i++, child = child->next) {
		if (!child || (v->keys && !str_eq(v->keys[i], str_of(child->string))))
			abort();
		compare(&v->items[i], child);
	}
	if (child)
		abort();
}

static void write_value(struct json_writer *w, const struct json_value *v)
{
	switch (v->type) {
	case JSON_FALSE:
	case JSON_TRUE: json_bool(w, v->type == JSON_TRUE); return;
	case JSON_STRING: json_str(w, v->text); return;
	case JSON_ARRAY: json_array_begin(w); break;
	case JSON_OBJECT: json_object_begin(w); break;
	default: json_null(w); return; /* numbers too: the writer has only integers */
	}
	for (size_t i = 0; i < v->n; i++) {
		if (v->keys)
			json_key_str(w, v->keys[i]);
		write_value(w, &v->items[i]);
	}
	if (v->keys || v->type == JSON_OBJECT)
		json_object_end(w);
	else
		json_array_end(w);
}

static void must_be_same(const struct json_value *x, const struct json_value *y)
{
	if (x->type != y->type && !(x->type == JSON_NUMBER && y->type == JSON_NULL))
		abort();
	if (x->n != y->n || (x->type == JSON_STRING && !str_eq(x->text, y->text)))
		abort();
	for (size_t i = 0; i < x->n; i++) {
		if (x->keys && !str_eq(x->keys[i], y->keys[i]))
			abort();
		must_be_same(&x->items[i], &y->items[i]);
	}
}

static void write_and_read(struct arena *a, const struct json_value *v, unsigned indent)
{
	struct buffer b = { .arena = a };
	struct mem_writer to;
	struct json_writer w;
	struct json_value again;
	struct err err = { 0 };

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, indent, &err);
	write_value(&w, v);
	if (json_writer_end(&w) < 0 || json_parse(a, buffer_str(&b), &again, &err) < 0)
		abort();
	must_be_same(v, &again);
}

static void compare_with_cjson(struct str text, const struct json_value *v)
{
	const char *end = NULL;
	cJSON *c;

	if (str_search(text, STR("\\u")) < text.n)
		return;
	c = cJSON_ParseWithLengthOpts(text.p, text.n, &end, 0);
	if (!c || str_trim(str_sub(text, (size_t)(end - text.p), text.n - (size_t)(end - text.p))).n)
		abort();
	compare(v, c);
	cJSON_Delete(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, whole = read_tokens(&a, text, SIZE_MAX);
	struct json_value v;
	struct err err = { 0 };

	if (!str_eq(whole, read_tokens(&a, text, 1)) || !str_eq(whole, read_tokens(&a, text, 7)))
		abort();
	if (json_parse(&a, text, &v, &err) < 0)
		return 0;
	compare_with_cjson(text, &v);
	write_and_read(&a, &v, 0);
	write_and_read(&a, &v, 2);
	return 0;
}
