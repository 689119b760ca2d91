/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a Berkeley DB hash file, found by looking at every page instead of walking the buckets: simpler,
 * and a damaged page costs only what is on it. Source: Berkeley DB 5.3, the page layouts of db_page.h (hash
 * access method versions 8 to 10). Easy to get wrong: entries of a page are stored downwards from its end, so
 * that entry i ends where entry i - 1 begins; the byte order is that of the machine which wrote the file, and
 * the metadata's last page may exceed what is in the file. Cost is linear in the file: entries may not
 * overlap, and each overflow page is used once. */
#include "format/rpm_bdb.h"

#include "base/cursor.h"
#include "base/limits.h"

#define PAGE_HEADER_BYTES 26
#define OFF_PAGE_BYTES 12
#define HASH_MAGIC 0x00061561u

enum { PAGE_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH_META = 8, PAGE_HASH = 13 };
enum { ENTRY_INLINE = 1, ENTRY_OFF_PAGE = 3 };

struct rpm_bdb {
	struct rpm_blobs blobs;
	struct task *task;
	struct str file;
	bool is_big_endian;
	size_t page_size;
	uint32_t pages, last_page; /* in the file; by its header */
	bool is_cut_reported;
	unsigned char *visited; /* overflow pages: a bit for each */
	struct buffer value; /* a value put together from overflow pages */
	uint32_t page; /* the hash page at hand; 0: none yet */
	uint32_t entries, next; /* of it; next is a key */
	size_t end; /* where the entry before began */
};

static uint16_t get16(const struct rpm_bdb *b, struct cursor *c)
{
	return b->is_big_endian ? get_be16(c) : get_le16(c);
}

static uint32_t get32(const struct rpm_bdb *b, struct cursor *c)
{
	return b->is_big_endian ? get_be32(c) : get_le32(c);
}

static uint32_t magic_of(struct str head, bool is_big_endian)
{
	struct cursor c = cursor_of(head);

	get_bytes(&c, 12);
	return is_big_endian ? get_be32(&c) : get_le32(&c);
}

bool rpm_bdb_is(struct str head)
{
	return magic_of(head, false) == HASH_MAGIC || magic_of(head, true) == HASH_MAGIC;
}

/* ---- pages ---- */

struct page {
	struct str bytes;
	uint32_t next;
	uint16_t entries, high_offset;
	uint8_t type;
};

static struct page read_page(const struct rpm_bdb *b, uint32_t number)
{
	struct page p = { .bytes = str_sub(b->file, (size_t)number * b->page_size, b->page_size) };
	struct cursor c = cursor_of(p.bytes);

	get_bytes(&c, 16); /* LSN, own number, previous page */
	p.next = get32(b, &c);
	p.entries = get16(b, &c);
	p.high_offset = get16(b, &c);
	get_u8(&c); /* level */
	p.type = get_u8(&c);
	return p;
}

/* Add one overflow page to the value. *number becomes the one that follows. */
static int read_overflow(struct rpm_bdb *b, uint32_t *number, size_t max, struct err *err)
{
	uint32_t n = *number;
	struct page p;
	size_t size;

	if (n == 0 || n >= b->pages)
		return err_set(err, E_FORMAT, "page %u: not in a file of %u pages", n, b->pages);
	if (b->visited[n / 8] & 1u << n % 8)
		return err_set(err, E_FORMAT, "page %u: used twice", n);
	b->visited[n / 8] |= (unsigned char)(1u << n % 8);
	p = read_page(b, n);
	if (p.type != PAGE_OVERFLOW || p.high_offset > b->page_size - PAGE_HEADER_BYTES)
		return err_set(err, E_FORMAT, "page %u: no overflow page (type %u, %u bytes)", n, p.type,
			       p.high_offset);
	size = p.high_offset < max ? p.high_offset : max;
	put_bytes(&b->value, str_sub(p.bytes, PAGE_HEADER_BYTES, size));
	*number = p.next;
	return 0;
}

/* The value of an off-page entry; the chain or the stated length ends it, whichever is first. */
static int read_off_page(struct rpm_bdb *b, struct str entry, struct str *out, struct err *err)
{
	struct cursor c = cursor_of(entry);
	uint32_t number, total;

	get_bytes(&c, 4);
	number = get32(b, &c);
	total = get32(b, &c);
	if (c.bad || total > LIMIT_DATABASE_VALUE_BYTES)
		return err_set(err, E_FORMAT, "page %u: value of %u bytes, limit %llu", b->page, total,
			       LIMIT_DATABASE_VALUE_BYTES);
	b->value.n = 0;
	do {
		TRY(task_check(b->task, err));
		TRY(read_overflow(b, &number, total - b->value.n, err));
	} while (number && b->value.n < total);
	*out = buffer_str(&b->value);
	return 1;
}

/* ---- entries of a hash page ---- */

/* The next entry of the page at hand. Entries lie downwards without overlap. */
static int next_entry(struct rpm_bdb *b, struct str *out, struct err *err)
{
	struct str page = read_page(b, b->page).bytes;
	struct cursor c = cursor_of(page);
	size_t offset, first = PAGE_HEADER_BYTES + 2 * (size_t)b->entries;

	get_bytes(&c, PAGE_HEADER_BYTES + 2 * (size_t)b->next);
	offset = get16(b, &c);
	if (c.bad || offset < first || offset >= b->end) {
		uint32_t i = b->next;

		b->next = b->entries;
		return err_set(err, E_FORMAT, "page %u: entry %u of %u at %zu", b->page, i, b->entries,
			       offset);
	}
	*out = str_sub(page, offset, b->end - offset);
	b->end = offset;
	b->next++;
	return 0;
}

/* Read a key and its value. Returns 1, 2 when the value is not a header, or an error. */
static int read_pair(struct rpm_bdb *b, struct str *blob, struct err *err)
{
	struct str key, value;

	TRY(next_entry(b, &key, err));
	if (b->next == b->entries)
		return err_set(err, E_FORMAT, "page %u: key without a value", b->page);
	TRY(next_entry(b, &value, err));
	if (str_eq(key, STR("\1\0\0\0\0"))) /* the highest instance number so far */
		return 2;
	if (value.p[0] == ENTRY_OFF_PAGE)
		return read_off_page(b, value, blob, err);
	if (value.p[0] != ENTRY_INLINE)
		return err_set(err, E_FORMAT, "page %u: entry of type %u", b->page,
			       (unsigned char)value.p[0]);
	*blob = str_sub(value, 1, value.n - 1);
	return 1;
}

/* Go to the next hash page. False when there is none. */
static bool next_page(struct rpm_bdb *b)
{
	while (b->page + 1 < b->pages) {
		struct page p = read_page(b, ++b->page);

		if (p.type == PAGE_HASH || p.type == PAGE_UNSORTED) {
			b->entries = p.entries;
			b->next = 0;
			b->end = b->page_size;
			return true;
		}
	}
	return false;
}

static int next_blob(struct rpm_blobs *blobs, struct str *blob, struct err *err)
{
	struct rpm_bdb *b = (struct rpm_bdb *)blobs;

	if (b->last_page >= b->pages && !b->is_cut_reported) {
		b->is_cut_reported = true;
		return err_set(err, E_FORMAT, "cut: %u of %llu pages", b->pages,
			       (unsigned long long)b->last_page + 1);
	}
	do {
		while (b->next < b->entries) {
			int got = read_pair(b, blob, err);

			TRY(task_check(b->task, err));
			if (got != 2)
				return got;
		}
	} while (next_page(b));
	return 0;
}

/* ---- the metadata page ---- */

static int read_meta(struct rpm_bdb *b, struct err *err)
{
	struct cursor c = cursor_of(b->file);
	uint32_t version, page_size;
	uint8_t encryption, type, flags;

	get_bytes(&c, 16);
	version = get32(b, &c);
	page_size = get32(b, &c);
	encryption = get_u8(&c);
	type = get_u8(&c);
	flags = get_u8(&c);
	get_bytes(&c, 5);
	b->last_page = get32(b, &c);
	if (c.bad || type != PAGE_HASH_META)
		return err_set(err, E_FORMAT, "Berkeley DB metadata page of type %u", type);
	if (version < 8 || version > 10 || encryption || flags & 1)
		return err_set(err, E_UNSUPPORTED, "Berkeley DB hash version %u, encryption %u, checksums %u",
			       version, encryption, flags & 1u);
	if (page_size < 512 || page_size > 65536 || page_size & (page_size - 1))
		return err_set(err, E_FORMAT, "Berkeley DB page size %u", page_size);
	b->page_size = page_size;
	return 0;
}

int rpm_bdb_open(struct task *task, struct str file, struct rpm_blobs **out, struct err *err)
{
	struct rpm_bdb *b = ARENA_NEW(&task->arena, struct rpm_bdb);

	if (!rpm_bdb_is(file))
		return err_set(err, E_FORMAT, "not a Berkeley DB hash file");
	b->blobs.next = next_blob;
	b->task = task;
	b->file = file;
	b->is_big_endian = magic_of(file, true) == HASH_MAGIC;
	TRY(read_meta(b, err));
	if (file.n / b->page_size > UINT32_MAX)
		return err_set(err, E_LIMIT, "Berkeley DB file of %zu bytes", file.n);
	b->pages = (uint32_t)(file.n / b->page_size);
	b->visited = arena_alloc(&task->arena, b->pages / 8 + 1);
	b->value.arena = &task->arena;
	*out = &b->blobs;
	return 0;
}
