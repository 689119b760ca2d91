/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a directory tree that may be hostile and may change meanwhile.
 * Source: openat2(2), fstatat(2), proc(5), sysfs(5).
 * Easy to get wrong: each directory is opened by its whole path, not from its parent's descriptor, so that
 * depth costs no descriptors; its entries are looked at once, from the descriptor, so that nothing can slip a
 * link in between. What vanishes on the way is passed over. */
#include "image/tree.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/vec.h"
#include "image/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

struct name {
	const char *text;
	struct tree_entry entry; /* without the path */
	bool is_closed; /* a directory not to be entered */
};

/* A directory on the way. */
struct level {
	struct arena_mark mark; /* of the names below */
	VEC(struct name) names;
	size_t next, path_n; /* path_n: of the directory, with the slash behind it */
};

struct tree {
	int root;
	bool is_system_root;
	struct arena stack, names;
	VEC(struct level) levels;
	uint64_t entries, unreadable;
	bool enter; /* the entry just delivered is a directory to be entered next */
	size_t path_n;
	char path[PATH_MAX];
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static bool is_kernel_mount(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC);
}

static bool is_kernel_directory(const char *name)
{
	return strcmp(name, "proc") == 0 || strcmp(name, "sys") == 0 || strcmp(name, "dev") == 0;
}

/* Look at one name of the directory fd. Names that vanished are dropped. */
static int add_name(struct tree *t, struct level *l, int fd, const char *text, struct err *err)
{
	struct stat st;
	struct name *n;

	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return 0;
	if (fstatat(fd, text, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return 0;
	if (++t->entries > LIMIT_LAYER_ENTRIES)
		return err_set(err, E_LIMIT, "more than %u entries", LIMIT_LAYER_ENTRIES);
	n = VEC_ADD(&t->names, &l->names);
	*n = (struct name){ .text = str_copy(&t->names, str_of(text)).p };
	n->entry = (struct tree_entry){ .mode = st.st_mode,
					.size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0,
					.mtime_s = st.st_mtim.tv_sec,
					.mtime_ns = (uint32_t)st.st_mtim.tv_nsec };
	if (S_ISREG(st.st_mode))
		n->entry.is_readable = faccessat(fd, text, R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
	n->is_closed = t->is_system_root && l->path_n == 0 && is_kernel_directory(text);
	return 0;
}

static int read_names(struct tree *t, struct level *l, DIR *directory, struct err *err)
{
	const struct dirent *d;

	errno = 0;
	while ((d = readdir(directory)) != NULL) {
		TRY(add_name(t, l, dirfd(directory), d->d_name, err));
		errno = 0;
	}
	if (errno)
		t->unreadable++;
	if (l->names.n)
		qsort(l->names.p, l->names.n, sizeof(l->names.p[0]), by_text);
	return 0;
}

/* Open the directory at t->path. Returns 1, 0 (cannot be read: counted), or an error. */
static int open_directory(struct tree *t, bool is_root, DIR **out, struct err *err)
{
	autoclose int fd = is_root ? openat(t->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				   : beneath_open(t->root, t->path, O_DIRECTORY);

	if (fd >= 0 && !is_root && is_kernel_mount(fd))
		return 0;
	*out = fd < 0 ? NULL : fdopendir(fd);
	if (*out) {
		take_fd(&fd);
		return 1;
	}
	if (is_root || errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		return err_set(err, E_IO, "%s: %m", is_root ? "root directory" : t->path);
	t->unreadable++;
	return 0;
}

static int enter(struct tree *t, bool is_root, struct err *err)
{
	struct level l = { .mark = arena_mark(&t->names) };
	DIR *directory;
	int code = open_directory(t, is_root, &directory, err);

	if (code <= 0)
		return code;
	if (!is_root)
		t->path[t->path_n++] = '/';
	l.path_n = t->path_n;
	code = read_names(t, &l, directory, err);
	closedir(directory);
	TRY(code);
	VEC_PUSH(&t->stack, &t->levels, l);
	return 0;
}

int tree_open(int root, struct tree **out, struct err *err)
{
	struct stat st, system;
	autotree struct tree *t = calloc(1, sizeof(*t));

	if (!t)
		return err_set(err, E_IO, "out of memory");
	t->root = root;
	t->is_system_root = fstat(root, &st) == 0 && stat("/", &system) == 0 && st.st_dev == system.st_dev &&
			    st.st_ino == system.st_ino;
	TRY(enter(t, true, err));
	*out = t;
	t = NULL;
	return 0;
}

/* Put the name behind the directory's path. False when there is no room. */
static bool set_path(struct tree *t, const struct level *l, const struct name *n)
{
	size_t size = strlen(n->text);

	if (size + 2 > sizeof(t->path) - l->path_n) /* a slash and a NUL may follow */
		return false;
	memcpy(t->path + l->path_n, n->text, size + 1);
	t->path_n = l->path_n + size;
	return true;
}

/* The next name of the innermost directory that has one, or NULL. */
static const struct name *next_name(struct tree *t)
{
	while (t->levels.n) {
		struct level *l = &t->levels.p[t->levels.n - 1];

		while (l->next < l->names.n) {
			const struct name *n = &l->names.p[l->next++];

			if (set_path(t, l, n))
				return n;
			t->unreadable++;
		}
		arena_release(&t->names, l->mark);
		t->levels.n--;
	}
	return NULL;
}

int tree_next(struct tree *t, struct tree_entry *out, struct err *err)
{
	const struct name *n;

	if (t->enter) {
		t->enter = false;
		TRY(enter(t, false, err));
	}
	n = next_name(t);
	if (!n)
		return 0;
	*out = n->entry;
	out->path = (struct str){ t->path, t->path_n };
	t->enter = S_ISDIR(n->entry.mode) && !n->is_closed;
	return 1;
}

uint64_t tree_unreadable(const struct tree *t)
{
	return t->unreadable;
}

void tree_close(struct tree *t)
{
	if (!t)
		return;
	arena_reset(&t->stack);
	arena_reset(&t->names);
	free(t);
}

void tree_closep(struct tree **t)
{
	tree_close(*t);
}
