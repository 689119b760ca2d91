/* SPDX-License-Identifier: Apache-2.0 */
/* Readers and writers over memory and descriptors, and the limit decorator. */
#include "base/io.h"

#include "base/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int reader_full(struct reader *r, void *buf, size_t n, struct err *err)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = reader_read(r, (char *)buf + done, n - done, err);

		if (got < 0)
			return (int)got;
		if (got == 0)
			return done == 0 ? 0 : err_set(err, E_FORMAT, "truncated: %zu of %zu bytes", done, n);
		done += (size_t)got;
	}
	return 1;
}

int reader_skip(struct reader *r, uint64_t n, struct err *err)
{
	char dropped[16384];

	if (r->skip)
		return r->skip(r, n, err);
	while (n) {
		ssize_t got = reader_read(r, dropped, n < sizeof(dropped) ? (size_t)n : sizeof(dropped), err);

		if (got < 0)
			return (int)got;
		if (got == 0)
			return err_set(err, E_FORMAT, "truncated: %llu bytes missing", (unsigned long long)n);
		n -= (uint64_t)got;
	}
	return 0;
}

int reader_all(struct reader *r, struct arena *a, size_t max, struct str *out, struct err *err)
{
	struct buffer b = { .arena = a };
	char chunk[16384];

	for (;;) {
		ssize_t got = reader_read(r, chunk, sizeof(chunk), err);

		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		if ((size_t)got > max - b.n)
			return err_set(err, E_LIMIT, "more than %zu bytes", max);
		put_bytes(&b, (struct str){ chunk, (size_t)got });
	}
	*out = buffer_str(&b);
	return 0;
}

void reader_close(struct reader *r)
{
	if (r->close)
		r->close(r);
}

static ssize_t mem_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct mem_reader *m = (struct mem_reader *)r;

	(void)err;
	if (n > m->rest.n)
		n = m->rest.n;
	if (n)
		memcpy(buf, m->rest.p, n);
	m->rest = str_sub(m->rest, n, m->rest.n - n);
	return (ssize_t)n;
}

void mem_reader_open(struct mem_reader *m, struct str bytes)
{
	*m = (struct mem_reader){ .reader = { .read = mem_read }, .rest = bytes };
}

static ssize_t fd_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct fd_reader *f = (struct fd_reader *)r;
	ssize_t got;

	if (n > f->left)
		n = (size_t)f->left;
	if (n == 0)
		return 0;
	do
		got = f->offset < 0 ? read(f->fd, buf, n) : pread(f->fd, buf, n, (off_t)f->offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, E_IO, "read: %m");
	f->left -= (uint64_t)got;
	if (f->offset >= 0)
		f->offset += got;
	return got;
}

static int fd_skip(struct reader *r, uint64_t n, struct err *err)
{
	struct fd_reader *f = (struct fd_reader *)r;

	if (n > f->left)
		return err_set(err, E_FORMAT, "truncated: %llu bytes missing",
			       (unsigned long long)(n - f->left));
	f->left -= n;
	f->offset += (int64_t)n;
	return 0;
}

void fd_reader_open(struct fd_reader *f, int fd, int64_t offset, uint64_t size)
{
	*f = (struct fd_reader){
		.reader = { .read = fd_read, .skip = offset < 0 ? NULL : fd_skip },
		.fd = fd,
		.offset = offset,
		.left = offset < 0 ? UINT64_MAX : size,
	};
}

static ssize_t limit_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct limit_reader *l = (struct limit_reader *)r;
	ssize_t got = reader_read(l->source, buf, n, err);

	if (got <= 0)
		return got;
	if ((uint64_t)got > l->left)
		return err_set(err, E_LIMIT, "%s: more than %llu bytes", l->what, (unsigned long long)l->max);
	l->left -= (uint64_t)got;
	return got;
}

static int limit_skip(struct reader *r, uint64_t n, struct err *err)
{
	struct limit_reader *l = (struct limit_reader *)r;

	if (n > l->left)
		return err_set(err, E_LIMIT, "%s: more than %llu bytes", l->what, (unsigned long long)l->max);
	l->left -= n;
	return reader_skip(l->source, n, err);
}

void limit_reader_open(struct limit_reader *l, struct reader *source, uint64_t max, const char *what)
{
	*l = (struct limit_reader){
		.reader = { .read = limit_read, .skip = source->skip ? limit_skip : NULL },
		.source = source,
		.left = max,
		.max = max,
		.what = what,
	};
}

int writer_format(struct writer *w, struct err *err, const char *fmt, ...)
{
	autoarena struct arena scratch = { 0 };
	char small[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		return err_set(err, E_FORMAT, "cannot format output");
	if ((size_t)n < sizeof(small))
		return w->write(w, small, (size_t)n, err);
	char *large = arena_alloc(&scratch, (size_t)n + 1);

	va_start(ap, fmt);
	vsnprintf(large, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return w->write(w, large, (size_t)n, err);
}

int fd_write_all(int fd, const void *buf, size_t n, struct err *err)
{
	const char *p = buf;

	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set(err, E_IO, "write: %m");
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int fd_writer_flush(struct fd_writer *f, struct err *err)
{
	size_t n = f->n;

	f->n = 0;
	return fd_write_all(f->fd, f->buf, n, err);
}

static int fd_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct fd_writer *f = (struct fd_writer *)w;

	if (n > sizeof(f->buf) - f->n)
		TRY(fd_writer_flush(f, err));
	if (n > sizeof(f->buf))
		return fd_write_all(f->fd, buf, n, err);
	memcpy(f->buf + f->n, buf, n);
	f->n += n;
	return 0;
}

void fd_writer_open(struct fd_writer *f, int fd)
{
	f->writer.write = fd_write;
	f->fd = fd;
	f->n = 0;
}

static int mem_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	(void)err;
	put_bytes(((struct mem_writer *)w)->buffer, (struct str){ buf, n });
	return 0;
}

void mem_writer_open(struct mem_writer *m, struct buffer *buffer)
{
	m->writer.write = mem_write;
	m->buffer = buffer;
}

void fd_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int fd_spool(int *out, struct err *err)
{
	const char *dirs[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		int fd = dirs[i] && *dirs[i] ? open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

		if (fd >= 0) {
			*out = fd;
			return 0;
		}
	}
	return err_set(err, E_IO,
		       "temporary file in /var/tmp or /tmp: %m; set TMPDIR to a writable directory");
}
