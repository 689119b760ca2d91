/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include "base/cursor.h"
#include "base/err.h"

/* Records waiting to be written: in memory up to a bound, beyond that in an unlinked file. Zero-initialised
 * with .fd = -1 is empty. */
struct spool {
	struct arena arena;
	struct buffer memory; /* all, or what is not in the file yet */
	struct buffer window; /* what was last read of the file */
	int fd; /* -1: all is in memory */
	uint64_t written; /* bytes in the file */
	uint64_t window_offset; /* where the window begins */
};
/* The record's place in *offset. */
int spool_add(struct spool *s, struct str record, uint64_t *offset, struct err *err);
/* Bytes added so far; the offset after the last record. */
uint64_t spool_end(const struct spool *s);
/* The record at *offset, which moves to the next one; borrowed until the next call. Nothing may be added any
 * more. */
int spool_read(struct spool *s, uint64_t *offset, struct str *record, struct err *err);
void spool_close(struct spool *s);

#endif
