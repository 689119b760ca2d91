/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_CONTENT_STORE_H
#define SCAN_CONTENT_STORE_H

#include "base/io.h"

struct task;

/* Contents of kept files: small ones in the task's memory, the others in one unlinked file that is mapped
 * when all are there. */
struct content_store {
	struct task *task;
	int fd; /* of the spool; -1: none yet */
	bool owns_fd;
	uint64_t memory_bytes, spool_bytes;
	unsigned char *piece; /* for copying into the spool */
	void *map;
};

/* Where a content is. */
struct content_place {
	const char *memory; /* NULL: in the spool */
	uint64_t offset, size;
};

/* spool_fd: an empty or used up file that stays the caller's, or <= 0: one is made when needed. */
void content_store_open(struct content_store *s, struct task *task, int spool_fd);
/* Take over head and the rest of size bytes. Returns 0, E_LIMIT (one file, or the spool), or the reader's
 * error. */
int content_store_add(struct content_store *s, struct str head, struct reader *rest, uint64_t size,
		      struct content_place *out, struct err *err);
/* No more is added: map the spool, read-only. */
int content_store_map(struct content_store *s, struct err *err);
/* The bytes; after content_store_map. */
struct str content_store_get(const struct content_store *s, const struct content_place *place);
void content_store_close(struct content_store *s);

#endif
