/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include "base/io.h"
#include "base/task.h"

/* A document as a stream of events, in memory for the open elements only. UTF-8, UTF-16 and ISO-8859-1 are
 * read; entities of the document's own are refused, external ones never fetched. Limits: depth, attributes,
 * names and text of one element (base/limits.h). Errors name line and column. */
enum xml_type { XML_BEGIN, XML_END };

struct xml_attribute {
	struct str name, value; /* local name, without a prefix */
};

/* XML_BEGIN: an element with its attributes. XML_END: the same element, with the text that stood directly in
 * it (of all its pieces, not of its children; white space alone between the tags of children is left out).
 * Valid until the next call. */
struct xml_event {
	enum xml_type type;
	struct str name; /* local name, without a prefix */
	const struct xml_attribute *attributes; /* XML_BEGIN */
	size_t attribute_count;
	struct str text; /* XML_END */
	unsigned depth; /* of the element; the root has 1 */
};

struct xml_reader;
struct xml_reader *xml_reader_open(struct reader *source);
void xml_reader_close(struct xml_reader *x);
void xml_reader_closep(struct xml_reader **x);
#define autoxml __attribute__((cleanup(xml_reader_closep)))

/* 1 an event, 0 the end of a complete document, E_FORMAT, E_LIMIT or the source's error. */
int xml_next(struct xml_reader *x, struct xml_event *out, struct err *err);
/* After an XML_BEGIN: pass over the element and everything in it. */
int xml_skip(struct xml_reader *x, struct err *err);
/* Of an XML_BEGIN: the value, empty when absent. */
struct str xml_attribute(const struct xml_event *e, const char *name);
/* Line and column of the last event, for errors of the caller. */
void xml_position(struct xml_reader *x, uint64_t *line, uint64_t *column);

#endif
