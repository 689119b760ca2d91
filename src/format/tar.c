/* SPDX-License-Identifier: Apache-2.0 */
/* Reads tar archives: v7, ustar, pax and GNU, as layers of container images have them.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; GNU tar manual,
 * "Basic Tar Format", https://www.gnu.org/software/tar/manual/html_node/Standard.html
 * Easy to get wrong: a member is a run of header blocks (x, g, L, K) of which only the last is the member
 * itself, and a pax size replaces the size field of that last one only. Links, directories and devices
 * have no content whatever their size field says. */
#include "base/limits.h"
#include "base/cursor.h"
#include "format/tar_internal.h"
#include "format/tar_path.h"

#define BUFFER_BYTES (256 * KIB)
#define DIRECT_BYTES (64 * KIB) /* reads of this size bypass the buffer */

struct tar {
	struct reader content; /* first: tar_content hands it out */
	struct task *task;
	struct reader *source;
	unsigned char *buf;
	size_t pos, end;
	uint64_t offset; /* in the stream, of buf[pos] */
	uint64_t header_at; /* offset of the header in work, for errors */
	uint64_t stored_left; /* of the payload in work */
	uint64_t padding;
	uint64_t entries, max_entries;
	struct buffer payload, joined, path, target;
	struct buffer long_name, long_link;
	struct buffer global_path, global_link;
	struct tar_pax global, local;
	struct tar_sparse sparse;
	bool is_sparse, is_done;
	uint64_t position; /* in the content of a sparse member */
	size_t chunk;
	struct err failed;
};

/* --- the stream --- */

/* Have n bytes in the buffer, n <= BUFFER_BYTES. Returns how many there are: fewer at the end. */
static int fill(struct tar *t, size_t n, size_t *have, struct err *err)
{
	if (t->end - t->pos < n && t->pos) {
		memmove(t->buf, t->buf + t->pos, t->end - t->pos);
		t->end -= t->pos;
		t->pos = 0;
	}
	while (t->end - t->pos < n) {
		ssize_t got;

		TRY(task_check(t->task, err));
		got = reader_read(t->source, t->buf + t->end, BUFFER_BYTES - t->end, err);
		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		t->end += (size_t)got;
	}
	*have = t->end - t->pos;
	return 0;
}

static void consume(struct tar *t, size_t n)
{
	t->pos += n;
	t->offset += n;
}

int tar_block(struct tar *t, const unsigned char **out, struct err *err)
{
	size_t have;

	TRY(fill(t, TAR_BLOCK_BYTES, &have, err));
	if (have == 0)
		return 0;
	if (have < TAR_BLOCK_BYTES)
		return err_set(err, E_FORMAT, "truncated: %zu of %u bytes of a block", have, TAR_BLOCK_BYTES);
	*out = t->buf + t->pos;
	consume(t, TAR_BLOCK_BYTES);
	return 1;
}

static int truncated(struct tar *t, uint64_t missing, struct err *err)
{
	return err_set(err, E_FORMAT, "truncated at %llu: %llu bytes missing", (unsigned long long)t->offset,
		       (unsigned long long)missing);
}

/* Pass over n bytes, without copying. */
static int pass(struct tar *t, uint64_t n, struct err *err)
{
	size_t have = t->end - t->pos;

	if (n > have && t->source->skip) {
		consume(t, have);
		n -= have;
		TRY(task_check(t->task, err));
		TRY(reader_skip(t->source, n, err));
		t->offset += n;
		return 0;
	}
	while (n) {
		TRY(fill(t, 1, &have, err));
		if (have == 0)
			return truncated(t, n, err);
		if (have > n)
			have = (size_t)n;
		consume(t, have);
		n -= have;
	}
	return 0;
}

static void begin_payload(struct tar *t, uint64_t size)
{
	t->stored_left = size;
	t->padding = -size % TAR_BLOCK_BYTES;
}

static int end_payload(struct tar *t, struct err *err)
{
	uint64_t n = t->stored_left + t->padding; /* sizes are at most INT64_MAX */

	begin_payload(t, 0);
	return n ? pass(t, n, err) : 0;
}

/* Up to n stored bytes of the payload; 0 at its end. */
static ssize_t stored_read(struct tar *t, void *buf, size_t n, struct err *err)
{
	size_t have = t->end - t->pos;
	ssize_t got;

	if (n > t->stored_left)
		n = (size_t)t->stored_left;
	if (n == 0)
		return 0;
	if (have == 0 && n >= DIRECT_BYTES) {
		TRY(task_check(t->task, err));
		got = reader_read(t->source, buf, n, err);
		if (got <= 0)
			return got < 0 ? got : truncated(t, t->stored_left, err);
		t->offset += (uint64_t)got;
		t->stored_left -= (uint64_t)got;
		return got;
	}
	if (have == 0)
		TRY(fill(t, 1, &have, err));
	if (have == 0)
		return truncated(t, t->stored_left, err);
	if (n > have)
		n = have;
	memcpy(buf, t->buf + t->pos, n);
	consume(t, n);
	t->stored_left -= n;
	return (ssize_t)n;
}

int tar_stored(struct tar *t, void *buf, size_t n, struct err *err)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = stored_read(t, (char *)buf + done, n - done, err);

		if (got < 0)
			return (int)got;
		if (got == 0)
			return err_set(err, E_FORMAT, "member of fewer bytes than it needs");
		done += (size_t)got;
	}
	return 0;
}

/* --- content --- */

/* The piece that position is in or before; NULL behind the last. */
static const struct tar_chunk *chunk_at(struct tar *t)
{
	for (; t->chunk < t->sparse.chunks.n; t->chunk++) {
		const struct tar_chunk *c = &t->sparse.chunks.p[t->chunk];

		if (t->position < c->offset + c->size)
			return c;
	}
	return NULL;
}

static ssize_t sparse_read(struct tar *t, void *buf, size_t n, struct err *err)
{
	const struct tar_chunk *c = chunk_at(t);
	uint64_t until;
	ssize_t got;

	if (c && t->position >= c->offset) {
		until = c->offset + c->size - t->position;
		got = stored_read(t, buf, n < until ? n : (size_t)until, err);
	} else {
		until = (c ? c->offset : t->sparse.real_size) - t->position;
		got = (ssize_t)(n < until ? n : (size_t)until);
		memset(buf, 0, (size_t)got);
	}
	if (got > 0)
		t->position += (uint64_t)got;
	return got;
}

static ssize_t content_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct tar *t = (struct tar *)r;
	ssize_t got;

	if (n > INT32_MAX)
		n = INT32_MAX;
	got = t->is_sparse ? sparse_read(t, buf, n, err) : stored_read(t, buf, n, err);
	if (got < 0)
		err_wrap(err, "tar: member at %llu", (unsigned long long)t->header_at);
	return got;
}

struct reader *tar_content(struct tar *t)
{
	return &t->content;
}

/* --- extensions: what precedes a member and changes it --- */

static int take_payload(struct tar *t, uint64_t size, struct buffer *out, struct err *err)
{
	if (size > LIMIT_PAX_BYTES)
		return err_set(err, E_LIMIT, "extended header of %llu bytes, limit %llu",
			       (unsigned long long)size, LIMIT_PAX_BYTES);
	begin_payload(t, size);
	out->n = 0;
	while (t->stored_left) {
		char piece[4096];
		ssize_t got = stored_read(t, piece, sizeof(piece), err);

		if (got < 0)
			return (int)got;
		put_bytes(out, (struct str){ piece, (size_t)got });
	}
	return end_payload(t, err);
}

/* Keep value in b, which outlives the payload; it may be there already. */
static void keep(struct buffer *b, struct str *value)
{
	if ((const unsigned char *)value->p == b->p)
		return;
	b->n = 0;
	put_bytes(b, *value);
	*value = buffer_str(b);
}

static int read_global(struct tar *t, uint64_t size, struct err *err)
{
	TRY(take_payload(t, size, &t->payload, err));
	TRY(tar_pax_read(buffer_str(&t->payload), &t->global, NULL, err));
	keep(&t->global_path, &t->global.path);
	keep(&t->global_link, &t->global.link);
	t->local = t->global;
	tar_sparse_reset(&t->sparse);
	return 0;
}

static int read_local(struct tar *t, uint64_t size, struct err *err)
{
	TRY(take_payload(t, size, &t->payload, err));
	t->local = t->global;
	tar_sparse_reset(&t->sparse);
	return tar_pax_read(buffer_str(&t->payload), &t->local, &t->sparse, err);
}

static int read_long(struct tar *t, uint64_t size, struct buffer *name, struct err *err)
{
	TRY(take_payload(t, size, name, err));
	name->n = str_find(buffer_str(name), '\0');
	return 0;
}

static void forget_extensions(struct tar *t)
{
	t->local = t->global;
	t->long_name.n = t->long_link.n = 0;
	tar_sparse_reset(&t->sparse);
}

/* --- members --- */

static struct str name_of(struct tar *t, const struct tar_header *h)
{
	if (t->local.sparse_name.n)
		return t->local.sparse_name;
	if (t->long_name.n)
		return buffer_str(&t->long_name);
	if (t->local.path.n)
		return t->local.path;
	if (h->prefix.n == 0)
		return h->name;
	t->joined.n = 0;
	put_bytes(&t->joined, h->prefix);
	put_u8(&t->joined, '/');
	put_bytes(&t->joined, h->name);
	return buffer_str(&t->joined);
}

static struct str link_of(const struct tar *t, const struct tar_header *h)
{
	if (t->long_link.n)
		return buffer_str(&t->long_link);
	return t->local.link.n ? t->local.link : h->link;
}

/* False: a type that is passed over together with its content. */
static bool type_of(char flag, struct str name, enum tar_type *out)
{
	switch (flag) {
	case '\0': *out = str_ends(name, STR("/")) ? TAR_DIRECTORY : TAR_FILE; return true;
	case '0':
	case '7':
	case 'S': *out = TAR_FILE; return true;
	case '1': *out = TAR_HARD_LINK; return true;
	case '2': *out = TAR_SYMLINK; return true;
	case '3':
	case '4': *out = TAR_DEVICE; return true;
	case '5': *out = TAR_DIRECTORY; return true;
	case '6': *out = TAR_FIFO; return true;
	default: return false;
	}
}

static int set_names(struct tar *t, const struct tar_header *h, struct str name, struct tar_entry *out,
		     struct err *err)
{
	struct str dir = { NULL, 0 }, base;

	TRY(tar_path_normal(&t->path, dir, name, &out->path, err));
	if (out->type == TAR_SYMLINK && !str_rcut(out->path, '/', &dir, &base))
		dir.n = 0;
	if (out->type == TAR_SYMLINK || out->type == TAR_HARD_LINK)
		TRY(tar_path_normal(&t->target, dir, link_of(t, h), &out->target, err));
	return 0;
}

static int set_sparse(struct tar *t, char flag, const unsigned char *block, struct err *err)
{
	enum tar_sparse_version version = tar_pax_sparse(&t->local, t->sparse.chunks.n);

	t->is_sparse = flag == 'S' || version != TAR_SPARSE_NONE;
	if (!t->is_sparse)
		return 0;
	if (flag == 'S') {
		TRY(tar_sparse_old(t, &t->sparse, block, err));
	} else {
		if (!t->local.has_real_size)
			return err_set(err, E_FORMAT, "sparse file without its real size");
		t->sparse.real_size = t->local.real_size;
		if (version == TAR_SPARSE_1)
			TRY(tar_sparse_front(t, &t->sparse, err));
	}
	t->position = 0;
	t->chunk = 0;
	return tar_sparse_check(&t->sparse, t->stored_left, err);
}

/* The member that h describes. Returns 1, or 0 when it is of a type to be passed over. */
static int member(struct tar *t, const unsigned char *block, struct tar_header *h, struct tar_entry *out,
		  struct err *err)
{
	struct str name = name_of(t, h);
	struct tar_entry e = { .mode = h->mode, .dev_major = h->dev_major, .dev_minor = h->dev_minor };

	if (t->local.has_size)
		h->size = t->local.size;
	begin_payload(t, h->size);
	if (!type_of(h->flag, name, &e.type))
		return 0;
	if (t->entries++ == t->max_entries)
		return err_set(err, E_LIMIT, "more than %llu members", (unsigned long long)t->max_entries);
	if (e.type != TAR_FILE)
		begin_payload(t, 0);
	TRY(set_names(t, h, name, &e, err));
	e.is_opaque = t->local.is_opaque && e.type == TAR_DIRECTORY;
	e.is_whiteout = h->flag == '3' && h->dev_major == 0 && h->dev_minor == 0;
	t->is_sparse = false;
	if (e.type == TAR_FILE)
		TRY(set_sparse(t, h->flag, block, err));
	e.is_sparse = t->is_sparse;
	e.size = t->is_sparse ? t->sparse.real_size : t->stored_left;
	e.data_offset = t->offset;
	*out = e;
	return 1;
}

static int member_or_none(struct tar *t, const unsigned char *block, struct tar_header *h,
			  struct tar_entry *out, struct err *err)
{
	int got;

	TRY(got = member(t, block, h, out, err));
	if (got == 0) {
		TRY(end_payload(t, err));
		forget_extensions(t);
	}
	return got;
}

/* One header and what belongs to it. Returns 1 for a member, 0 for anything else. */
static int header(struct tar *t, const unsigned char *block, struct tar_entry *out, struct err *err)
{
	struct tar_header h;

	TRY(tar_header_decode(block, &h, err));
	switch (h.flag) {
	case 'x': return read_local(t, h.size, err);
	case 'g': return read_global(t, h.size, err);
	case 'L': return read_long(t, h.size, &t->long_name, err);
	case 'K': return read_long(t, h.size, &t->long_link, err);
	default: return member_or_none(t, block, &h, out, err);
	}
}

static int next(struct tar *t, struct tar_entry *out, struct err *err)
{
	const unsigned char *block;
	int got;

	TRY(end_payload(t, err));
	forget_extensions(t);
	do {
		t->header_at = t->offset;
		TRY(got = tar_block(t, &block, err));
		if (got == 0 || tar_block_is_zero(block)) {
			t->is_done = true;
			return 0;
		}
		TRY(got = header(t, block, out, err));
	} while (got == 0);
	return 1;
}

int tar_next(struct tar *t, struct tar_entry *out, struct err *err)
{
	int got;

	if (t->failed.code) {
		*err = t->failed;
		return err->code;
	}
	got = t->is_done ? 0 : next(t, out, err);
	if (got < 0) {
		err_wrap(err, "tar: member at %llu", (unsigned long long)t->header_at);
		t->failed = *err;
	}
	return got;
}

struct tar *tar_open(struct task *task, struct reader *source, uint64_t max_entries)
{
	struct tar *t = ARENA_NEW(&task->arena, struct tar);
	struct buffer *buffers[] = { &t->payload,   &t->joined,	   &t->path,	    &t->target,
				     &t->long_name, &t->long_link, &t->global_path, &t->global_link };

	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		buffers[i]->arena = &task->arena;
	t->sparse.arena = &task->arena;
	t->content.read = content_read;
	t->task = task;
	t->source = source;
	t->max_entries = max_entries;
	t->buf = arena_alloc_raw(&task->arena, BUFFER_BYTES);
	return t;
}
