/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of SQLite tables: table b-trees, overflow chains, records, and where the schema says a table is.
 * Source: "Database File Format", https://www.sqlite.org/fileformat2.html, sections 1.6
 * (b-tree pages), 2.1 (records), 2.6 (the schema table).
 * Easy to get wrong: pages are counted from 1, page 1 has its b-tree header at byte 100 but cell pointers
 * still count from the start of the page; and an INTEGER PRIMARY KEY is not in the record at all.
 * Cost is linear in the file: a walk visits a page once, and cells of one page may not overlap. */
#include "format/sqlite.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/vec.h"
#include "format/sqlite_pages.h"

#define MAX_DEPTH 64
#define FILE_HEADER_BYTES 100
#define TABLE_LEAF 0x0d
#define TABLE_INTERIOR 0x05
#define INDEX_LEAF 0x0a
#define INDEX_INTERIOR 0x02

struct sqlite {
	struct task *task;
	struct sqlite_pages pages;
};

int sqlite_open(struct task *task, struct str database, struct str wal, struct sqlite **out, struct err *err)
{
	struct sqlite *db = ARENA_NEW(&task->arena, struct sqlite);

	db->task = task;
	TRY(sqlite_pages_open(&task->arena, database, wal, &db->pages, err));
	*out = db;
	return 0;
}

/* ---- walking a table ---- */

/* A page on the way down: which cell comes next. cells counts the right-most child of interior pages. */
struct level {
	uint32_t page;
	struct str bytes;
	uint32_t cells, next, pointers; /* pointers: where the cell pointer array begins */
	size_t cell_bytes; /* of the cells so far: more than a page means that they overlap */
	bool is_leaf;
};

struct sqlite_cursor {
	struct sqlite *db;
	const struct sqlite_table *table;
	struct level stack[MAX_DEPTH];
	unsigned depth, damages;
	bool is_started;
	unsigned char *visited; /* a bit for each page */
	struct buffer payload; /* a record put together from overflow pages */
	VEC(struct sqlite_value) values;
};

/* Count the page as visited and give its bytes. */
static int enter_page(struct sqlite_cursor *c, uint32_t page, struct str *out, struct err *err)
{
	struct str bytes = sqlite_pages_get(&c->db->pages, page);

	if (bytes.n == 0)
		return err_set(err, E_FORMAT, "page %u: not in a database of %u pages", page,
			       c->db->pages.count);
	if (c->visited[(page - 1) / 8] & 1u << (page - 1) % 8)
		return err_set(err, E_FORMAT, "page %u: used twice", page);
	c->visited[(page - 1) / 8] |= (unsigned char)(1u << (page - 1) % 8);
	*out = bytes;
	return 0;
}

static int push_page(struct sqlite_cursor *c, uint32_t page, struct err *err)
{
	struct level l = { .page = page };
	struct cursor in;
	uint8_t type;

	if (c->depth == MAX_DEPTH)
		return err_set(err, E_FORMAT, "page %u: deeper than %d levels", page, MAX_DEPTH);
	TRY(enter_page(c, page, &l.bytes, err));
	in = cursor_of(l.bytes);
	get_bytes(&in, page == 1 ? FILE_HEADER_BYTES : 0);
	type = get_u8(&in);
	if (type != TABLE_LEAF && type != TABLE_INTERIOR)
		return err_set(err, E_FORMAT, "page %u: type %u is no page of a table", page, type);
	get_be16(&in); /* first free block */
	l.is_leaf = type == TABLE_LEAF;
	l.cells = get_be16(&in) + (l.is_leaf ? 0u : 1u);
	l.pointers = (page == 1 ? FILE_HEADER_BYTES : 0) + (l.is_leaf ? 8 : 12);
	if (l.pointers + 2 * (size_t)(l.cells - !l.is_leaf) > c->db->pages.usable)
		return err_set(err, E_FORMAT, "page %u: %u cells", page, l.cells);
	c->stack[c->depth++] = l;
	return 0;
}

struct sqlite_cursor *sqlite_rows(struct sqlite *db, const struct sqlite_table *table)
{
	struct arena *a = &db->task->arena;
	struct sqlite_cursor *c = ARENA_NEW(a, struct sqlite_cursor);

	c->db = db;
	c->table = table;
	c->visited = arena_alloc(a, db->pages.count / 8 + 1);
	c->payload.arena = a;
	return c;
}

/* The numbers of this format: big-endian groups of 7 bits, the ninth byte whole. */
static uint64_t get_sqlite_varint(struct cursor *c)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++) {
		uint8_t b = get_u8(c);

		v = v << 7 | (b & 0x7f);
		if (!(b & 0x80))
			return v;
	}
	return v << 8 | get_u8(c);
}

/* A cursor on cell i of a page, within its usable bytes. */
static struct cursor cell_at(const struct sqlite_cursor *c, const struct level *l, uint32_t i)
{
	struct str usable = str_sub(l->bytes, 0, c->db->pages.usable);
	struct cursor pointer = cursor_of(str_sub(usable, l->pointers, usable.n - l->pointers)), cell;
	uint16_t offset;

	get_bytes(&pointer, 2 * (size_t)i);
	offset = get_be16(&pointer);
	cell = cursor_of(usable);
	get_bytes(&cell, offset);
	cell.bad = cell.bad || pointer.bad || offset < l->pointers;
	return cell;
}

static int descend(struct sqlite_cursor *c, struct level *l, struct err *err)
{
	uint32_t i = l->next++;
	struct cursor cell;

	if (i + 1 == l->cells) { /* the right-most child is in the page header */
		cell = cursor_of(l->bytes);
		get_bytes(&cell, l->pointers - 4);
	} else {
		cell = cell_at(c, l, i);
	}
	i = get_be32(&cell);
	if (cell.bad)
		return err_set(err, E_FORMAT, "page %u: cell outside of the page", l->page);
	return push_page(c, i, err);
}

/* Bytes of a payload that are in the leaf page itself (section 1.6, "Cell payload overflow"). */
static size_t local_bytes(size_t usable, uint64_t payload)
{
	size_t max = usable - 35, min = (usable - 12) * 32 / 255 - 23, n;

	if (payload <= max)
		return (size_t)payload;
	n = min + (size_t)((payload - min) % (usable - 4));
	return n <= max ? n : min;
}

static int read_overflow(struct sqlite_cursor *c, uint32_t page, uint64_t left, struct err *err)
{
	while (left) {
		size_t n = c->db->pages.usable - 4;
		struct cursor in;
		struct str bytes;

		TRY(enter_page(c, page, &bytes, err));
		TRY(task_check(c->db->task, err));
		in = cursor_of(bytes);
		page = get_be32(&in);
		if (n > left)
			n = (size_t)left;
		put_bytes(&c->payload, get_bytes(&in, n));
		left -= n;
	}
	return 0;
}

static int read_payload(struct sqlite_cursor *c, struct level *l, struct cursor *cell, uint64_t size,
			struct str *out, struct err *err)
{
	size_t local = local_bytes(c->db->pages.usable, size);
	uint32_t overflow;

	if (size > LIMIT_DATABASE_VALUE_BYTES)
		return err_set(err, E_FORMAT, "page %u: row of %llu bytes, limit %llu", l->page,
			       (unsigned long long)size, LIMIT_DATABASE_VALUE_BYTES);
	*out = get_bytes(cell, local);
	overflow = local < size ? get_be32(cell) : 0;
	l->cell_bytes += local;
	if (cell->bad || l->cell_bytes > c->db->pages.usable)
		return err_set(err, E_FORMAT, "page %u: cell outside of the page", l->page);
	if (local == size)
		return 0;
	c->payload.n = 0;
	put_bytes(&c->payload, *out);
	TRY(read_overflow(c, overflow, size - local, err));
	*out = buffer_str(&c->payload);
	return 0;
}

/* ---- records ---- */

static int64_t get_integer(struct cursor *c, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | get_u8(c);
	if (bytes < 8 && v >> (8 * bytes - 1))
		v |= UINT64_MAX << (8 * bytes);
	return (int64_t)v;
}

static double real_of(int64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

/* One value of a serial type (section 2.1). */
static struct sqlite_value get_value(struct cursor *body, uint64_t type)
{
	static const unsigned char integer_bytes[] = { 0, 1, 2, 3, 4, 6, 8 };
	struct sqlite_value v = { .type = SQLITE_TYPE_INTEGER };

	if (type == 0)
		v.type = SQLITE_TYPE_NULL;
	else if (type <= 6)
		v.integer = get_integer(body, integer_bytes[type]);
	else if (type == 7)
		v = (struct sqlite_value){ .type = SQLITE_TYPE_REAL, .real = real_of(get_integer(body, 8)) };
	else if (type <= 9)
		v.integer = (int64_t)type - 8;
	else if (type <= 11)
		body->bad = true;
	else
		v = (struct sqlite_value){ .type = type % 2 ? SQLITE_TYPE_TEXT : SQLITE_TYPE_BLOB,
					   .bytes = get_bytes(body, (size_t)((type - 12) / 2)) };
	return v;
}

static int read_record(struct sqlite_cursor *c, const struct level *l, struct str record, int64_t rowid,
		       struct err *err)
{
	struct cursor head = cursor_of(record), body;
	uint64_t head_bytes = get_sqlite_varint(&head);
	int rowid_column = c->table->columns.rowid;

	c->values.n = 0;
	if (head.bad || head_bytes > record.n || head_bytes < (uint64_t)(record.n - cursor_left(&head)))
		return err_set(err, E_FORMAT, "page %u: record header of %llu bytes", l->page,
			       (unsigned long long)head_bytes);
	body = cursor_of(str_sub(record, (size_t)head_bytes, record.n - (size_t)head_bytes));
	head.end = body.p;
	while (cursor_left(&head) && c->values.n < LIMIT_SQLITE_COLUMNS)
		VEC_PUSH(&c->db->task->arena, &c->values, get_value(&body, get_sqlite_varint(&head)));
	if (head.bad || body.bad)
		return err_set(err, E_FORMAT, "page %u: record cut", l->page);
	if (rowid_column >= 0 && (size_t)rowid_column < c->values.n)
		c->values.p[rowid_column] = (struct sqlite_value){ .type = SQLITE_TYPE_INTEGER,
								   .integer = rowid };
	return 0;
}

static int read_leaf_cell(struct sqlite_cursor *c, struct level *l, struct sqlite_row *row, struct err *err)
{
	struct cursor cell = cell_at(c, l, l->next++);
	uint64_t size = get_sqlite_varint(&cell);
	int64_t rowid = (int64_t)get_sqlite_varint(&cell);
	struct str record;

	TRY(read_payload(c, l, &cell, size, &record, err));
	TRY(read_record(c, l, record, rowid, err));
	*row = (struct sqlite_row){ rowid, c->values.p, c->values.n };
	return 1;
}

static int next_row(struct sqlite_cursor *c, struct sqlite_row *row, struct err *err)
{
	if (!c->is_started) {
		c->is_started = true;
		TRY(push_page(c, c->table->root_page, err));
	}
	while (c->depth) {
		struct level *l = &c->stack[c->depth - 1];

		TRY(task_check(c->db->task, err));
		if (l->next == l->cells)
			c->depth--;
		else if (l->is_leaf)
			return read_leaf_cell(c, l, row, err);
		else
			TRY(descend(c, l, err));
	}
	return 0;
}

int sqlite_next(struct sqlite_cursor *c, struct sqlite_row *row, struct err *err)
{
	int got = next_row(c, row, err);

	if (got < 0 && ++c->damages == LIMIT_DATABASE_DAMAGES)
		c->depth = 0;
	return got;
}

/* ---- the schema ---- */

static const struct sqlite_table schema_table = { .root_page = 1, .columns = { .rowid = -1 } };

static bool is_table_row(const struct sqlite_row *row, struct str name)
{
	struct sqlite_value found = sqlite_value(row, 1);

	return str_eq(sqlite_value(row, 0).bytes, STR("table")) && found.type == SQLITE_TYPE_TEXT &&
	       str_eq_nocase(found.bytes, name);
}

static int open_table(struct sqlite *db, const struct sqlite_row *row, struct sqlite_table *out,
		      struct err *err)
{
	struct sqlite_value root = sqlite_value(row, 3);
	struct sqlite_table t = { 0 };
	struct str page;

	t.name = str_copy(&db->task->arena, sqlite_value(row, 1).bytes);
	t.sql = str_copy(&db->task->arena, sqlite_value(row, 4).bytes);
	if (root.type == SQLITE_TYPE_INTEGER && root.integer > 0 && root.integer <= UINT32_MAX)
		t.root_page = (uint32_t)root.integer;
	if (t.root_page == 0)
		return err_set(err, E_UNSUPPORTED, "table without a root page");
	page = sqlite_pages_get(&db->pages, t.root_page);
	if (t.root_page > 1 && page.n && (page.p[0] == INDEX_LEAF || page.p[0] == INDEX_INTERIOR))
		return err_set(err, E_UNSUPPORTED, "table WITHOUT ROWID");
	sqlite_schema_columns(&db->task->arena, t.sql, &t.columns);
	*out = t;
	return 0;
}

int sqlite_find_table(struct sqlite *db, struct str name, struct sqlite_table *out, struct err *err)
{
	struct sqlite_cursor *c = sqlite_rows(db, &schema_table);
	struct err damage = { 0 };
	struct sqlite_row row;
	int got;

	while ((got = sqlite_next(c, &row, err)) != 0) {
		if (got > 0 && is_table_row(&row, name))
			return open_table(db, &row, out, err);
		if (got < 0 && got != E_FORMAT)
			return got;
		if (got < 0 && !damage.code)
			damage = *err;
	}
	if (damage.code) {
		*err = damage;
		return err_wrap(err, "schema");
	}
	return err_set(err, E_NOTFOUND, "no such table");
}

int sqlite_column(const struct sqlite_table *table, struct str name)
{
	for (size_t i = 0; i < table->columns.count; i++)
		if (str_eq_nocase(table->columns.names[i], name))
			return (int)i;
	return -1;
}

struct sqlite_value sqlite_value(const struct sqlite_row *row, int column)
{
	if (column < 0 || (size_t)column >= row->count)
		return (struct sqlite_value){ .type = SQLITE_TYPE_NULL };
	return row->values[column];
}
