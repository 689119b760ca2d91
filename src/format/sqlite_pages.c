/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of a SQLite database: file header and write-ahead log.
 * Source: "Database File Format", https://www.sqlite.org/fileformat2.html, sections 1.3 (header) and 4 (the
 * write-ahead log).
 * Easy to get wrong: frames of an earlier run of the log lie behind those of the current one; only the salts
 * and the running checksum tell them apart, and only frames up to the last commit count. */
#include "format/sqlite_pages.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/limits.h"

#define FILE_HEADER_BYTES 100
#define WAL_HEADER_BYTES 32
#define WAL_FRAME_BYTES 24

static bool is_page_size(uint32_t n)
{
	return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

static int read_file_header(struct sqlite_pages *p, struct err *err)
{
	struct cursor c = cursor_of(p->file);
	struct str magic = get_bytes(&c, 16);
	uint32_t page_size = get_be16(&c), encoding;
	uint8_t write_version = get_u8(&c), read_version = get_u8(&c), reserved = get_u8(&c);

	(void)write_version;
	get_bytes(&c, 56 - 21);
	encoding = get_be32(&c);
	get_bytes(&c, FILE_HEADER_BYTES - 60);
	if (c.bad || !str_eq(magic, STR("SQLite format 3\0")))
		return err_set(err, E_FORMAT, "not a SQLite database");
	if (page_size == 1)
		page_size = 65536;
	if (!is_page_size(page_size) || page_size - reserved < 480)
		return err_set(err, E_FORMAT, "SQLite page size %u with %u reserved bytes", page_size,
			       reserved);
	if (read_version > 2 || encoding > 1)
		return err_set(err, E_UNSUPPORTED, "SQLite file version %u, text encoding %u", read_version,
			       encoding);
	p->page_size = page_size;
	p->usable = page_size - reserved;
	return 0;
}

/* The running checksum of the log over whole pairs of 32-bit words. */
static void wal_checksum(struct str bytes, bool is_big_endian, uint32_t s[2])
{
	struct cursor c = cursor_of(bytes);

	while (cursor_left(&c) >= 8) {
		s[0] += (is_big_endian ? get_be32(&c) : get_le32(&c)) + s[1];
		s[1] += (is_big_endian ? get_be32(&c) : get_le32(&c)) + s[0];
	}
}

struct wal {
	struct cursor in;
	struct str salts;
	uint32_t sum[2];
	bool is_big_endian;
};

static bool read_wal_header(const struct sqlite_pages *p, struct wal *w)
{
	struct cursor c = cursor_of(p->wal);
	uint32_t magic = get_be32(&c), version = get_be32(&c), page_size = get_be32(&c);

	get_be32(&c); /* checkpoint sequence */
	w->salts = get_bytes(&c, 8);
	w->is_big_endian = magic & 1;
	if (c.bad || (magic & ~1u) != 0x377f0682 || version != 3007000 || page_size != p->page_size)
		return false;
	w->sum[0] = w->sum[1] = 0;
	wal_checksum(str_sub(p->wal, 0, 24), w->is_big_endian, w->sum);
	if (get_be32(&c) != w->sum[0] || get_be32(&c) != w->sum[1] || c.bad)
		return false;
	w->in = c;
	return true;
}

/* The next frame: its page, and the size of the database when it ends a transaction. False at the first
 * frame that is not of this log. */
static bool next_frame(const struct sqlite_pages *p, struct wal *w, uint32_t *page, uint32_t *commit_pages)
{
	struct str head = get_bytes(&w->in, WAL_FRAME_BYTES);
	struct str content = get_bytes(&w->in, p->page_size);
	struct cursor c = cursor_of(head);
	struct str salts;

	if (w->in.bad)
		return false;
	*page = get_be32(&c);
	*commit_pages = get_be32(&c);
	salts = get_bytes(&c, 8);
	wal_checksum(str_sub(head, 0, 8), w->is_big_endian, w->sum);
	wal_checksum(content, w->is_big_endian, w->sum);
	return *page != 0 && str_eq(salts, w->salts) && get_be32(&c) == w->sum[0] &&
	       get_be32(&c) == w->sum[1];
}

/* Frames up to the last commit, and the database size that it states. */
static uint32_t committed_frames(const struct sqlite_pages *p, struct wal w, uint32_t *pages)
{
	uint32_t n = 0, committed = 0, page, commit_pages;

	while (next_frame(p, &w, &page, &commit_pages)) {
		n++;
		if (commit_pages) {
			committed = n;
			*pages = commit_pages;
		}
	}
	return committed;
}

static void read_wal(struct arena *a, struct sqlite_pages *p)
{
	struct wal w;
	uint32_t pages = 0, frames, *index;

	if (!read_wal_header(p, &w))
		return;
	frames = committed_frames(p, w, &pages);
	if (frames == 0 || pages > LIMIT_WANTED_FILE_BYTES / p->page_size)
		return;
	p->count = pages;
	index = ARENA_ARRAY(a, uint32_t, pages);
	for (uint32_t i = 1; i <= frames; i++) {
		struct cursor c = w.in;
		uint32_t page;

		get_bytes(&c, (size_t)(i - 1) * (WAL_FRAME_BYTES + p->page_size));
		page = get_be32(&c);
		if (page <= pages)
			index[page - 1] = i;
	}
	p->wal_frame = index;
}

int sqlite_pages_open(struct arena *a, struct str file, struct str wal, struct sqlite_pages *out,
		      struct err *err)
{
	struct sqlite_pages db = { .file = file, .wal = wal };

	TRY(read_file_header(&db, err));
	if (file.n / db.page_size > UINT32_MAX || wal.n / db.page_size > UINT32_MAX)
		return err_set(err, E_LIMIT, "SQLite database of %zu bytes", file.n);
	db.file_count = db.count = (uint32_t)(file.n / db.page_size);
	read_wal(a, &db);
	*out = db;
	return 0;
}

struct str sqlite_pages_get(const struct sqlite_pages *p, uint32_t page)
{
	size_t frame = p->wal_frame && page - 1 < p->count ? p->wal_frame[page - 1] : 0;

	if (page == 0 || page > p->count || (frame == 0 && page > p->file_count))
		return (struct str){ NULL, 0 };
	if (frame)
		return str_sub(p->wal,
			       WAL_HEADER_BYTES + (frame - 1) * (WAL_FRAME_BYTES + p->page_size) +
				       WAL_FRAME_BYTES,
			       p->page_size);
	return str_sub(p->file, (size_t)(page - 1) * p->page_size, p->page_size);
}
