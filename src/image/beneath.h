/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_BENEATH_H
#define IMAGE_BENEATH_H

/* Open `path` (relative, NUL-terminated, no "..") below the directory `root`, passing through no symbolic
 * link at all. flags: 0 or O_DIRECTORY, for reading (never blocks on a FIFO); O_PATH, which may be a link
 * itself. Returns a descriptor or -1 with errno; ELOOP or ENOTDIR where a link was in the way. Path "." is
 * root itself. */
int beneath_open(int root, const char *path, int flags);

/* The same, one component after the other: what beneath_open does on kernels before 5.6. */
int beneath_open_stepwise(int root, const char *path, int flags);

#endif
