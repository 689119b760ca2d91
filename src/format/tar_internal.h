/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_TAR_INTERNAL_H
#define FORMAT_TAR_INTERNAL_H

/* What the parts of the tar reader share; nobody else includes it. */
#include "base/vec.h"
#include "format/tar.h"

#define TAR_BLOCK_BYTES 512u

/* --- tar_header.c --- */

/* One header block. Strings borrow from the block. */
struct tar_header {
	struct str name, prefix, link; /* prefix is empty but in POSIX headers */
	uint64_t size;
	uint32_t mode, dev_major, dev_minor;
	char flag;
};

bool tar_block_is_zero(const unsigned char *block);
/* Decode a block whose checksum is right. Returns 0 or E_FORMAT. */
int tar_header_decode(const unsigned char *block, struct tar_header *out, struct err *err);
/* A numeric field, octal or base-256. False when it is damaged, negative or above INT64_MAX. */
bool tar_number(const unsigned char *field, size_t n, uint64_t *out);
/* A text field: up to its first NUL. */
struct str tar_text(const unsigned char *field, size_t n);

/* --- tar_sparse.c --- */

struct tar_chunk {
	uint64_t offset, size;
};

/* Where the stored bytes of a sparse file go. The memory is used again for every member. */
struct tar_sparse {
	struct arena *arena;
	VEC(struct tar_chunk) chunks;
	uint64_t real_size;
	uint64_t pending_offset; /* of a pax 0.0 pair whose size is to come */
};

void tar_sparse_reset(struct tar_sparse *s);
int tar_sparse_add(struct tar_sparse *s, uint64_t offset, uint64_t size, struct err *err);
/* The descriptors of an old GNU header (type S) and of the extension blocks after it. */
int tar_sparse_old(struct tar *t, struct tar_sparse *s, const unsigned char *block, struct err *err);
/* The value of the pax record GNU.sparse.map (0.1). */
int tar_sparse_list(struct tar_sparse *s, struct str list, struct err *err);
/* The map at the beginning of the stored content (1.0). */
int tar_sparse_front(struct tar *t, struct tar_sparse *s, struct err *err);
/* Chunks in order, inside the file, and all stored. Returns 0 or E_FORMAT. */
int tar_sparse_check(const struct tar_sparse *s, uint64_t stored, struct err *err);

/* --- tar_pax.c --- */

enum tar_sparse_version { TAR_SPARSE_NONE, TAR_SPARSE_0, TAR_SPARSE_1 };

/* The pax records that matter here. Strings borrow. */
struct tar_pax {
	struct str path, link, sparse_name; /* empty: none */
	struct str sparse_major, sparse_minor;
	uint64_t size, real_size;
	bool has_size, has_real_size, is_opaque;
};

/* Read the records of one extended header over what pax holds already. An empty value takes a setting
 * back. s: gets sparse chunks; NULL for a global header, whose sparse records mean nothing. */
int tar_pax_read(struct str records, struct tar_pax *pax, struct tar_sparse *s, struct err *err);
/* chunks: how many the records brought. */
enum tar_sparse_version tar_pax_sparse(const struct tar_pax *pax, size_t chunks);

/* --- tar.c --- */

/* The next n bytes of the stored content of the member. Returns 0, or E_FORMAT when there are less. */
int tar_stored(struct tar *t, void *buf, size_t n, struct err *err);
/* The next block of the stream; valid until the next call. Returns 1, 0 at the end, or an error. */
int tar_block(struct tar *t, const unsigned char **out, struct err *err);

#endif
