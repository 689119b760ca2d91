/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OVAL_TABLE_H
#define FEED_OVAL_TABLE_H

#include "base/map.h"
#include "base/vec.h"

#include <stdint.h>

/* What an OVAL document refers to by id, in little memory: a large document has several hundred thousand. */

/* Texts, each once. Numbers count from 1; 0 is no text. */
struct oval_strings {
	struct map numbers;
	str_list texts;
};
uint32_t oval_intern(struct oval_strings *s, struct str text);
struct str oval_text(const struct oval_strings *s, uint32_t number); /* empty for 0 */

enum oval_kind { OVAL_UNSEEN, OVAL_RPM, OVAL_DPKG, OVAL_OTHER };
enum oval_operation {
	OVAL_NO_OPERATION,
	OVAL_EQUALS,
	OVAL_NOT_EQUALS,
	OVAL_PATTERN_MATCH,
	OVAL_LESS,
	OVAL_LESS_OR_EQUAL,
	OVAL_GREATER,
	OVAL_GREATER_OR_EQUAL,
	OVAL_OTHER_OPERATION,
};
enum oval_operation oval_operation_of(struct str word);
const char *oval_operation_word(enum oval_operation operation);

/* A test, object, state or variable. OVAL_UNSEEN: referred to, but not met so far.
 *            first              second
 *   test     object number      state number
 *   object   text: the name     variable number
 *   state    text: the EVR      text: the architecture
 *   variable text: its values, each a varint text number
 * mark: of a test, which criterion named it last. */
struct oval_entry {
	uint64_t key;
	uint32_t first, second, mark;
	uint8_t kind; /* enum oval_kind */
	uint8_t first_operation, second_operation;
};

/* Ids of one kind of element. Numbers count from 1. Zero with .arena set is empty. */
struct oval_ids {
	struct arena *arena;
	struct str prefix; /* of most ids: what comes before the number */
	struct map others; /* ids without it -> their count */
	uint32_t *slots; /* numbers, 0 free */
	size_t cap;
	VEC(struct oval_entry *) pages;
	uint32_t n;
};
/* Number of an id, made when it is new. */
uint32_t oval_number(struct oval_ids *ids, struct str id);
/* Entry of a number; NULL for 0. */
struct oval_entry *oval_entry(const struct oval_ids *ids, uint32_t number);

#endif
