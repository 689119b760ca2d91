/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

/* A source of bytes. Decorators wrap a borrowed reader, live on the stack or in their owner, and closing
 * one releases what it added, never its source. */
struct reader {
	/* Up to n (> 0) bytes into buf. Returns how many (> 0), 0 at the end, negative error. */
	ssize_t (*read)(struct reader *r, void *buf, size_t n, struct err *err);
	/* Pass over n bytes without delivering them; NULL: they are read and dropped. Returns 0 or a
	 * negative error; passing the end is E_FORMAT. */
	int (*skip)(struct reader *r, uint64_t n, struct err *err);
	void (*close)(struct reader *r); /* NULL: nothing to release */
};

static inline ssize_t reader_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	return r->read(r, buf, n, err);
}
/* Read exactly n bytes. Returns 1; 0 when the source was already at its end; E_FORMAT when it ends
 * inside ("truncated: 5 of 512 bytes"). */
int reader_full(struct reader *r, void *buf, size_t n, struct err *err);
int reader_skip(struct reader *r, uint64_t n, struct err *err);
/* The whole rest into arena memory; more than max bytes is E_LIMIT. */
int reader_all(struct reader *r, struct arena *a, size_t max, struct str *out, struct err *err);
void reader_close(struct reader *r);

/* Bytes in memory; borrowed. */
struct mem_reader {
	struct reader reader;
	struct str rest;
};
void mem_reader_open(struct mem_reader *m, struct str bytes);

/* A file descriptor from `offset` for at most `size` bytes, by pread, so that many readers may share one
 * descriptor. The descriptor stays the caller's. For pipes and sockets: fd_reader_open with offset -1,
 * which reads to the end of file. */
struct fd_reader {
	struct reader reader;
	int fd;
	int64_t offset; /* -1: not seekable */
	uint64_t left;
};
void fd_reader_open(struct fd_reader *f, int fd, int64_t offset, uint64_t size);

/* Fails with E_LIMIT, naming `what`, once more than max bytes came through. */
struct limit_reader {
	struct reader reader, *source;
	uint64_t left, max;
	const char *what;
};
void limit_reader_open(struct limit_reader *l, struct reader *source, uint64_t max, const char *what);

/* A destination of bytes: buffered, written in order. */
struct writer {
	/* All n bytes. Returns 0 or a negative error. */
	int (*write)(struct writer *w, const void *buf, size_t n, struct err *err);
};
static inline int writer_str(struct writer *w, struct str s, struct err *err)
{
	return s.n ? w->write(w, s.p, s.n, err) : 0;
}
int writer_format(struct writer *w, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes to a descriptor through a 64 KiB buffer. fd_writer_flush must be called at the end. */
struct fd_writer {
	struct writer writer;
	int fd;
	size_t n;
	char buf[65536];
};
void fd_writer_open(struct fd_writer *f, int fd);
int fd_writer_flush(struct fd_writer *f, struct err *err);

/* Collects in arena memory; mem_writer.buffer holds the bytes. */
struct buffer;
struct mem_writer {
	struct writer writer;
	struct buffer *buffer;
};
void mem_writer_open(struct mem_writer *m, struct buffer *buffer);

/* Descriptors that close themselves. */
void fd_closep(int *fd);
#define autoclose __attribute__((cleanup(fd_closep)))
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
/* write(2) until all is written. */
int fd_write_all(int fd, const void *buf, size_t n, struct err *err);
/* An unlinked temporary file in $TMPDIR (default /var/tmp, then /tmp). The descriptor is the caller's. */
int fd_spool(int *out, struct err *err);

#endif
