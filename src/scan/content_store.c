/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the contents of wanted files, in memory while there is room, else in a spool that is mapped at the
 * end. Nothing is ever given back before the end: a layer that writes a file a thousand times pays for a
 * thousand. That is also why the sizes are compared with the limits before anything is read. */
#include "scan/content_store.h"

#include "base/limits.h"
#include "base/task.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE_BYTES (256 * KIB)

void content_store_open(struct content_store *s, struct task *task, int spool_fd)
{
	*s = (struct content_store){ .task = task, .fd = spool_fd > 0 ? spool_fd : -1 };
}

static int write_at(int fd, const void *bytes, size_t n, uint64_t offset, struct err *err)
{
	const char *p = bytes;

	while (n) {
		ssize_t done = pwrite(fd, p, n, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set(err, E_IO, "spool of the layer: %m");
		p += done;
		n -= (size_t)done;
		offset += (uint64_t)done;
	}
	return 0;
}

static int prepare_spool(struct content_store *s, struct err *err)
{
	if (!s->piece)
		s->piece = arena_alloc_raw(&s->task->arena, PIECE_BYTES);
	if (s->fd >= 0)
		return 0;
	s->owns_fd = true;
	return fd_spool(&s->fd, err);
}

static int read_exactly(struct reader *r, void *buf, size_t n, struct err *err)
{
	int got = n ? reader_full(r, buf, n, err) : 1;

	return got == 0 ? err_set(err, E_FORMAT, "truncated: %zu bytes missing", n) : got;
}

static int add_to_spool(struct content_store *s, struct str head, struct reader *rest, uint64_t size,
			struct err *err)
{
	uint64_t at = s->spool_bytes, end = at + size;

	if (size > LIMIT_LAYER_SPOOL_BYTES - s->spool_bytes)
		return err_set(err, E_LIMIT, "wanted files: more than %llu bytes (LIMIT_LAYER_SPOOL_BYTES)",
			       LIMIT_LAYER_SPOOL_BYTES);
	TRY(prepare_spool(s, err));
	TRY(write_at(s->fd, head.p, head.n, at, err));
	for (at += head.n; at < end;) {
		size_t n = end - at < PIECE_BYTES ? (size_t)(end - at) : PIECE_BYTES;

		TRY(task_check(s->task, err));
		TRY(read_exactly(rest, s->piece, n, err));
		TRY(write_at(s->fd, s->piece, n, at, err));
		at += n;
	}
	s->spool_bytes = end;
	return 0;
}

static bool fits_memory(const struct content_store *s, uint64_t size)
{
	return size <= LIMIT_WANTED_MEMORY_BYTES && size <= LIMIT_LAYER_MEMORY_BYTES - s->memory_bytes;
}

int content_store_add(struct content_store *s, struct str head, struct reader *rest, uint64_t size,
		      struct content_place *out, struct err *err)
{
	char *memory;

	if (size > LIMIT_WANTED_FILE_BYTES)
		return err_set(err, E_LIMIT, "%llu bytes, limit %llu (LIMIT_WANTED_FILE_BYTES)",
			       (unsigned long long)size, LIMIT_WANTED_FILE_BYTES);
	if (!fits_memory(s, size)) {
		*out = (struct content_place){ .offset = s->spool_bytes, .size = size };
		return add_to_spool(s, head, rest, size, err);
	}
	memory = arena_alloc_raw(&s->task->arena, (size_t)size);
	memcpy(memory, head.p, head.n);
	TRY(read_exactly(rest, memory + head.n, (size_t)size - head.n, err));
	s->memory_bytes += size;
	*out = (struct content_place){ .memory = memory, .size = size };
	return 0;
}

static void close_spool(struct content_store *s)
{
	if (s->owns_fd && s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->owns_fd = false;
}

int content_store_map(struct content_store *s, struct err *err)
{
	if (s->spool_bytes) {
		s->map = mmap(NULL, (size_t)s->spool_bytes, PROT_READ, MAP_SHARED, s->fd, 0);
		if (s->map == MAP_FAILED) {
			s->map = NULL;
			return err_set(err, E_IO, "mapping the spool of the layer: %m");
		}
	}
	close_spool(s);
	return 0;
}

struct str content_store_get(const struct content_store *s, const struct content_place *place)
{
	const char *p = place->memory;

	if (!p)
		p = (const char *)s->map + place->offset;
	return (struct str){ p, (size_t)place->size };
}

void content_store_close(struct content_store *s)
{
	close_spool(s);
	if (s->map)
		munmap(s->map, (size_t)s->spool_bytes);
	s->map = NULL;
}
