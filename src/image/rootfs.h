/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_ROOTFS_H
#define IMAGE_ROOTFS_H

#include "image/image.h"

/* Make the directory tree at root (a descriptor that lives as long as the image) the only layer of out. Walks
 * it once: the layer's digest is the sha256 over path, type, mode, size, modification time and link target of
 * every entry, so a tree that did not change is recognised. Sets out->layers, manifest_hash, unreadable.
 *
 * layer.open delivers a tar stream of directories, symbolic links and regular files in the order of the walk;
 * of a file with an execute bit the first 512 bytes at most, of others nothing. layer.open_names delivers
 * directories, links, and the named files in full; names are normalised paths (format/tar.h). What cannot be
 * read is left out. A file that shrinks while it is read is filled up with zeros, and the stream ends with
 * E_IO. */
int rootfs_open(struct task *task, int root, struct image *out, struct err *err);

#endif
