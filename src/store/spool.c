/* SPDX-License-Identifier: Apache-2.0 */
/* Records as length (32 bits, little endian) and bytes, first in memory, then in an unlinked file. Reading is
 * through a small window, as records are read in the order of a tree and mostly in the order in which they
 * were added. What one would get wrong: once the file exists, memory holds only the tail, which the first
 * read writes out. */
#include "store/spool.h"

#include "base/io.h"

#include <unistd.h>

#define MEMORY_BYTES (2 * 1024 * 1024) /* then a file */
#define FLUSH_BYTES (128 * 1024) /* written to the file at once */
#define WINDOW_BYTES 4096
#define HEAD_BYTES 4

uint64_t spool_end(const struct spool *s)
{
	return s->written + s->memory.n;
}

static int flush(struct spool *s, struct err *err)
{
	if (s->fd < 0)
		TRY(fd_spool(&s->fd, err));
	TRY(fd_write_all(s->fd, s->memory.p, s->memory.n, err));
	s->written += s->memory.n;
	s->memory.n = 0;
	return 0;
}

int spool_add(struct spool *s, struct str record, uint64_t *offset, struct err *err)
{
	size_t bound = s->fd < 0 ? MEMORY_BYTES : FLUSH_BYTES;

	s->memory.arena = &s->arena;
	if (s->memory.n + record.n + HEAD_BYTES > bound)
		TRY(flush(s, err));
	*offset = spool_end(s);
	put_le32(&s->memory, (uint32_t)record.n);
	put_bytes(&s->memory, record);
	return 0;
}

/* Make the window hold n bytes at offset. */
static int load(struct spool *s, uint64_t offset, size_t n, struct err *err)
{
	size_t want = n > WINDOW_BYTES ? n : WINDOW_BYTES;
	size_t got = 0;

	if (want > s->window.cap) {
		s->window.cap = want * 2;
		s->window.p = arena_alloc_raw(&s->arena, s->window.cap);
	}
	if (want > s->written - offset)
		want = (size_t)(s->written - offset);
	while (got < want) {
		ssize_t r = pread(s->fd, s->window.p + got, want - got, (off_t)(offset + got));

		if (r <= 0)
			return err_set(err, E_IO, "temporary file: %s",
				       r < 0 ? "cannot be read" : "cut short");
		got += (size_t)r;
	}
	s->window.n = got;
	s->window_offset = offset;
	return 0;
}

/* n bytes at offset, wherever they are. */
static int bytes_at(struct spool *s, uint64_t offset, size_t n, struct str *out, struct err *err)
{
	if (offset + n > spool_end(s))
		return err_set(err, E_IO, "temporary file: record crosses its end");
	if (s->fd < 0) {
		*out = str_sub(buffer_str(&s->memory), (size_t)offset, n);
		return 0;
	}
	if (offset < s->window_offset || offset + n > s->window_offset + s->window.n)
		TRY(load(s, offset, n, err));
	*out = str_sub(buffer_str(&s->window), (size_t)(offset - s->window_offset), n);
	return 0;
}

int spool_read(struct spool *s, uint64_t *offset, struct str *record, struct err *err)
{
	struct cursor head;
	struct str bytes;
	size_t n;

	if (s->fd >= 0 && s->memory.n)
		TRY(flush(s, err));
	TRY(bytes_at(s, *offset, HEAD_BYTES, &bytes, err));
	head = cursor_of(bytes);
	n = get_le32(&head);
	TRY(bytes_at(s, *offset + HEAD_BYTES, n, record, err));
	*offset += HEAD_BYTES + n;
	return 0;
}

void spool_close(struct spool *s)
{
	fd_closep(&s->fd);
	arena_reset(&s->arena);
}
