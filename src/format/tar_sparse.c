/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of sparse members, in the four spellings that GNU tar has used.
 * Source: GNU tar manual, "Storing Sparse Files",
 * https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
 * Easy to get wrong: the extension blocks of the old format come before the content and are not counted in
 * the size field; the map of format 1.0 is counted, and padded to a whole block. */
#include "base/limits.h"
#include "format/tar_internal.h"

enum {
	OLD_MAP = 386,
	OLD_CHUNKS = 4,
	OLD_MORE = 482,
	OLD_REAL_SIZE = 483,
	MORE_CHUNKS = 21,
	MORE_MORE = 504,
	CHUNK_BYTES = 24,
	NUMBER_BYTES = 12,
};

void tar_sparse_reset(struct tar_sparse *s)
{
	s->chunks.n = 0;
	s->real_size = 0;
	s->pending_offset = 0;
}

int tar_sparse_add(struct tar_sparse *s, uint64_t offset, uint64_t size, struct err *err)
{
	if (s->chunks.n == LIMIT_SPARSE_CHUNKS)
		return err_set(err, E_LIMIT, "sparse file of more than %u pieces", LIMIT_SPARSE_CHUNKS);
	VEC_PUSH(s->arena, &s->chunks, ((struct tar_chunk){ offset, size }));
	return 0;
}

static int add_descriptors(struct tar_sparse *s, const unsigned char *p, size_t n, struct err *err)
{
	for (; n; n--, p += CHUNK_BYTES) {
		uint64_t offset, size;

		if (p[0] == '\0' || p[NUMBER_BYTES] == '\0')
			break;
		if (!tar_number(p, NUMBER_BYTES, &offset) ||
		    !tar_number(p + NUMBER_BYTES, NUMBER_BYTES, &size))
			return err_set(err, E_FORMAT, "sparse file: bad number in its map");
		TRY(tar_sparse_add(s, offset, size, err));
	}
	return 0;
}

int tar_sparse_old(struct tar *t, struct tar_sparse *s, const unsigned char *block, struct err *err)
{
	bool has_more = block[OLD_MORE] != 0;

	tar_sparse_reset(s);
	if (!tar_number(block + OLD_REAL_SIZE, NUMBER_BYTES, &s->real_size))
		return err_set(err, E_FORMAT, "sparse file: bad real size");
	TRY(add_descriptors(s, block + OLD_MAP, OLD_CHUNKS, err));
	for (size_t blocks = 0; has_more; blocks++) {
		int got;

		if (blocks == LIMIT_SPARSE_CHUNKS / MORE_CHUNKS + 1)
			return err_set(err, E_LIMIT, "sparse file of more than %u pieces",
				       LIMIT_SPARSE_CHUNKS);
		TRY(got = tar_block(t, &block, err));
		if (got == 0)
			return err_set(err, E_FORMAT, "sparse file: its map is cut off");
		TRY(add_descriptors(s, block, MORE_CHUNKS, err));
		has_more = block[MORE_MORE] != 0;
	}
	return 0;
}

int tar_sparse_list(struct tar_sparse *s, struct str list, struct err *err)
{
	s->chunks.n = 0;
	while (list.n) {
		struct str word;
		uint64_t offset, size;
		bool has_size = str_cut(list, ',', &word, &list);

		if (!has_size || !str_u64(word, INT64_MAX, &offset))
			return err_set(err, E_FORMAT, "sparse file: bad number in its map");
		str_cut(list, ',', &word, &list);
		if (!str_u64(word, INT64_MAX, &size))
			return err_set(err, E_FORMAT, "sparse file: bad number in its map");
		TRY(tar_sparse_add(s, offset, size, err));
	}
	return 0;
}

/* The text of a 1.0 map, read block by block. */
struct front {
	struct tar *tar;
	size_t pos;
	unsigned char block[TAR_BLOCK_BYTES];
};

static int front_byte(struct front *f, unsigned char *out, struct err *err)
{
	if (f->pos == sizeof(f->block)) {
		TRY(tar_stored(f->tar, f->block, sizeof(f->block), err));
		f->pos = 0;
	}
	*out = f->block[f->pos++];
	return 0;
}

/* A decimal number and its newline. */
static int front_number(struct front *f, uint64_t *out, struct err *err)
{
	char digits[20];
	size_t n = 0;
	unsigned char c;

	for (;;) {
		TRY(front_byte(f, &c, err));
		if (c == '\n')
			break;
		if (n == sizeof(digits))
			return err_set(err, E_FORMAT, "sparse file: bad number in its map");
		digits[n++] = (char)c;
	}
	if (!str_u64((struct str){ digits, n }, INT64_MAX, out))
		return err_set(err, E_FORMAT, "sparse file: bad number in its map");
	return 0;
}

int tar_sparse_front(struct tar *t, struct tar_sparse *s, struct err *err)
{
	struct front f = { .tar = t, .pos = sizeof(f.block) };
	uint64_t n, offset, size;

	s->chunks.n = 0;
	TRY(front_number(&f, &n, err));
	if (n > LIMIT_SPARSE_CHUNKS)
		return err_set(err, E_LIMIT, "sparse file of more than %u pieces", LIMIT_SPARSE_CHUNKS);
	for (; n; n--) {
		TRY(front_number(&f, &offset, err));
		TRY(front_number(&f, &size, err));
		TRY(tar_sparse_add(s, offset, size, err));
	}
	return 0;
}

int tar_sparse_check(const struct tar_sparse *s, uint64_t stored, struct err *err)
{
	uint64_t end = 0;

	VEC_EACH (const struct tar_chunk, c, &s->chunks) {
		if (c->offset < end || c->size > INT64_MAX || c->offset + c->size > s->real_size)
			return err_set(err, E_FORMAT, "sparse file: pieces overlap or lie outside");
		if (c->size > stored)
			return err_set(err, E_FORMAT, "sparse file: less is stored than its map says");
		stored -= c->size;
		end = c->offset + c->size;
	}
	return 0;
}
