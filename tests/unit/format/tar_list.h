/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FORMAT_TAR_LIST_H
#define UNIT_FORMAT_TAR_LIST_H

/* Lists an archive as text, a line a member: type, path, then size and content, or the target. And a table
 * of cases: how the archive is made, what its listing is. Every case is read whole, in pieces, and by
 * skipping. */

#include "format/tar.h"
#include "tar_make.h"
#include "unit.h"

/* --- sources --- */

enum source { WHOLE, BYTES, SKIPPING, SOURCES };

/* Delivers what a mem_reader has one byte at a time, or skips in it. */
struct odd_reader {
	struct reader reader;
	struct mem_reader mem;
};

static inline ssize_t byte_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	(void)n;
	return reader_read(&((struct odd_reader *)r)->mem.reader, buf, 1, err);
}

static inline ssize_t some_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	return reader_read(&((struct odd_reader *)r)->mem.reader, buf, n < 700 ? n : 700, err);
}

static inline int mem_skip(struct reader *r, uint64_t n, struct err *err)
{
	struct str *rest = &((struct odd_reader *)r)->mem.rest;

	if (n > rest->n)
		return err_set(err, E_FORMAT, "truncated");
	*rest = str_sub(*rest, (size_t)n, rest->n - (size_t)n);
	return 0;
}

static inline struct reader *open_source(struct odd_reader *o, enum source source, struct str bytes)
{
	mem_reader_open(&o->mem, bytes);
	o->reader = (struct reader){ .read = source == BYTES ? byte_read : some_read,
				     .skip = source == SKIPPING ? mem_skip : NULL };
	return source == WHOLE ? &o->mem.reader : &o->reader;
}

/* --- listings --- */

static inline void put_text(struct buffer *b, const char *s)
{
	put_bytes(b, str_of(s));
}

static inline int put_entry(struct buffer *out, struct tar *t, const struct tar_entry *e, bool with_content,
			    struct err *err)
{
	struct str content = { NULL, 0 };

	put_u8(out, (uint8_t) "fhldcp"[e->type]);
	put_u8(out, ' ');
	put_bytes(out, e->path);
	if (e->type == TAR_FILE) {
		put_bytes(out, str_format(out->arena, " %llu", (unsigned long long)e->size));
		if (with_content && e->size < 100000)
			TRY(reader_all(tar_content(t), out->arena, 100000, &content, err));
		if (content.n)
			put_u8(out, ' ');
		put_bytes(out, content);
	}
	if (e->type == TAR_SYMLINK || e->type == TAR_HARD_LINK) {
		put_text(out, " -> ");
		put_bytes(out, e->target);
	}
	put_text(out, e->is_opaque ? " opaque" : "");
	put_text(out, e->is_whiteout ? " whiteout" : "");
	put_u8(out, '\n');
	return 0;
}

static inline int list(struct task *task, struct reader *source, bool with_content, struct buffer *out,
		       struct err *err)
{
	struct tar *t = tar_open(task, source, 1000);
	struct tar_entry e;
	int got;

	while ((got = tar_next(t, &e, err)) > 0)
		TRY(put_entry(out, t, &e, with_content, err));
	return got;
}

/* --- cases --- */

struct tar_case {
	const char *name;
	void (*make)(struct buffer *b);
	const char *want; /* NUL bytes of contents are written as '.' */
	int code;
	const char *text; /* part of the error; NULL: any */
};

static inline void visible(struct buffer *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == '\0')
			b->p[i] = '.';
}

static inline void check_case(const struct tar_case *c, enum source source, bool with_content)
{
	autotask struct task task = { 0 };
	struct buffer made = { .arena = &task.arena }, got = { .arena = &task.arena };
	struct odd_reader odd;
	struct err err = { 0 };
	int code;

	c->make(&made);
	code = list(&task, open_source(&odd, source, buffer_str(&made)), with_content, &got, &err);
	visible(&got);
	if (code != c->code || (c->text && !strstr(err.text, c->text)))
		fail_msg("%s: code %d, %s", c->name, code, err.text);
	if (with_content && !str_eq(buffer_str(&got), str_of(c->want)))
		fail_msg("%s: source %d: got\n%.*s", c->name, (int)source, STR_ARG(buffer_str(&got)));
}

static inline void check_cases(const struct tar_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (int source = 0; source < SOURCES; source++) {
			check_case(&cases[i], source, true);
			check_case(&cases[i], source, false);
		}
	}
}

#endif
