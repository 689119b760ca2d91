/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of prebuilt databases that any static file server can offer. What one would get wrong: who pulls
 * may read the old index a moment before the new one stands; so files are only added before it is replaced,
 * and the database that it named stays until the next time. */
#include "engine/data_publish.h"

#include "base/limits.h"
#include "store/data_delta.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DELTAS_KEPT = 60, NAME_DIGITS = 12 };

struct publication {
	struct task *task;
	struct str folder, sign_key;
	struct data_index before, after;
	bool has_before;
	struct data_copy copy;
};

static const char *path_in(const struct publication *p, struct str name)
{
	return str_format(&p->task->arena, STR_FMT "/" STR_FMT, STR_ARG(p->folder), STR_ARG(name)).p;
}

/* The first digits of a digest. */
static struct str short_of(struct str digest)
{
	return str_sub(digest, 7, NAME_DIGITS);
}

/* ---- files that appear whole ---- */

struct new_file {
	int fd;
	const char *temporary;
};

static void new_file_endp(struct new_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temporary)
		(void)unlink(f->temporary);
}
#define autonewfile __attribute__((cleanup(new_file_endp)))

static int new_file_open(const struct publication *p, struct new_file *f, struct err *err)
{
	f->temporary = path_in(p, STR(".new"));
	f->fd = open(f->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return f->fd < 0 ? err_set(err, E_IO, "%s: %m", f->temporary) : 0;
}

static int new_file_commit(const struct publication *p, struct new_file *f, struct str name, struct err *err)
{
	if (fsync(f->fd) < 0 || rename(f->temporary, path_in(p, name)) < 0)
		return err_set(err, E_IO, "%s: %m", path_in(p, name));
	f->temporary = NULL;
	return 0;
}

/* ---- what is there ---- */

static int read_index(struct publication *p, struct err *err)
{
	const char *path = path_in(p, STR(DATA_INDEX_NAME));
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct fd_reader file;
	struct str text;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(err, E_IO, "%s: %m", path);
	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(reader_all(&file.reader, &p->task->arena, LIMIT_DATA_INDEX_BYTES, &text, err));
	if (data_index_parse(&p->task->arena, text, &p->before, err) < 0)
		return err_wrap(err, "%s", path);
	p->has_before = true;
	return 0;
}

/* ---- what is added ---- */

static struct data_entry entry_of(struct str name, const struct data_packed *packed)
{
	const struct data_manifest *m = &packed->manifest;

	return (struct data_entry){
		name, packed->size_bytes, packed->digest, m->from, m->content, m->created
	};
}

static int add_full(struct publication *p, struct err *err)
{
	autonewfile struct new_file file = { .fd = -1 };
	struct data_packed packed = { 0 };
	struct str name = str_format(&p->task->arena, "advisories-" STR_FMT ".clair",
				     STR_ARG(short_of(p->copy.manifest.content)));

	TRY(new_file_open(p, &file, err));
	TRY(data_copy_pack(p->task, &p->copy, p->sign_key, file.fd, &packed, err));
	TRY(new_file_commit(p, &file, name, err));
	p->after.full = entry_of(name, &packed);
	return 0;
}

static int pack_delta(struct publication *p, int to, struct data_packed *out, struct err *err)
{
	const char *path = path_in(p, p->before.full.name);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct data_head head = { 0 };
	struct fd_reader file;

	if (fd < 0)
		return err_set(err, E_NOTFOUND, "%s: %m", path);
	fd_reader_open(&file, fd, 0, UINT64_MAX);
	if (data_head_read(&p->task->arena, &file.reader, &head, err) < 0)
		return err_wrap(err, "%s", path);
	return data_delta_pack(p->task, fd, &head, &p->copy, p->sign_key, to, out, err);
}

/* Without an earlier export that can be read there are no changes to offer; that is no error. */
static int add_delta(struct publication *p, struct data_entry *out, struct err *err)
{
	autonewfile struct new_file file = { .fd = -1 };
	struct data_packed packed = { 0 };
	struct err why = { 0 };
	struct str name;
	int rc;

	TRY(new_file_open(p, &file, err));
	rc = pack_delta(p, file.fd, &packed, &why);
	if (rc == E_NOTFOUND || rc == E_CONFLICT || rc == E_FORMAT)
		return 0;
	if (rc < 0) {
		*err = why;
		return rc;
	}
	name = str_format(&p->task->arena, "delta-" STR_FMT "-" STR_FMT ".clair",
			  STR_ARG(short_of(p->before.full.to)), STR_ARG(short_of(p->after.full.to)));
	TRY(new_file_commit(p, &file, name, err));
	*out = entry_of(name, &packed);
	return 0;
}

/* The newest of the earlier ones, and the new one. */
static void list_deltas(struct publication *p, const struct data_entry *new)
{
	size_t n = p->before.deltas.n, first = n >= DELTAS_KEPT ? n - DELTAS_KEPT + 1 : 0;

	for (size_t i = first; new->name.n &&i < n; i++)
		VEC_PUSH(&p->task->arena, &p->after.deltas, p->before.deltas.p[i]);
	if (new->name.n)
		VEC_PUSH(&p->task->arena, &p->after.deltas, *new);
}

static int write_index(struct publication *p, struct err *err)
{
	struct str text = data_index_text(&p->task->arena, &p->after);
	autonewfile struct new_file file = { .fd = -1 };

	TRY(new_file_open(p, &file, err));
	TRY(fd_write_all(file.fd, text.p, text.n, err));
	return new_file_commit(p, &file, STR(DATA_INDEX_NAME), err);
}

/* ---- what goes ---- */

static bool is_listed(const struct data_index *index, struct str name)
{
	VEC_EACH (const struct data_entry, e, &index->deltas)
		if (str_eq(e->name, name))
			return true;
	return false;
}

/* The database before the one that was newest: its name is that of what the last delta but one led to. */
static void prune(const struct publication *p)
{
	VEC_EACH (const struct data_entry, e, &p->before.deltas) {
		struct str full = str_format(&p->task->arena, "advisories-" STR_FMT ".clair",
					     STR_ARG(short_of(e->from)));

		if (!str_eq(full, p->before.full.name) && !str_eq(full, p->after.full.name))
			(void)unlink(path_in(p, full));
		if (!is_listed(&p->after, e->name))
			(void)unlink(path_in(p, e->name));
	}
}

static int publish(struct publication *p, struct data_published *out, struct err *err)
{
	struct data_entry delta = { .size_bytes = 0 };

	TRY(read_index(p, err));
	out->updaters = p->copy.manifest.updaters.n;
	out->full = p->before.full;
	out->is_changed = !p->has_before || !str_eq(p->before.full.to, p->copy.manifest.content);
	if (!out->is_changed)
		return 0;
	TRY(add_full(p, err));
	if (p->has_before)
		TRY(add_delta(p, &delta, err));
	list_deltas(p, &delta);
	TRY(write_index(p, err));
	prune(p);
	out->full = p->after.full;
	out->delta = delta;
	return 0;
}

int data_publish(struct task *task, struct str dir, struct str folder, struct str sign_key,
		 struct data_published *out, struct err *err)
{
	struct publication p = { .task = task, .folder = folder, .sign_key = sign_key };
	int rc;

	if (mkdir(str_copy(&task->arena, folder).p, 0755) < 0 && errno != EEXIST)
		return err_set(err, E_IO, STR_FMT ": %m", STR_ARG(folder));
	TRY(data_copy_open(task, dir, path_in(&p, STR(".copy")), &p.copy, err));
	rc = publish(&p, out, err);
	data_copy_close(&p.copy);
	return rc;
}
