/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of an OVAL document, packed until the tests they name have been read. Their texts are most of a
 * document, and shrink to a fifth when packed in blocks. Easy to get wrong: a number of a test is one of ours
 * (oval_table.h), good for this document only. */
#include "base/compress.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "feed/oval_document.h"

enum { BLOCK_BYTES = 512 * 1024 };

static void put_definition(struct buffer *b, const struct oval_definition *v)
{
	put_string(b, v->id);
	put_string(b, v->title);
	put_string(b, v->cve);
	put_string(b, v->description);
	put_string(b, v->severity);
	put_string(b, v->links);
	put_varint(b, v->line);
	put_varint(b, zigzag(v->issued));
	put_u8(b, v->is_not_applicable);
	put_varint(b, v->distributions.n);
	VEC_EACH (const uint32_t, position, &v->distributions)
		put_varint(b, *position);
	put_varint(b, v->modules.n);
	VEC_EACH (const struct str, module, &v->modules)
		put_string(b, *module);
	put_varint(b, v->criterions.n);
	VEC_EACH (const struct oval_criterion, c, &v->criterions) {
		put_varint(b, c->test);
		put_varint(b, c->arch);
		put_varint(b, c->packs);
		put_u8(b, (uint8_t)c->status);
		put_string(b, c->words);
		put_string(b, c->channel);
	}
}

static void get_criterions(struct cursor *c, struct arena *a, struct oval_definition *out)
{
	for (uint64_t n = get_varint(c); n > 0 && !c->bad; n--) {
		struct oval_criterion *criterion = VEC_ADD(a, &out->criterions);

		criterion->test = (uint32_t)get_varint(c);
		criterion->arch = (uint32_t)get_varint(c);
		criterion->packs = (uint32_t)get_varint(c);
		criterion->status = (enum advisory_status)get_u8(c);
		criterion->words = get_string(c, LIMIT_XML_TEXT_BYTES);
		criterion->channel = get_string(c, LIMIT_XML_TEXT_BYTES);
	}
}

static void get_definition(struct cursor *c, struct arena *a, struct oval_definition *out)
{
	*out = (struct oval_definition){ 0 };
	out->id = get_string(c, LIMIT_XML_TEXT_BYTES);
	out->title = get_string(c, LIMIT_XML_TEXT_BYTES);
	out->cve = get_string(c, LIMIT_XML_TEXT_BYTES);
	out->description = get_string(c, LIMIT_XML_TEXT_BYTES);
	out->severity = get_string(c, LIMIT_XML_TEXT_BYTES);
	out->links = get_string(c, LIMIT_XML_TEXT_BYTES);
	out->line = get_varint(c);
	out->issued = zagzig(get_varint(c));
	out->is_not_applicable = get_u8(c);
	for (uint64_t n = get_varint(c); n > 0 && !c->bad; n--)
		VEC_PUSH(a, &out->distributions, (uint32_t)get_varint(c));
	for (uint64_t n = get_varint(c); n > 0 && !c->bad; n--)
		VEC_PUSH(a, &out->modules, get_string(c, LIMIT_XML_TEXT_BYTES));
	get_criterions(c, a, out);
}

static void close_block(struct oval_document *d)
{
	struct arena *a = &d->task->arena;
	struct str packed = compress_bytes(&d->open_arena, COMPRESSION_ZSTD, buffer_str(&d->open));

	VEC_PUSH(a, &d->blocks, str_copy(a, packed));
	arena_reset(&d->open_arena);
	d->open = (struct buffer){ .arena = &d->open_arena };
}

void oval_keep(struct oval_document *d, const struct oval_definition *definition)
{
	d->open.arena = &d->open_arena;
	put_definition(&d->open, definition);
	if (d->open.n >= BLOCK_BYTES)
		close_block(d);
}

static int unpack(struct str block, struct arena *a, struct str *out, struct err *err)
{
	autoinflate struct inflate *inflated = NULL;
	struct mem_reader packed;

	mem_reader_open(&packed, block);
	TRY(inflate_open(&packed.reader, &inflated, err));
	return reader_all(inflate_reader(inflated), a, LIMIT_WORKER_ARENA_BYTES, out, err);
}

static int each_of_block(struct oval_document *d, struct str block, struct arena *block_arena,
			 int (*take)(struct oval_document *, struct arena *, const struct oval_definition *,
				     struct err *),
			 struct err *err)
{
	struct oval_definition definition;
	struct cursor c;
	struct str bytes;

	TRY(unpack(block, block_arena, &bytes, err));
	c = cursor_of(bytes);
	while (cursor_left(&c) && !c.bad) {
		autoarena struct arena scratch = { 0 };

		get_definition(&c, &scratch, &definition);
		if (!c.bad)
			TRY(take(d, &scratch, &definition, err));
		TRY(task_check(d->task, err));
	}
	return 0;
}

int oval_each(struct oval_document *d,
	      int (*take)(struct oval_document *d, struct arena *scratch,
			  const struct oval_definition *definition, struct err *err),
	      struct err *err)
{
	if (d->open.n)
		close_block(d);
	VEC_EACH (const struct str, block, &d->blocks) {
		autoarena struct arena block_arena = { 0 };

		TRY(each_of_block(d, *block, &block_arena, take, err));
	}
	return 0;
}
