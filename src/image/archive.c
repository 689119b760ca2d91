/* SPDX-License-Identifier: Apache-2.0 */
/* Image archives: a tar file as a store of blobs.
 * Source: OCI image-spec 1.1, image-layout.md (as a tar); Docker "Image Specification v1.2", which lets
 * layer.tar be a symbolic link to that of another layer. Easy to get wrong: offsets and link targets are
 * claims of hostile input, also after the lister has read them; they are compared with the size of the
 * archive, and the number of links followed is bounded. */
#include "image/archive.h"

#include "base/inflate.h"
#include "base/limits.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINK_HOPS_MAX 32u

bool archive_has(const struct archive *a, struct str path)
{
	const struct archive_member *m = map_get(&a->members, path);

	return m && (m->is_file || m->is_hard_link || m->is_symlink);
}

static int open_member(const struct blob_store *self, struct str name, struct blob *out, struct err *err)
{
	const struct archive *a = (const struct archive *)self;
	const struct archive_member *m = map_get(&a->members, name);
	unsigned hops = 0;

	while (m && !m->is_file && (m->is_symlink || m->is_hard_link) && hops++ < LINK_HOPS_MAX)
		m = map_get(&a->members, m->target);
	if (!m)
		return err_set(err, E_NOTFOUND, STR_FMT ": %s", STR_ARG(name),
			       hops ? "links to a member that is missing" : "missing in the archive");
	if (!m->is_file)
		return err_set(err, E_FORMAT, STR_FMT ": %s", STR_ARG(name),
			       hops > LINK_HOPS_MAX ? "too many links" : "not a regular file");
	*out = (struct blob){ .fd = self->fd, .offset = m->offset, .size = m->size };
	return 0;
}

/* The whole of r into an unlinked file. */
static int copy_to_spool(struct reader *r, struct task *task, int *out, struct err *err)
{
	autoclose int fd = -1;
	char buf[65536];
	ssize_t n;

	TRY(fd_spool(&fd, err));
	while ((n = reader_read(r, buf, sizeof(buf), err)) > 0) {
		TRY(task_check(task, err));
		TRY(fd_write_all(fd, buf, (size_t)n, err));
	}
	TRY((int)n);
	*out = take_fd(&fd);
	return 0;
}

static int inflate_to_spool(struct task *task, int fd, bool is_pipe, int *out, struct err *err)
{
	struct fd_reader file;
	struct limit_reader limited;
	autoinflate struct inflate *z = NULL;

	fd_reader_open(&file, fd, is_pipe ? -1 : 0, UINT64_MAX);
	TRY(inflate_open(&file.reader, &z, err));
	limit_reader_open(&limited, inflate_reader(z), LIMIT_LAYER_INFLATED_BYTES, "archive");
	return copy_to_spool(&limited.reader, task, out, err);
}

/* A descriptor of a plain tar: fd itself, or a spool that takes its place. */
static int make_plain(struct task *task, int *fd, uint64_t *size, struct err *err)
{
	struct stat st;
	char head[8];
	ssize_t n;
	int spool;

	if (fstat(*fd, &st) < 0)
		return err_set(err, E_IO, "%m");
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return err_set(err, E_FORMAT, "neither a regular file nor a pipe");
	n = S_ISREG(st.st_mode) ? pread(*fd, head, sizeof(head), 0) : 0;
	if (n < 0)
		return err_set(err, E_IO, "read: %m");
	if (S_ISFIFO(st.st_mode) || compression_of((struct str){ head, (size_t)n }) != COMPRESSION_NONE) {
		TRY(inflate_to_spool(task, *fd, S_ISFIFO(st.st_mode), &spool, err));
		close(*fd);
		*fd = spool;
		if (fstat(*fd, &st) < 0)
			return err_set(err, E_IO, "%m");
	}
	*size = (uint64_t)st.st_size;
	return 0;
}

static int add_members(struct archive *a, struct arena *arena, archive_members *members, struct err *err)
{
	if (members->n > LIMIT_ARCHIVE_MEMBERS)
		return err_set(err, E_LIMIT, "more than %u members", LIMIT_ARCHIVE_MEMBERS);
	a->members.arena = arena;
	VEC_EACH (struct archive_member, m, members) {
		uint64_t end;

		if (m->is_file && (__builtin_add_overflow(m->offset, m->size, &end) || end > a->size))
			return err_set(err, E_FORMAT,
				       STR_FMT ": truncated: ends behind the archive's %llu bytes",
				       STR_ARG(m->path), (unsigned long long)a->size);
		*map_put(&a->members, m->path) = m;
	}
	return 0;
}

static int open_file(struct task *task, struct str path, const struct archive_lister *lister, int *fd,
		     struct archive *out, struct err *err)
{
	archive_members *members = ARENA_NEW(&task->arena, archive_members);

	*fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd < 0)
		return err_set(err, E_IO, "%m");
	TRY(make_plain(task, fd, &out->size, err));
	TRY(lister->list(lister, task, *fd, out->size, members, err));
	return add_members(out, &task->arena, members, err);
}

int archive_open(struct task *task, struct str path, const struct archive_lister *lister, struct archive *out,
		 struct err *err)
{
	autoclose int fd = -1;

	*out = (struct archive){ .store = { .fd = -1, .open = open_member } };
	if (!lister)
		return err_set(err, E_CONFIG, "archives cannot be listed here");
	TRY(open_file(task, path, lister, &fd, out, err));
	out->store.fd = take_fd(&fd);
	return 0;
}
