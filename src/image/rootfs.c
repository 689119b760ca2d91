/* SPDX-License-Identifier: Apache-2.0 */
/* A directory as an image of one layer: its tree as a tar stream, made while it is read.
 * Source: docs/formats/tar.md for what is written; image/tree.h for the order.
 * Easy to get wrong: the stream is not the directory. Its first pass announces every file with the size of
 * what it carries of it (nothing, or a head), as scanners choose by name and head; and no link is ever
 * followed, so what is delivered lies in the tree. */
#include "image/rootfs.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/tar_write.h"
#include "image/beneath.h"
#include "image/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD_BYTES 512u
#define EXECUTE_BITS (S_IXUSR | S_IXGRP | S_IXOTH)

struct rootfs {
	int root;
};

/* --- the digest --- */

/* The text of a link, or empty. buf holds PATH_MAX bytes. */
static struct str link_target(int root, const struct tree_entry *e, char *buf)
{
	autoclose int fd = beneath_open(root, e->path.p, O_PATH);
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", buf, PATH_MAX);

	return (struct str){ buf, n > 0 ? (size_t)n : 0 };
}

static void hash_entry(struct hasher *h, int root, const struct tree_entry *e)
{
	char text[160], buf[PATH_MAX];
	struct str target = { NULL, 0 };
	int n;

	if (S_ISLNK(e->mode))
		target = link_target(root, e, buf);
	n = snprintf(text, sizeof(text), " %o %llu %lld.%09u %zu ", (unsigned)e->mode,
		     (unsigned long long)e->size, (long long)e->mtime_s, e->mtime_ns, target.n);
	hasher_add(h, e->path.p, e->path.n + 1); /* with its NUL, which no path holds */
	hasher_add(h, text, (size_t)n);
	if (target.n)
		hasher_add(h, target.p, target.n);
}

static int hash_tree(struct task *task, int root, struct hasher *h, uint64_t *unreadable, struct err *err)
{
	autotree struct tree *tree = NULL;
	struct tree_entry e;
	int code;

	TRY(tree_open(root, &tree, err));
	while ((code = tree_next(tree, &e, err)) > 0) {
		TRY(task_check(task, err));
		*unreadable += S_ISREG(e.mode) && !e.is_readable;
		hash_entry(h, root, &e);
	}
	*unreadable += tree_unreadable(tree);
	return code;
}

/* --- the stream --- */

struct stream {
	struct reader reader;
	struct tree *tree;
	int root, fd; /* fd: the file being delivered, or -1 */
	bool is_second, is_ended;
	struct arena names, scratch;
	struct map wanted; /* second pass: names of files */
	struct buffer pending; /* headers and padding, in scratch */
	size_t pending_at;
	struct str path; /* of the file, while its content is read: the walk's */
	uint64_t size, left; /* of the content of the entry */
	char changed[128]; /* the first file that changed while being read */
};

static void forget_pending(struct stream *s)
{
	arena_reset(&s->scratch);
	s->pending = (struct buffer){ .arena = &s->scratch };
	s->pending_at = 0;
}

static size_t take_pending(struct stream *s, void *buf, size_t n)
{
	size_t left = s->pending.n - s->pending_at;

	if (n > left)
		n = left;
	memcpy(buf, s->pending.p + s->pending_at, n);
	s->pending_at += n;
	return n;
}

/* How a name looks to the worker: as tar_entry.path, bytes that are no UTF-8 escaped. */
static struct str name_in_layer(struct arena *a, struct str path)
{
	struct buffer b = { .arena = a };

	if (str_is_text(path))
		return path;
	for (size_t i = 0, n; i < path.n; i += n) {
		char escaped[5];

		for (n = 1; n < 4 && i + n < path.n && !str_is_text(str_sub(path, i, n)); n++)
			;
		if (str_is_text(str_sub(path, i, n)) && !str_eq(str_sub(path, i, n), STR("\xef\xbf\xbd"))) {
			put_bytes(&b, str_sub(path, i, n));
			continue;
		}
		n = 1;
		snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char)path.p[i]);
		put_bytes(&b, str_of(escaped));
	}
	return buffer_str(&b);
}

/* Bytes of the file that this pass carries, when it has `size` of them. */
static uint64_t carried(const struct stream *s, const struct tree_entry *e, uint64_t size)
{
	if (s->is_second)
		return size;
	if (!(e->mode & EXECUTE_BITS))
		return 0;
	return size < HEAD_BYTES ? size : HEAD_BYTES;
}

static bool is_wanted(struct stream *s, const struct tree_entry *e)
{
	if (!e->is_readable)
		return false;
	return !s->is_second || map_get(&s->wanted, name_in_layer(&s->scratch, e->path));
}

/* Open the file when there is something of it to deliver. False: it is gone, or no longer a file we may read.
 */
static bool open_content(struct stream *s, const struct tree_entry *e)
{
	autoclose int fd = -1;
	struct stat st;

	s->size = 0;
	if (carried(s, e, e->size) == 0)
		return true;
	fd = beneath_open(s->root, e->path.p, 0);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	s->size = carried(s, e, (uint64_t)st.st_size);
	s->fd = take_fd(&fd);
	s->path = e->path;
	return true;
}

static void put_header(struct stream *s, const struct tree_entry *e, char type, struct str target)
{
	struct tar_member m = {
		.path = e->path, .link_target = target, .type = type, .mode = e->mode & 07777
	};

	if (type == '0') {
		s->left = s->size;
		m.size = s->size;
	}
	tar_write_header(&s->pending, &m);
}

/* Fill pending with the entry's header, unless the entry is passed over. */
static void begin_entry(struct stream *s, const struct tree_entry *e)
{
	char buf[PATH_MAX];
	struct str target;

	if (S_ISDIR(e->mode))
		put_header(s, e, '5', (struct str){ NULL, 0 });
	if (S_ISLNK(e->mode)) {
		target = link_target(s->root, e, buf);
		if (target.n)
			put_header(s, e, '2', target);
	}
	if (S_ISREG(e->mode) && is_wanted(s, e) && open_content(s, e))
		put_header(s, e, '0', (struct str){ NULL, 0 });
}

/* The next entry, or the end of the archive. */
static int advance(struct stream *s, struct err *err)
{
	struct tree_entry e;
	int code = tree_next(s->tree, &e, err);

	TRY(code);
	forget_pending(s);
	if (code > 0) {
		begin_entry(s, &e);
		return 0;
	}
	s->is_ended = true;
	tar_write_trailer(&s->pending);
	return 0;
}

static void note_change(struct stream *s)
{
	if (!s->changed[0])
		snprintf(s->changed, sizeof(s->changed), STR_FMT, STR_ARG(s->path));
}

/* Content of the announced size, whatever became of the file. */
static ssize_t read_content(struct stream *s, void *buf, size_t n)
{
	ssize_t got;

	if (n > s->left)
		n = (size_t)s->left;
	do
		got = pread(s->fd, buf, n, (off_t)(s->size - s->left));
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		note_change(s);
		memset(buf, 0, n);
		got = (ssize_t)n;
	}
	s->left -= (uint64_t)got;
	if (s->left == 0) {
		fd_closep(&s->fd);
		s->fd = -1;
		forget_pending(s);
		tar_write_padding(&s->pending, s->size);
	}
	return got;
}

static ssize_t stream_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct stream *s = (struct stream *)r;

	for (;;) {
		if (s->pending_at < s->pending.n)
			return (ssize_t)take_pending(s, buf, n);
		if (s->left)
			return read_content(s, buf, n);
		if (s->is_ended)
			break;
		TRY(advance(s, err));
	}
	return s->changed[0] ? err_set(err, E_IO, "%s: changed while being read", s->changed) : 0;
}

static void stream_close(struct reader *r)
{
	struct stream *s = (struct stream *)r;

	tree_close(s->tree);
	fd_closep(&s->fd);
	arena_reset(&s->names);
	arena_reset(&s->scratch);
	free(s);
}

static int stream_open(const struct image_layer *layer, struct stream **out, struct err *err)
{
	const struct rootfs *source = layer->source;
	struct stream *s = calloc(1, sizeof(*s));
	int code;

	if (!s)
		return err_set(err, E_IO, "out of memory");
	s->reader = (struct reader){ .read = stream_read, .close = stream_close };
	s->root = source->root;
	s->fd = -1;
	s->wanted.arena = &s->names;
	forget_pending(s);
	code = tree_open(s->root, &s->tree, err);
	if (code < 0)
		stream_close(&s->reader);
	else
		*out = s;
	return code;
}

static int open_heads(const struct image_layer *layer, struct reader **out, struct err *err)
{
	struct stream *s;

	TRY(stream_open(layer, &s, err));
	*out = &s->reader;
	return 0;
}

static int open_names(const struct image_layer *layer, const struct str *names, size_t n, struct reader **out,
		      struct err *err)
{
	struct stream *s;

	TRY(stream_open(layer, &s, err));
	s->is_second = true;
	for (size_t i = 0; i < n; i++)
		*map_put(&s->wanted, str_copy(&s->names, names[i])) = s;
	*out = &s->reader;
	return 0;
}

static struct str digest_text(struct arena *a, struct hasher *h)
{
	unsigned char raw[64];
	char hex[129];
	size_t n = hasher_end(h, raw);

	return str_format(a, "sha256:%s", hex_of(raw, n, hex));
}

int rootfs_open(struct task *task, int root, struct image *out, struct err *err)
{
	autohasher struct hasher *h = hasher_new(HASH_SHA256);
	struct rootfs *source = ARENA_NEW(&task->arena, struct rootfs);
	struct image_layer layer = { .size_bytes = UINT64_MAX,
				     .is_heads_first = true,
				     .open = open_heads,
				     .open_names = open_names,
				     .source = source };

	source->root = root;
	TRY(hash_tree(task, root, h, &out->unreadable, err));
	layer.digest = digest_text(&task->arena, h);
	out->manifest_hash = layer.digest;
	VEC_PUSH(&task->arena, &out->layers, layer);
	return 0;
}
