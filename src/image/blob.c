/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs: reading documents and layers out of a directory or an archive, with size and digest checked.
 * Source: OCI image-spec 1.1, image-layout.md "Blobs" and descriptor.md "Verification".
 * Easy to get wrong: several threads read layers of one archive at the same time, so everything goes through
 * pread, and each reader owns its state. */
#include "image/blob.h"

#include "base/digest.h"
#include "base/inflate.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void blob_close(struct blob *b)
{
	if (b->is_owned && b->fd >= 0)
		close(b->fd);
	*b = (struct blob){ .fd = -1 };
}

static int open_in_directory(const struct blob_store *self, struct str name, struct blob *out,
			     struct err *err)
{
	char path[256];
	autoclose int fd = -1;
	struct stat st;

	if (name.n >= sizeof(path))
		return err_set(err, E_FORMAT, "file name of %zu bytes in an image layout", name.n);
	snprintf(path, sizeof(path), STR_FMT, STR_ARG(name));
	/* O_NONBLOCK: a FIFO of that name must not hold us */
	fd = openat(self->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_set(err, errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : E_IO, "%s: %m", path);
	if (fstat(fd, &st) < 0)
		return err_set(err, E_IO, "%s: %m", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, E_FORMAT, "%s: not a regular file", path);
	*out = (struct blob){ .is_owned = true, .size = (uint64_t)st.st_size };
	out->fd = take_fd(&fd);
	return 0;
}

void blob_store_open_directory(struct blob_store *s, int fd)
{
	*s = (struct blob_store){ .fd = fd, .open = open_in_directory };
}

struct str blob_name(struct arena *a, struct str digest)
{
	struct str algorithm, hex;

	str_cut(digest, ':', &algorithm, &hex);
	return str_format(a, "blobs/" STR_FMT "/" STR_FMT, STR_ARG(algorithm), STR_ARG(hex));
}

/* Read exactly the blob, and once more, as the digest is checked at the end. */
static int read_whole(struct reader *r, char *buf, size_t n, struct err *err)
{
	char none;
	int got = n ? reader_full(r, buf, n, err) : 1;
	ssize_t more;

	if (got == 0)
		return err_set(err, E_FORMAT, "truncated: 0 of %zu bytes", n);
	TRY(got);
	more = reader_read(r, &none, 1, err);
	return more > 0 ? err_set(err, E_FORMAT, "longer than %zu bytes", n) : (int)more;
}

static int read_checked(const struct blob *b, struct arena *a, struct str digest, uint64_t size,
			struct str *out, struct err *err)
{
	struct fd_reader file;
	struct digest_reader checked;
	char *bytes;
	int code;

	if (b->size > LIMIT_MANIFEST_BYTES)
		return err_set(err, E_LIMIT, "%llu bytes, limit %llu", (unsigned long long)b->size,
			       LIMIT_MANIFEST_BYTES);
	if (size != UINT64_MAX && size != b->size)
		return err_set(err, E_FORMAT, "%llu bytes, expected %llu", (unsigned long long)b->size,
			       (unsigned long long)size);
	bytes = arena_alloc_raw(a, (size_t)b->size);
	fd_reader_open(&file, b->fd, (int64_t)b->offset, b->size);
	TRY(digest_reader_open(&checked, &file.reader, digest, size, err));
	code = read_whole(&checked.reader, bytes, (size_t)b->size, err);
	reader_close(&checked.reader);
	*out = (struct str){ bytes, (size_t)b->size };
	return code;
}

int blob_read(const struct blob_store *s, struct task *task, struct str name, struct str digest,
	      uint64_t size, struct str *out, struct err *err)
{
	autoblob struct blob b = { .fd = -1 };

	TRY(task_check(task, err));
	TRY(s->open(s, name, &b, err));
	if (read_checked(&b, &task->arena, digest, size, out, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(name));
	return 0;
}

int blob_examine(const struct blob_store *s, struct task *task, struct str name, struct blob_facts *out,
		 struct err *err)
{
	autoblob struct blob b = { .fd = -1 };
	struct fd_reader file;
	char head[8];
	size_t n;

	TRY(task_check(task, err));
	TRY(s->open(s, name, &b, err));
	if (b.size > LIMIT_LAYER_STORED_BYTES)
		return err_set(err, E_LIMIT, STR_FMT ": layer of %llu bytes, limit %llu", STR_ARG(name),
			       (unsigned long long)b.size, LIMIT_LAYER_STORED_BYTES);
	n = b.size < sizeof(head) ? (size_t)b.size : sizeof(head);
	fd_reader_open(&file, b.fd, (int64_t)b.offset, b.size);
	if (n && reader_full(&file.reader, head, n, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(name));
	*out = (struct blob_facts){ .size = b.size };
	out->is_compressed = compression_of((struct str){ head, n }) != COMPRESSION_NONE;
	return 0;
}

static int drain(struct reader *r, struct task *task, struct err *err)
{
	char buf[65536];
	ssize_t n;

	while ((n = reader_read(r, buf, sizeof(buf), err)) > 0)
		TRY(task_check(task, err));
	return (int)n;
}

int blob_hash(const struct blob_store *s, struct task *task, struct str name, struct str *out,
	      struct err *err)
{
	autoblob struct blob b = { .fd = -1 };
	struct fd_reader file;
	struct digest_reader hashed;
	int code;

	TRY(s->open(s, name, &b, err));
	fd_reader_open(&file, b.fd, (int64_t)b.offset, b.size);
	TRY(digest_reader_open(&hashed, &file.reader, (struct str){ NULL, 0 }, b.size, err));
	code = drain(&hashed.reader, task, err);
	if (code == 0)
		*out = str_copy(&task->arena, str_of(hashed.actual));
	reader_close(&hashed.reader);
	return code < 0 ? err_wrap(err, STR_FMT, STR_ARG(name)) : 0;
}

/* What a layer's source points to. */
struct layer_place {
	const struct blob_store *store;
	struct str name;
};

/* A layer being read: freed by its close, as the thread that reads has no share in the image's arena. */
struct layer_reader {
	struct reader reader;
	struct blob blob;
	struct fd_reader file;
	struct digest_reader checked;
};

static ssize_t layer_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	return reader_read(&((struct layer_reader *)r)->checked.reader, buf, n, err);
}

static void layer_close(struct reader *r)
{
	struct layer_reader *l = (struct layer_reader *)r;

	reader_close(&l->checked.reader);
	blob_close(&l->blob);
	free(l);
}

static int layer_start(const struct image_layer *layer, struct layer_reader *l, struct err *err)
{
	const struct layer_place *place = layer->source;
	int code;

	TRY(place->store->open(place->store, place->name, &l->blob, err));
	fd_reader_open(&l->file, l->blob.fd, (int64_t)l->blob.offset, l->blob.size);
	code = digest_reader_open(&l->checked, &l->file.reader, layer->digest, layer->size_bytes, err);
	if (code < 0)
		blob_close(&l->blob);
	return code;
}

static int layer_open(const struct image_layer *layer, struct reader **out, struct err *err)
{
	struct layer_reader *l = calloc(1, sizeof(*l));
	int code;

	if (!l)
		return err_set(err, E_IO, "out of memory");
	l->reader = (struct reader){ .read = layer_read, .close = layer_close };
	code = layer_start(layer, l, err);
	if (code < 0) {
		free(l);
		return code;
	}
	*out = &l->reader;
	return 0;
}

void blob_layer(struct image_layer *layer, struct arena *a, const struct blob_store *s, struct str name)
{
	struct layer_place *place = ARENA_NEW(a, struct layer_place);

	*place = (struct layer_place){ s, name };
	layer->open = layer_open;
	layer->source = place;
}
