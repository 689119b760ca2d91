/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_IMAGE_FIXTURE_H
#define TESTS_UNIT_IMAGE_FIXTURE_H

/* A temporary directory in which tests build image layouts, archives and trees. */
#include "unit.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/tar_write.h"
#include "format/tar.h"
#include "image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	struct task task;
	struct arena arena; /* of the fixture's own texts */
	char dir[256];
	struct image image;
	struct err err;
};

/* Not nftw(3): trees of tests are deeper than a path may be long. */
static inline void remove_tree(const char *dir)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", "--", dir, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	if (!f)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "%s/image.XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	image_close(&f->image);
	remove_tree(f->dir);
	task_close(&f->task);
	arena_reset(&f->arena);
	free(f);
	return 0;
}

#define image_test(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

static inline const char *in_dir(struct fixture *f, const char *name)
{
	return str_format(&f->arena, "%s/%s", f->dir, name).p;
}

/* Write a file below the directory, with its parents. */
static inline void put_file(struct fixture *f, const char *name, struct str content)
{
	char *path = (char *)(uintptr_t)in_dir(f, name);
	FILE *out;

	for (char *p = path + strlen(f->dir) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
	out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(content.p ? content.p : "", 1, content.n, out), content.n);
	assert_int_equal(fclose(out), 0);
}

static inline struct str digest_text_of(struct fixture *f, struct str bytes)
{
	char text[72];

	return str_copy(&f->arena, str_of(digest_of(bytes, text)));
}

/* A blob of the layout at `layout`; returns its digest. */
static inline struct str put_blob(struct fixture *f, const char *layout, struct str content)
{
	struct str digest = digest_text_of(f, content);

	put_file(f, str_format(&f->arena, "%s/blobs/sha256/%s", layout, digest.p + 7).p, content);
	return digest;
}

/* A tar archive being made. */
static inline void tar_put(struct buffer *tar, const char *path, char type, const char *target,
			   struct str content)
{
	struct tar_member m = {
		.path = str_of(path), .link_target = str_of(target), .type = type, .mode = 0644
	};

	m.size = type == '0' ? content.n : 0;
	tar_write_header(tar, &m);
	if (type != '0')
		return;
	put_bytes(tar, content);
	tar_write_padding(tar, content.n);
}

/* A small layer that differs by its content. */
static inline struct str make_layer(struct fixture *f, const char *content)
{
	struct buffer tar = { .arena = &f->arena };

	tar_put(&tar, "etc/content", '0', NULL, str_of(content));
	tar_write_trailer(&tar);
	return buffer_str(&tar);
}

/* What the product does in a worker. */
static inline int list_here(const struct archive_lister *self, struct task *task, int fd, uint64_t size,
			    archive_members *out, struct err *err)
{
	struct fd_reader file;
	struct tar_entry e;
	struct tar *tar;
	int code;

	(void)self;
	fd_reader_open(&file, fd, 0, size);
	tar = tar_open(task, &file.reader, LIMIT_ARCHIVE_MEMBERS);
	while ((code = tar_next(tar, &e, err)) > 0) {
		struct archive_member m = { .path = str_copy(&task->arena, e.path),
					    .target = str_copy(&task->arena, e.target),
					    .is_file = e.type == TAR_FILE,
					    .is_hard_link = e.type == TAR_HARD_LINK,
					    .is_symlink = e.type == TAR_SYMLINK,
					    .offset = e.data_offset,
					    .size = e.size };

		VEC_PUSH(&task->arena, out, m);
	}
	return code;
}

static const struct archive_lister test_lister = { list_here };

/* image_open("KIND" + directory + "/NAME"). */
static inline int open_as(struct fixture *f, const char *kind, const char *name, const char *platform)
{
	struct image_options options = { .platform = str_of(platform), .lister = &test_lister };
	struct str target = str_format(&f->arena, "%s%s/%s", kind, f->dir, name);

	image_close(&f->image);
	f->image = (struct image){ 0 };
	f->err = (struct err){ 0 };
	return image_open(&f->task, target, &options, &f->image, &f->err);
}

/* Read a layer to its end. */
static inline int read_layer(struct fixture *f, size_t i, struct str *out)
{
	struct reader *r;
	int code = f->image.layers.p[i].open(&f->image.layers.p[i], &r, &f->err);

	if (code < 0)
		return code;
	code = reader_all(r, &f->arena, 1 << 28, out, &f->err);
	reader_close(r);
	return code;
}

static inline void assert_layer(struct fixture *f, size_t i, struct str content)
{
	struct str bytes;

	assert_true(i < f->image.layers.n);
	assert_int_equal(read_layer(f, i, &bytes), 0);
	assert_true(str_eq(bytes, content));
}

/* The error's text holds `part`. */
static inline void assert_says(const struct fixture *f, const char *part)
{
	if (!strstr(f->err.text, part))
		fail_msg("\"%s\" does not say \"%s\"", f->err.text, part);
}

#endif
