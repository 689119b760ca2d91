/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's own database format: a table of slots, and blobs in units of 16 bytes that they point to.
 * Source: rpm 4.14, lib/backend/ndb/rpmpkg.c (its opening comment describes the layout);
 * docs/formats/rpm_ndb.md. Easy to get wrong: the first two 16-byte units of the slot area are the file's
 * header, so that slots begin at byte 32; a blob's length is in its header, the space that it takes in its
 * slot. Cost is linear in the file: blobs may not take more bytes together than the file has. */
#include "format/rpm_ndb.h"

#include "base/cursor.h"
#include "base/limits.h"

#define HEADER_BYTES 32
#define SLOT_BYTES 16
#define SLOT_PAGE_BYTES 4096
#define BLOCK_BYTES 16
#define BLOB_HEADER_BYTES 16
#define BLOB_TRAILER_BYTES 12
#define MAGIC_BLOB_BEGIN 0x53626c42u
#define MAGIC_BLOB_END 0x45626c42u

struct rpm_ndb {
	struct rpm_blobs blobs;
	struct task *task;
	struct str file;
	struct cursor slots;
	uint64_t taken_bytes;
	struct err pending; /* found after a blob that was delivered all the same */
};

struct slot {
	uint32_t package, block, blocks;
};

bool rpm_ndb_is(struct str head)
{
	return str_starts(head, STR("RpmP")) || str_starts(head, STR("RpmX"));
}

/* RFC 1950, section 9. 5552 bytes are the most that cannot overflow 32 bits. */
static uint32_t adler32(struct str s)
{
	uint32_t a = 1, b = 0;

	while (s.n) {
		size_t n = s.n < 5552 ? s.n : 5552;

		for (size_t i = 0; i < n; i++) {
			a += (unsigned char)s.p[i];
			b += a;
		}
		a %= 65521;
		b %= 65521;
		s = str_sub(s, n, s.n - n);
	}
	return b << 16 | a;
}

/* The bytes that a slot points to. */
static int find_blob(struct rpm_ndb *n, const struct slot *s, struct str *out, struct err *err)
{
	uint64_t from = (uint64_t)s->block * BLOCK_BYTES, size = (uint64_t)s->blocks * BLOCK_BYTES;

	if (s->blocks < 2 || from + size > n->file.n)
		return err_set(err, E_FORMAT, "package %u: blocks %u+%u in a file of %zu bytes", s->package,
			       s->block, s->blocks, n->file.n);
	n->taken_bytes += size;
	if (n->taken_bytes > n->file.n)
		return err_set(err, E_FORMAT, "package %u: blobs overlap", s->package);
	*out = str_sub(n->file, (size_t)from, (size_t)size);
	return 0;
}

/* Take a blob out of its frame. */
static int open_blob(struct rpm_ndb *n, const struct slot *s, struct str framed, struct str *out,
		     struct err *err)
{
	struct cursor head = cursor_of(framed);
	struct str body = str_sub(framed, 0, framed.n - BLOB_TRAILER_BYTES);
	struct cursor tail = cursor_of(str_sub(framed, body.n, BLOB_TRAILER_BYTES));
	uint32_t magic = get_le32(&head), package = get_le32(&head), length;
	uint32_t checksum, length_again, end_magic;

	get_le32(&head); /* generation */
	length = get_le32(&head);
	if (magic != MAGIC_BLOB_BEGIN || package != s->package || length > body.n - BLOB_HEADER_BYTES)
		return err_set(err, E_FORMAT, "package %u: blob of package %u, %u bytes in %zu", s->package,
			       package, length, framed.n);
	checksum = get_le32(&tail);
	length_again = get_le32(&tail);
	end_magic = get_le32(&tail);
	if (length_again != length || end_magic != MAGIC_BLOB_END || adler32(body) != checksum)
		err_set(&n->pending, E_FORMAT, "package %u: blob with a wrong checksum or end", s->package);
	*out = get_bytes(&head, length);
	return 1;
}

static int next_slot(struct rpm_ndb *n, struct slot *s, struct err *err)
{
	struct str magic = get_bytes(&n->slots, 4);

	s->package = get_le32(&n->slots);
	s->block = get_le32(&n->slots);
	s->blocks = get_le32(&n->slots);
	if (!str_eq(magic, STR("Slot")))
		return err_set(err, E_FORMAT, "slot at byte %zu is none",
			       (size_t)((const char *)n->slots.p - n->file.p) - SLOT_BYTES);
	return s->block != 0;
}

static int next_blob(struct rpm_blobs *blobs, struct str *blob, struct err *err)
{
	struct rpm_ndb *n = (struct rpm_ndb *)blobs;
	struct slot slot;
	struct str framed = { 0 };

	if (n->pending.code) {
		*err = n->pending;
		n->pending.code = 0;
		return err->code;
	}
	while (cursor_left(&n->slots) >= SLOT_BYTES) {
		int used = next_slot(n, &slot, err);

		TRY(used);
		TRY(task_check(n->task, err));
		if (used) {
			TRY(find_blob(n, &slot, &framed, err));
			return open_blob(n, &slot, framed, blob, err);
		}
	}
	return 0;
}

int rpm_ndb_open(struct task *task, struct str file, struct rpm_blobs **out, struct err *err)
{
	struct rpm_ndb *n = ARENA_NEW(&task->arena, struct rpm_ndb);
	struct cursor c = cursor_of(file);
	struct str magic = get_bytes(&c, 4);
	uint32_t version = get_le32(&c), slot_pages;
	uint64_t slot_bytes;

	get_le32(&c); /* generation */
	slot_pages = get_le32(&c);
	get_bytes(&c, HEADER_BYTES - 16);
	if (c.bad || !str_eq(magic, STR("RpmP")) || version != 0)
		return err_set(err, E_FORMAT, "not an ndb database of packages, version 0");
	slot_bytes = (uint64_t)slot_pages * SLOT_PAGE_BYTES;
	if (slot_bytes > file.n)
		err_set(&n->pending, E_FORMAT, "cut: %zu bytes, %llu of slots", file.n,
			(unsigned long long)slot_bytes);
	if (slot_bytes < file.n)
		c.end = c.p - HEADER_BYTES + (slot_bytes > HEADER_BYTES ? slot_bytes : HEADER_BYTES);
	n->blobs.next = next_blob;
	n->task = task;
	n->file = file;
	n->slots = c;
	*out = &n->blobs;
	return 0;
}
