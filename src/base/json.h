/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/io.h"
#include "base/task.h"

/* ---- reading: a stream of tokens, or one value at a time as a small tree ----
 * RFC 8259, strict: no comments, no trailing commas, no byte order mark, UTF-8 checked, escapes decoded (lone
 * surrogates become U+FFFD, \u0000 is refused in keys and becomes U+FFFD in strings), duplicate keys: the
 * reader delivers both; json_get gives the last. An empty document is E_FORMAT. Limits: depth, string, number
 * (base/limits.h). Errors name line and column (in bytes), from 1. */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT, /* token: begins */
	JSON_ARRAY_END,
	JSON_OBJECT_END,
	JSON_KEY, /* tokens only */
};

/* text: decoded string or key, or the digits of a number; valid until the next call on the reader. */
struct json_token {
	enum json_type type;
	struct str text;
};

struct json_reader;
/* source is borrowed; memory is freed by json_reader_close. */
struct json_reader *json_reader_open(struct reader *source);
/* The same over bytes in memory, with buffers no larger than they need. */
struct json_reader *json_reader_open_text(struct str text);
void json_reader_close(struct json_reader *j);
void json_reader_closep(struct json_reader **j);
#define autojson __attribute__((cleanup(json_reader_closep)))

/* The next token. Returns 1, 0 at the end of a complete document (only white space may follow), E_FORMAT,
 * E_LIMIT or the source's error. */
int json_next(struct json_reader *j, struct json_token *out, struct err *err);
/* After 0 of json_next would have come: let another document follow, as in files with one a line. Returns 1,
 * 0 at the end of the source, or its error. */
int json_next_document(struct json_reader *j, struct err *err);
/* Pass over the rest of the value that `first` began (an array, an object; a scalar is already over). */
int json_skip(struct json_reader *j, const struct json_token *first, struct err *err);
/* Line and column of the last token, for errors of the caller. */
void json_position(struct json_reader *j, uint64_t *line, uint64_t *column);

struct json_value {
	enum json_type type;
	uint32_t line; /* from 1, of the key for members; 0: not known (json_tree does not count) */
	struct str text; /* string or number */
	struct json_value *items; /* array elements, or object values */
	struct str *keys; /* object: keys[i] belongs to items[i] */
	size_t n;
};
/* Read the value that `first` begins as a tree in the arena (strings are copied), at most max bytes of arena,
 * else E_LIMIT. Returns 0 or an error. */
int json_tree(struct json_reader *j, const struct json_token *first, struct arena *a, size_t max,
	      struct json_value *out, struct err *err);
/* A whole document in memory as a tree of at most LIMIT_JSON_TREE_BYTES. */
int json_parse(struct arena *a, struct str text, struct json_value *out, struct err *err);

/* Member of an object, or NULL (also when v is NULL or no object). */
const struct json_value *json_get(const struct json_value *v, const char *key);
/* Text of a string member; empty when absent or no string. */
struct str json_get_str(const struct json_value *v, const char *key);
/* Integer of a number member; `otherwise` when absent or no integer. */
int64_t json_get_int(const struct json_value *v, const char *key, int64_t otherwise);

/* ---- writing: commas, nesting and escaping are the writer's business ----
 * indent 0: compact, as Go's encoder writes it (< > & and U+2028, U+2029 are escaped); JSON_TABS: one tab a
 * level; else so many blanks. Errors are kept and returned by json_writer_end. Invalid UTF-8 is written as
 * U+FFFD. */
enum { JSON_TABS = 255 };
struct json_writer {
	struct writer *to;
	struct err *err;
	int failed;
	unsigned depth, indent;
	bool is_first, after_key;
	bool keeps_html; /* set after opening: compact, but nothing is escaped that JSON does not ask for */
};
void json_writer_open(struct json_writer *w, struct writer *to, unsigned indent, struct err *err);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_key_str(struct json_writer *w, struct str key);
void json_str(struct json_writer *w, struct str s);
void json_int(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
/* A value that is JSON text already; known to be well-formed, written as it is. */
void json_raw(struct json_writer *w, struct str text);
/* A value that was read as a tree. Depth is the reader's: LIMIT_JSON_DEPTH. */
void json_tree_write(struct json_writer *w, const struct json_value *v);
/* Key and value in one call. */
void json_member(struct json_writer *w, const char *key, struct str value);
void json_member_int(struct json_writer *w, const char *key, int64_t value);
void json_member_bool(struct json_writer *w, const char *key, bool value);
/* 0 or the first error. */
int json_writer_end(struct json_writer *w);

#endif
