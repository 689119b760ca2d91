/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include "base/err.h"
#include "base/str.h"

#include <sys/stat.h>

/* A walk over a directory tree: parents before children, the names of a directory in byte order. No link is
 * followed; directories of proc and sysfs file systems, and /proc, /sys, /dev when the root is "/", are
 * delivered but not entered. Memory: the names of the directories on the way. */
struct tree;

struct tree_entry {
	struct str path; /* from the root, "a/b", NUL-terminated; valid until the next call */
	mode_t mode;
	uint64_t size; /* of regular files */
	int64_t mtime_s;
	uint32_t mtime_ns;
	bool is_readable; /* regular files: by us */
};

/* root stays the caller's. Returns 0, E_IO when the root itself cannot be read. */
int tree_open(int root, struct tree **out, struct err *err);
/* Returns 1, 0 at the end, E_LIMIT (LIMIT_LAYER_ENTRIES) or E_IO (no descriptors left). */
int tree_next(struct tree *t, struct tree_entry *out, struct err *err);
/* Directories so far that could not be read, or whose path is longer than the system takes. */
uint64_t tree_unreadable(const struct tree *t);
void tree_close(struct tree *t);
void tree_closep(struct tree **t);
#define autotree __attribute__((cleanup(tree_closep)))

#endif
