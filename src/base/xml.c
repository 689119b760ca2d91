/* SPDX-License-Identifier: Apache-2.0 */
/* XML 1.0 (https://www.w3.org/TR/xml/) as a stream of events, on expat: a piece of the source is parsed, its
 * events are copied into a batch, and the batch is handed out one by one. Easy to get wrong: the text of an
 * element that has children comes in runs between their tags. Children take their own text with them when
 * they end, so the runs of every open element lie together on one stack of bytes. */
#include "base/xml.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/vec.h"

#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/auxv.h>

enum { ENCODING_BYTES = 4, PIECE_BYTES = 32 * 1024 };

struct open_element {
	size_t text, run; /* on the stack: where its text, and the run since the last tag, begin */
	bool has_children;
};

struct queued {
	struct xml_event event;
	uint64_t line, column;
};

struct xml_reader {
	struct arena arena;
	struct reader *source;
	XML_Parser parser;
	char *piece;
	uint64_t read_bytes; /* of the source */
	struct open_element *open; /* LIMIT_XML_DEPTH of them */
	unsigned depth, skip_depth; /* skip_depth: nothing below it is wanted; 0: all is */
	struct buffer text; /* of the open elements */
	struct arena batch;
	VEC(struct queued) queue; /* in batch */
	size_t next; /* of the queue */
	uint64_t line, column; /* of the last event handed out, from 1 */
	unsigned last_depth;
	bool is_last_begin, at_end;
	struct err failure;
};

/* ---- what expat calls ---- */

static void fail(struct xml_reader *x, int code, const char *what)
{
	if (x->failure.code)
		return;
	err_set(&x->failure, code, "line %llu, column %llu: %s",
		(unsigned long long)XML_GetCurrentLineNumber(x->parser),
		(unsigned long long)XML_GetCurrentColumnNumber(x->parser) + 1, what);
	XML_StopParser(x->parser, XML_FALSE);
}

static struct str local_name(const char *qualified)
{
	struct str name = str_of(qualified), prefix, local;

	return str_cut(name, ':', &prefix, &local) ? local : name;
}

static struct queued *queue(struct xml_reader *x, enum xml_type type, struct str name)
{
	struct queued *q = VEC_ADD(&x->batch, &x->queue);

	*q = (struct queued){ .line = XML_GetCurrentLineNumber(x->parser),
			      .column = XML_GetCurrentColumnNumber(x->parser) + 1 };
	q->event.type = type;
	q->event.name = str_copy(&x->batch, name);
	q->event.depth = x->depth;
	return q;
}

static bool is_blank(const struct buffer *b, size_t from)
{
	while (from < b->n &&
	       (b->p[from] == ' ' || b->p[from] == '\n' || b->p[from] == '\t' || b->p[from] == '\r'))
		from++;
	return from == b->n;
}

/* Blanks between the tags of children are layout. */
static void end_run(struct xml_reader *x, struct open_element *e)
{
	if (e->has_children && is_blank(&x->text, e->run))
		x->text.n = e->run;
}

/* expat lists the attributes of the tag first, then those that the DTD would add. */
static bool take_attributes(struct xml_reader *x, const XML_Char **attributes, struct xml_event *out)
{
	size_t n = (size_t)XML_GetSpecifiedAttributeCount(x->parser) / 2, bytes = 0;
	struct xml_attribute *list;

	if (n > LIMIT_XML_ATTRIBUTES) {
		fail(x, E_LIMIT, "an element has too many attributes");
		return false;
	}
	list = ARENA_ARRAY(&x->batch, struct xml_attribute, n);
	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(attributes[2 * i]), value = str_of(attributes[2 * i + 1]);

		bytes += name.n + value.n;
		if (bytes > LIMIT_XML_TOKEN_BYTES) {
			fail(x, E_LIMIT, "the attributes of an element are too long");
			return false;
		}
		if (str_starts(name, STR("xmlns")))
			continue;
		list[out->attribute_count].name = str_copy(&x->batch, local_name(name.p));
		list[out->attribute_count++].value = str_copy(&x->batch, value);
	}
	out->attributes = list;
	return true;
}

static void XMLCALL on_begin(void *ctx, const XML_Char *qualified, const XML_Char **attributes)
{
	struct xml_reader *x = ctx;
	struct str name = local_name(qualified);
	struct queued *q;

	if (x->depth >= LIMIT_XML_DEPTH) {
		fail(x, E_LIMIT, "elements are nested too deeply");
		return;
	}
	if (x->skip_depth) {
		x->depth++;
		return;
	}
	if (name.n > LIMIT_XML_NAME_BYTES) {
		fail(x, E_LIMIT, "the name of an element is too long");
		return;
	}
	if (x->depth) {
		x->open[x->depth - 1].has_children = true;
		end_run(x, &x->open[x->depth - 1]);
	}
	x->open[x->depth++] = (struct open_element){ .text = x->text.n, .run = x->text.n };
	q = queue(x, XML_BEGIN, name);
	take_attributes(x, attributes, &q->event);
}

static void XMLCALL on_end(void *ctx, const XML_Char *qualified)
{
	struct xml_reader *x = ctx;
	struct open_element *e = &x->open[x->depth - 1];

	if (x->failure.code)
		return;
	if (!x->skip_depth || x->depth == x->skip_depth) {
		struct queued *q = queue(x, XML_END, local_name(qualified));

		end_run(x, e);
		if (!x->skip_depth && x->text.n > e->text)
			q->event.text = str_copy(&x->batch,
						 str_sub(buffer_str(&x->text), e->text, x->text.n - e->text));
		x->skip_depth = 0;
		x->text.n = e->text;
	}
	x->depth--;
	if (x->depth && !x->skip_depth)
		x->open[x->depth - 1].run = x->text.n;
}

static void XMLCALL on_text(void *ctx, const XML_Char *s, int n)
{
	struct xml_reader *x = ctx;

	if (x->skip_depth || n <= 0 || x->failure.code)
		return;
	if (x->text.n + (size_t)n > LIMIT_XML_TEXT_BYTES) {
		fail(x, E_LIMIT, "the text of an element is too long");
		return;
	}
	put_bytes(&x->text, (struct str){ s, (size_t)n });
}

/* NOLINTBEGIN(readability-non-const-parameter): expat's signatures */
static void XMLCALL on_entity(void *ctx, const XML_Char *name, int is_parameter, const XML_Char *value,
			      int value_length, const XML_Char *base, const XML_Char *system_id,
			      const XML_Char *public_id, const XML_Char *notation)
{
	(void)name, (void)is_parameter, (void)value, (void)value_length, (void)base, (void)system_id;
	(void)public_id, (void)notation;
	fail(ctx, E_FORMAT, "the document declares entities: not read");
}

static void XMLCALL on_skipped_entity(void *ctx, const XML_Char *name, int is_parameter)
{
	(void)name, (void)is_parameter;
	fail(ctx, E_FORMAT, "an entity that is not declared");
}
/* NOLINTEND(readability-non-const-parameter) */

/* ---- pieces ---- */

static void parse_failed(struct xml_reader *x)
{
	enum XML_Error why = XML_GetErrorCode(x->parser);

	fail(x, why == XML_ERROR_NO_MEMORY ? E_LIMIT : E_FORMAT, XML_ErrorString(why));
}

/* Up to the token that is not complete yet. */
static uint64_t parsed_bytes(const struct xml_reader *x)
{
	XML_Index at = XML_GetCurrentByteIndex(x->parser);

	return at < 0 ? 0 : (uint64_t)at;
}

/* The first piece has what the encoding is guessed from, however the source is cut. */
static ssize_t read_piece(struct xml_reader *x, struct err *err)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = reader_read(x->source, x->piece + n, PIECE_BYTES - n, err);
		if (got < 0)
			return got;
		n += (size_t)got;
	} while (got > 0 && x->read_bytes + n < ENCODING_BYTES);
	return (ssize_t)n;
}

/* Parse the next piece into the queue. What it had before a failure is still handed out. */
static int parse_piece(struct xml_reader *x, struct err *err)
{
	ssize_t got = read_piece(x, err);

	if (got < 0)
		return (int)got;
	arena_reset(&x->batch);
	x->queue.p = NULL;
	x->queue.n = x->queue.cap = x->next = 0;
	x->read_bytes += (uint64_t)got;
	x->at_end = got == 0;
	if (XML_Parse(x->parser, x->piece, (int)got, x->at_end) != XML_STATUS_OK)
		parse_failed(x);
	else if (x->read_bytes - parsed_bytes(x) > LIMIT_XML_TOKEN_BYTES)
		fail(x, E_LIMIT, "a tag or comment is too long");
	return 0;
}

/* ---- the reader ---- */

static unsigned long hash_salt(void)
{
	unsigned long random = getauxval(AT_RANDOM), salt = 0;

	if (random)
		memcpy(&salt, (const void *)random, sizeof(salt));
	return salt ? salt : 1; /* 0: expat would ask the system, which a confined worker must not */
}

struct xml_reader *xml_reader_open(struct reader *source)
{
	struct arena arena = { 0 };
	struct xml_reader *x = ARENA_NEW(&arena, struct xml_reader);

	x->source = source;
	x->piece = arena_alloc_raw(&arena, PIECE_BYTES);
	x->open = ARENA_ARRAY(&arena, struct open_element, LIMIT_XML_DEPTH);
	x->line = x->column = 1;
	x->parser = XML_ParserCreate(NULL);
	if (x->parser) {
		XML_SetHashSalt(x->parser, hash_salt());
		XML_SetUserData(x->parser, x);
		XML_SetElementHandler(x->parser, on_begin, on_end);
		XML_SetCharacterDataHandler(x->parser, on_text);
		XML_SetEntityDeclHandler(x->parser, on_entity);
		XML_SetSkippedEntityHandler(x->parser, on_skipped_entity);
	} else {
		err_set(&x->failure, E_LIMIT, "no memory for an XML parser");
	}
	x->arena = arena;
	x->text.arena = &x->arena;
	return x;
}

void xml_reader_close(struct xml_reader *x)
{
	struct arena arena;

	if (!x)
		return;
	if (x->parser)
		XML_ParserFree(x->parser);
	arena_reset(&x->batch);
	arena = x->arena;
	arena_reset(&arena);
}

void xml_reader_closep(struct xml_reader **x)
{
	xml_reader_close(*x);
}

int xml_next(struct xml_reader *x, struct xml_event *out, struct err *err)
{
	while (x->next == x->queue.n) {
		if (x->failure.code) {
			*err = x->failure;
			return err->code;
		}
		if (x->at_end)
			return 0;
		TRY(parse_piece(x, err));
	}
	*out = x->queue.p[x->next].event;
	x->line = x->queue.p[x->next].line;
	x->column = x->queue.p[x->next++].column;
	x->last_depth = out->depth;
	x->is_last_begin = out->type == XML_BEGIN;
	return 1;
}

int xml_skip(struct xml_reader *x, struct err *err)
{
	unsigned depth = x->last_depth;
	struct xml_event e;

	if (!x->is_last_begin)
		return 0;
	do {
		if (x->next == x->queue.n && !x->failure.code)
			x->skip_depth = depth; /* its end is yet to come */
		TRY(xml_next(x, &e, err));
	} while (e.type != XML_END || e.depth != depth);
	return 0;
}

struct str xml_attribute(const struct xml_event *e, const char *name)
{
	for (size_t i = 0; i < e->attribute_count; i++)
		if (str_eq(e->attributes[i].name, str_of(name)))
			return e->attributes[i].value;
	return (struct str){ NULL, 0 };
}

void xml_position(struct xml_reader *x, uint64_t *line, uint64_t *column)
{
	*line = x->line;
	*column = x->column;
}
