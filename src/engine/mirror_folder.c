/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with documents as their publishers have them. What a reader would get wrong: names in it come from
 * publishers too, so each part of a path is looked at before it is used; and a file has the time that its
 * publisher gave it, so that a server in front of the folder gives the same validators by date. .clair-mirror
 * is a line for each file: set, path, size, mark and the four lines of its fingerprint, with tabs between. */
#include "engine/mirror_folder.h"

#include "base/cursor.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_NAME ".clair-mirror"
#define INDEX_NAME "index.html"

enum { STATE_BYTES_MAX = 256 << 20, PATH_BYTES_MAX = 512, COLUMNS = 8 };

/* ---- paths ---- */

static bool is_safe_part(struct str part)
{
	if (part.n == 0 || part.p[0] == '.')
		return false;
	for (size_t i = 0; i < part.n; i++)
		if ((unsigned char)part.p[i] < ' ' || part.p[i] == 0x7f || part.p[i] == '\\')
			return false;
	return true;
}

static int check_path(struct str path, struct err *err)
{
	struct str rest = path, part;

	while (rest.n && rest.n <= PATH_BYTES_MAX) {
		bool is_last = !str_cut(rest, '/', &part, &rest);

		if (!is_safe_part(part) || (!is_last && rest.n == 0))
			break;
		if (is_last)
			return 0;
	}
	return err_set(err, E_FORMAT, "\"" STR_FMT "\" is no name for a file of a mirror",
		       STR_ARG(str_sub(path, 0, path.n < 64 ? path.n : 64)));
}

static struct str full_path(struct arena *a, const struct mirror_folder *m, struct str path)
{
	return str_format(a, STR_FMT STR_FMT, STR_ARG(m->dir), STR_ARG(path));
}

/* All folders above the last part. */
static int make_parents(struct arena *a, struct str path, struct err *err)
{
	char *text = (char *)str_copy(a, path).p;

	for (char *p = text + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(text, 0777) < 0 && errno != EEXIST)
			return err_set(err, E_IO, "%s: %m", text);
		*p = '/';
	}
	return 0;
}

/* ---- writing ---- */

/* The name a file has until it is whole; listings pass over it. */
static struct str part_path(struct arena *a, struct str path)
{
	struct str folder, name;

	if (!str_rcut(path, '/', &folder, &name))
		return str_format(a, ".%.*s.part", STR_ARG(path));
	return str_format(a, STR_FMT "/." STR_FMT ".part", STR_ARG(folder), STR_ARG(name));
}

static int copy(int from, int to, uint64_t size, struct err *err)
{
	struct fd_reader in;
	char buf[65536];
	ssize_t n;

	fd_reader_open(&in, from, 0, size);
	while ((n = reader_read(&in.reader, buf, sizeof(buf), err)) > 0)
		TRY(fd_write_all(to, buf, (size_t)n, err));
	return n < 0 ? (int)n : 0;
}

static int finish(int fd, struct str part, struct str path, int64_t modified, struct err *err)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = modified } };

	if (modified > 0)
		(void)futimens(fd, times);
	if (fdatasync(fd) < 0 || rename(part.p, path.p) < 0)
		return err_set(err, E_IO, STR_FMT ": %m", STR_ARG(path));
	return 0;
}

/* from: -1: text. */
static int write_file(struct arena *a, struct str path, int from, struct str text, uint64_t size,
		      int64_t modified, struct err *err)
{
	struct str part = part_path(a, path);
	autoclose int fd = -1;
	int result;

	TRY(make_parents(a, path, err));
	fd = open(part.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return err_set(err, E_IO, STR_FMT ": %m", STR_ARG(part));
	result = from >= 0 ? copy(from, fd, size, err) : fd_write_all(fd, text.p, text.n, err);
	if (result == 0)
		result = finish(fd, part, path, modified, err);
	if (result < 0) {
		(void)unlink(part.p);
		return err->code == E_IO ? err_wrap(err, "mirror") : result;
	}
	return 0;
}

/* ---- what is known; under the lock ---- */

static struct str flattened(struct arena *a, struct str s)
{
	struct str copied = str_copy(a, s);

	for (size_t i = 0; i < copied.n; i++)
		if (copied.p[i] == '\t')
			((char *)copied.p)[i] = ' ';
	return copied;
}

static void remember(struct mirror_folder *m, const struct mirror_file *file)
{
	struct arena *a = &m->arena;
	struct mirror_file *known = map_get(&m->files, file->path);

	if (!known) {
		known = ARENA_NEW(a, struct mirror_file);
		known->path = str_copy(a, file->path);
		*map_put(&m->files, known->path) = known;
	}
	known->set = str_copy(a, file->set);
	known->fingerprint = flattened(a, file->fingerprint);
	known->mark = flattened(a, file->mark);
	known->size_bytes = file->size_bytes;
	known->is_seen = file->is_seen;
}

/* ---- what is kept between runs ---- */

static bool read_line(struct str line, struct arena *a, struct mirror_file *out)
{
	struct str column[COLUMNS];
	size_t n = 0;

	for (bool more = true; more && n < COLUMNS; n++)
		more = str_cut(line, '\t', &column[n], &line);
	if (n != COLUMNS || line.n || !str_u64(column[2], UINT64_MAX, &out->size_bytes))
		return false;
	out->set = column[0];
	out->path = column[1];
	out->mark = column[3];
	out->fingerprint = column[4].n || column[5].n
				   ? str_format(a, STR_FMT "\n" STR_FMT "\n" STR_FMT "\n" STR_FMT,
						STR_ARG(column[4]), STR_ARG(column[5]), STR_ARG(column[6]),
						STR_ARG(column[7]))
				   : STR("");
	return true;
}

/* A line that is not understood costs a transfer, not the mirror. */
static int load(struct mirror_folder *m, struct err *err)
{
	struct str path = full_path(&m->arena, m, STR(STATE_NAME)), text, line;
	autoclose int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	struct fd_reader in;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(err, E_IO, STR_FMT ": %m", STR_ARG(path));
	fd_reader_open(&in, fd, 0, STATE_BYTES_MAX);
	TRY(reader_all(&in.reader, &m->arena, STATE_BYTES_MAX, &text, err));
	while (str_line(&text, &line)) {
		struct mirror_file file = { 0 };
		struct err ignored = { 0 };

		if (read_line(line, &m->arena, &file) && check_path(file.path, &ignored) == 0)
			remember(m, &file);
	}
	return 0;
}

static void put_line(struct buffer *out, const struct mirror_file *f)
{
	struct str rest = f->fingerprint, line;

	put_bytes(out, str_format(out->arena, STR_FMT "\t" STR_FMT "\t%llu\t" STR_FMT, STR_ARG(f->set),
				  STR_ARG(f->path), (unsigned long long)f->size_bytes, STR_ARG(f->mark)));
	for (int i = 0; i < 4; i++) {
		str_cut(rest, '\n', &line, &rest);
		put_bytes(out, STR("\t"));
		put_bytes(out, line);
	}
	put_bytes(out, STR("\n"));
}

static int compare_texts(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int save_state(struct mirror_folder *m, struct err *err)
{
	struct buffer out = { .arena = &m->arena };
	str_list paths = { 0 };
	struct str path;
	void *value;
	size_t at = 0;

	while (map_next(&m->files, &at, &path, &value))
		if (((struct mirror_file *)value)->path.n)
			VEC_PUSH(&m->arena, &paths, path);
	if (paths.n)
		qsort(paths.p, paths.n, sizeof(paths.p[0]), compare_texts);
	VEC_EACH (struct str, p, &paths)
		put_line(&out, map_get(&m->files, *p));
	return write_file(&m->arena, full_path(&m->arena, m, STR(STATE_NAME)), -1, buffer_str(&out), 0, 0,
			  err);
}

/* ---- indexes ---- */

static bool is_plain_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '"' || name.p[i] == '<' || name.p[i] == '&' || name.p[i] == '%')
			return false;
	return is_safe_part(name) && !str_eq(name, STR(INDEX_NAME));
}

static bool read_names(struct mirror_folder *m, struct str folder, str_list *names)
{
	DIR *dir = opendir(folder.p);
	struct dirent *e;

	if (!dir)
		return false;
	while ((e = readdir(dir))) {
		struct stat st;

		if (!is_plain_name(str_of(e->d_name)) || fstatat(dirfd(dir), e->d_name, &st, 0) < 0)
			continue;
		VEC_PUSH(&m->arena, names,
			 str_format(&m->arena, "%s%s", e->d_name, S_ISDIR(st.st_mode) ? "/" : ""));
	}
	closedir(dir);
	if (names->n)
		qsort(names->p, names->n, sizeof(names->p[0]), compare_texts);
	return true;
}

static bool has_text(struct arena *a, struct str path, struct str text)
{
	autoclose int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	struct err ignored = { 0 };
	struct fd_reader in;
	struct str found;

	if (fd < 0)
		return false;
	fd_reader_open(&in, fd, 0, text.n + 1);
	return reader_all(&in.reader, a, text.n + 1, &found, &ignored) == 0 && str_eq(found, text);
}

static int write_index(struct mirror_folder *m, struct str folder, struct err *err)
{
	struct str path = full_path(&m->arena, m, str_format(&m->arena, STR_FMT INDEX_NAME, STR_ARG(folder)));
	struct buffer page = { .arena = &m->arena };
	str_list names = { 0 };

	if (!read_names(m, full_path(&m->arena, m, folder), &names))
		return 0;
	put_bytes(&page, STR("<!DOCTYPE html>\n<title>Index</title>\n"));
	VEC_EACH (struct str, name, &names)
		put_bytes(&page, str_format(&m->arena, "<a href=\"" STR_FMT "\">" STR_FMT "</a><br>\n",
					    STR_ARG(*name), STR_ARG(*name)));
	if (has_text(&m->arena, path, buffer_str(&page)))
		return 0;
	return write_file(&m->arena, path, -1, buffer_str(&page), 0, 0, err);
}

/* ---- the interface ---- */

int mirror_folder_open(struct mirror_folder *m, struct str dir, struct err *err)
{
	*m = (struct mirror_folder){ 0 };
	m->files.arena = &m->arena;
	m->dir = str_format(&m->arena, STR_FMT "%s", STR_ARG(dir), str_ends(dir, STR("/")) ? "" : "/");
	pthread_mutex_init(&m->lock, NULL);
	TRY(make_parents(&m->arena, m->dir, err));
	return load(m, err);
}

void mirror_folder_close(struct mirror_folder *m)
{
	pthread_mutex_destroy(&m->lock);
	arena_reset(&m->arena);
}

bool mirror_folder_find(struct mirror_folder *m, struct str path, struct mirror_file *out)
{
	const struct mirror_file *known;
	struct stat st;

	*out = (struct mirror_file){ 0 };
	pthread_mutex_lock(&m->lock);
	known = map_get(&m->files, path);
	if (known && known->path.n && stat(full_path(&m->arena, m, path).p, &st) == 0 &&
	    (uint64_t)st.st_size == known->size_bytes)
		*out = *known;
	pthread_mutex_unlock(&m->lock);
	return out->path.n > 0;
}

int mirror_folder_read(struct mirror_folder *m, struct str path, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct str full = full_path(&scratch, m, path);
	int fd = open(full.p, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_set(err, E_IO, STR_FMT ": %m", STR_ARG(full)) : fd;
}

void mirror_folder_seen(struct mirror_folder *m, struct str path)
{
	struct mirror_file *known;

	pthread_mutex_lock(&m->lock);
	known = map_get(&m->files, path);
	if (known)
		known->is_seen = true;
	pthread_mutex_unlock(&m->lock);
}

int mirror_folder_put(struct mirror_folder *m, const struct mirror_file *file, int fd, int64_t modified,
		      struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct str none = { NULL, 0 };

	TRY(check_path(file->path, err));
	TRY(write_file(&scratch, full_path(&scratch, m, file->path), fd, none, file->size_bytes, modified,
		       err));
	pthread_mutex_lock(&m->lock);
	remember(m, file);
	pthread_mutex_unlock(&m->lock);
	return 0;
}

int mirror_folder_put_text(struct mirror_folder *m, struct str set, struct str path, struct str text,
			   struct err *err)
{
	const struct mirror_file file = { .set = set, .path = path, .size_bytes = text.n, .is_seen = true };
	autoarena struct arena scratch = { 0 };
	struct str full = full_path(&scratch, m, path);

	TRY(check_path(path, err));
	if (!has_text(&scratch, full, text))
		TRY(write_file(&scratch, full, -1, text, 0, 0, err));
	pthread_mutex_lock(&m->lock);
	remember(m, &file);
	pthread_mutex_unlock(&m->lock);
	return 0;
}

void mirror_folder_list(struct mirror_folder *m, struct str path)
{
	struct err ignored = { 0 };

	if (path.n == 0 || check_path((struct str){ path.p, path.n - 1 }, &ignored) < 0)
		return;
	pthread_mutex_lock(&m->lock);
	VEC_PUSH(&m->arena, &m->listed, str_copy(&m->arena, path));
	pthread_mutex_unlock(&m->lock);
}

int mirror_folder_remove(struct mirror_folder *m, struct str path, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct str full = full_path(&scratch, m, path);
	struct mirror_file *known;

	if (unlink(full.p) < 0 && errno != ENOENT)
		return err_set(err, E_IO, STR_FMT ": %m", STR_ARG(full));
	pthread_mutex_lock(&m->lock);
	known = map_get(&m->files, path);
	if (known)
		known->path = (struct str){ NULL, 0 };
	pthread_mutex_unlock(&m->lock);
	return 0;
}

int mirror_folder_prune(struct mirror_folder *m, struct str set, uint64_t *count, struct err *err)
{
	struct str path;
	void *value;
	size_t at = 0;

	while (map_next(&m->files, &at, &path, &value)) {
		const struct mirror_file *f = value;

		if (!f->path.n || f->is_seen || !str_eq(f->set, set))
			continue;
		TRY(mirror_folder_remove(m, path, err));
		++*count;
	}
	return 0;
}

int mirror_folder_save(struct mirror_folder *m, struct err *err)
{
	VEC_EACH (struct str, folder, &m->listed)
		TRY(write_index(m, *folder, err));
	return save_state(m, err);
}
