/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_TAR_H
#define FORMAT_TAR_H

#include "base/io.h"
#include "base/task.h"

enum tar_type { TAR_FILE, TAR_HARD_LINK, TAR_SYMLINK, TAR_DIRECTORY, TAR_DEVICE, TAR_FIFO };

/* One member. path and target are normalised (format/tar_path.h): no leading slash, `.` and `..` resolved
 * lexically and never above the root, the root itself is ".", invalid UTF-8 escaped, no NUL inside and one
 * after it. target: symlinks relative to the root (resolved against the link's directory), hard links
 * root-relative. Both are valid until the next tar_next. */
struct tar_entry {
	struct str path, target;
	enum tar_type type;
	uint64_t size; /* of the content, for TAR_FILE; sparse files: the real size; at most INT64_MAX */
	uint32_t mode;
	uint32_t dev_major, dev_minor;
	bool is_opaque; /* xattr trusted.overlay.opaque=y */
	bool is_whiteout; /* a character device 0/0: overlayfs's mark of a deleted name */
	uint64_t data_offset; /* where the stored content begins in the stream; only meaningful when
				 !is_sparse */
	bool is_sparse;
};

struct tar;

/* Read a tar stream. source is borrowed and must outlive the reader; memory is the task's, and does not
 * grow with the number of members: buffers that are used again, so no arena_mark of the task may be
 * released that was taken before the last tar_next. max_entries bounds the members delivered. Never fails. */
struct tar *tar_open(struct task *task, struct reader *source, uint64_t max_entries);

/* The next member. Content not read is passed over, by the source's skip where it has one. The stream is
 * not read beyond its end mark, but for what is buffered.
 * Returns 1; 0 at the end (first zero block, or end of file on a block boundary; an empty stream is an
 * empty archive); E_FORMAT (err gives the offset), E_LIMIT, what task_check says, or the source's error.
 * An error stays: later calls return it again.
 * Source: POSIX.1-2017 pax, GNU tar manual "Basic Tar Format"; docs/formats/tar.md. */
int tar_next(struct tar *t, struct tar_entry *out, struct err *err);

/* The content of the current TAR_FILE member: a reader that is valid until the next tar_next. Holes of
 * sparse files read as zeros. */
struct reader *tar_content(struct tar *t);

#endif
