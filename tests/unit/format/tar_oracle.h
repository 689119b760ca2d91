/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FORMAT_TAR_ORACLE_H
#define UNIT_FORMAT_TAR_ORACLE_H

/* The regular files of an archive as libarchive sees them, in the form in which our reader lists them.
 * Needs <archive.h>. */

#include "format/tar.h"
#include "format/tar_path.h"

#include <archive.h>
#include <archive_entry.h>

#define ORACLE_CONTENT_MAX 100000u

/* A line for a regular file: path, size, content when it is small. */
static inline void oracle_put(struct buffer *out, struct str path, uint64_t size, struct str content)
{
	put_bytes(out, path);
	put_bytes(out, str_format(out->arena, " %llu ", (unsigned long long)size));
	put_bytes(out, content);
	put_u8(out, '\n');
}

/* Ours. Returns 0 or an error; out then has what came before. */
static inline int oracle_ours(struct task *task, struct reader *source, struct buffer *out, struct err *err)
{
	struct tar *t = tar_open(task, source, 1000000);
	struct tar_entry e;
	int got;

	while ((got = tar_next(t, &e, err)) > 0) {
		struct str content = { NULL, 0 };

		if (e.type != TAR_FILE)
			continue;
		if (e.size <= ORACLE_CONTENT_MAX)
			TRY(reader_all(tar_content(t), out->arena, ORACLE_CONTENT_MAX, &content, err));
		oracle_put(out, e.path, e.size, content);
	}
	return got;
}

static inline int oracle_content(struct archive *a, struct arena *arena, size_t size, struct str *out)
{
	char *bytes = arena_alloc(arena, size + 1);
	size_t n = 0;

	while (n < size) {
		la_ssize_t got = archive_read_data(a, bytes + n, size - n);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	*out = (struct str){ bytes, n };
	return n == size ? 0 : -1;
}

static inline int oracle_entry(struct archive *a, struct archive_entry *e, struct buffer *out)
{
	autoarena struct arena scratch = { 0 };
	struct buffer b = { .arena = &scratch };
	const char *name = archive_entry_pathname(e);
	uint64_t size = (uint64_t)archive_entry_size(e);
	struct str path, content = { NULL, 0 };
	struct err err;

	if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e))
		return 0;
	if (!name || tar_path_normal(&b, STR("."), str_of(name), &path, &err) < 0)
		return -1;
	if (size <= ORACLE_CONTENT_MAX)
		TRY(oracle_content(a, out->arena, (size_t)size, &content));
	oracle_put(out, path, size, content);
	return 0;
}

static inline void oracle_free(struct archive **a)
{
	archive_read_free(*a);
}

/* libarchive's. Returns 0, or -1 when it complains about anything. */
static inline int oracle_theirs(struct str bytes, struct buffer *out)
{
	__attribute__((cleanup(oracle_free))) struct archive *a = archive_read_new();
	struct archive_entry *e;
	int got;

	archive_read_support_format_tar(a);
	archive_read_support_format_empty(a);
	archive_read_set_options(a, "hdrcharset=BINARY,!mac-ext");
	if (archive_read_open_memory(a, bytes.p, bytes.n) != ARCHIVE_OK)
		return -1;
	while ((got = archive_read_next_header(a, &e)) == ARCHIVE_OK)
		TRY(oracle_entry(a, e, out));
	return got == ARCHIVE_EOF ? 0 : -1;
}

#endif
