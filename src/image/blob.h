/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_BLOB_H
#define IMAGE_BLOB_H

#include "image/image.h"

/* The bytes of one document or layer: a piece of an open file. */
struct blob {
	int fd;
	bool is_owned; /* blob_close closes fd; otherwise it is the store's */
	uint64_t offset, size;
};
void blob_close(struct blob *b);
#define autoblob __attribute__((cleanup(blob_close)))

/* Where the files of an image are. open may be called by several threads; it returns 0, E_NOTFOUND (text
 * names the file), E_FORMAT, E_IO. A store in the task's arena; whoever made it closes fd. */
struct blob_store {
	int fd; /* the directory, or the archive */
	int (*open)(const struct blob_store *self, struct str name, struct blob *out, struct err *err);
};

/* A directory. Links are followed, also out of it, as tools make layouts of links: content is checked against
 * digests, and only regular files are opened. */
void blob_store_open_directory(struct blob_store *s, int fd);

/* "blobs/sha256/<hex>" of an image layout. digest must have the form of model/digest.h. */
struct str blob_name(struct arena *a, struct str digest);

/* A JSON document, at most LIMIT_MANIFEST_BYTES. digest and size are checked; digest empty, size UINT64_MAX:
 * unknown. Bytes are in the task's arena. */
int blob_read(const struct blob_store *s, struct task *task, struct str name, struct str digest,
	      uint64_t size, struct str *out, struct err *err);

/* What a blob says of itself at its beginning, without reading the rest. */
struct blob_facts {
	bool is_compressed;
	uint64_t size;
};
int blob_examine(const struct blob_store *s, struct task *task, struct str name, struct blob_facts *out,
		 struct err *err);
/* The sha256 of all bytes, "sha256:...", in the task's arena. */
int blob_hash(const struct blob_store *s, struct task *task, struct str name, struct str *out,
	      struct err *err);

/* Make layer->open read the file `name` and check layer->digest and size_bytes. name and the store must live
 * as long as the layer. */
void blob_layer(struct image_layer *layer, struct arena *a, const struct blob_store *s, struct str name);

#endif
