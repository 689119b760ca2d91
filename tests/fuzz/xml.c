/* SPDX-License-Identifier: Apache-2.0 */
/* XML: the same events and outcome whatever the pieces; texts are UTF-8, tags are balanced, and an
 * element that is passed over leaves what follows as it was. */
#include "base/cursor.h"
#include "base/limits.h"
#include "base/xml.h"

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

static void put_event(struct buffer *b, struct xml_reader *x, const struct xml_event *e)
{
	uint64_t line, column;

	xml_position(x, &line, &column);
	put_u8(b, (uint8_t)e->type);
	put_string(b, e->name);
	put_string(b, e->text);
	put_varint(b, e->depth);
	put_varint(b, line);
	put_varint(b, column);
	if (!str_is_text(e->name) || !str_is_text(e->text) || e->text.n > LIMIT_XML_TEXT_BYTES)
		abort();
	for (size_t i = 0; e->type == XML_BEGIN && i < e->attribute_count; i++) {
		put_string(b, e->attributes[i].name);
		put_string(b, e->attributes[i].value);
		if (!str_is_text(e->attributes[i].value))
			abort();
	}
}

/* All events, as bytes. skip: children of the root are passed over. */
static struct str read_events(struct arena *a, struct str text, size_t piece, bool skip)
{
	struct pieces source = { { .read = pieces_read }, text, piece };
	autoxml struct xml_reader *x = xml_reader_open(&source.reader);
	struct buffer b = { .arena = a };
	struct xml_event e;
	struct err err = { 0 };
	unsigned depth = 0;
	int more;

	while ((more = xml_next(x, &e, &err)) > 0) {
		if (e.depth != (e.type == XML_BEGIN ? ++depth : depth--))
			abort();
		put_event(&b, x, &e);
		if (skip && e.type == XML_BEGIN && e.depth == 2) {
			more = xml_skip(x, &err);
			if (more < 0)
				break;
			depth--;
		}
	}
	if (more == 0 && depth)
		abort();
	put_varint(&b, (uint64_t)-more); /* the position of an error may differ: expat guesses the encoding */
	return buffer_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size };

	for (int skip = 0; skip < 2; skip++) {
		struct str whole = read_events(&a, text, SIZE_MAX, skip);

		for (size_t piece = 1; piece < 9; piece += 3)
			if (!str_eq(whole, read_events(&a, text, piece, skip)))
				abort();
	}
	return 0;
}
