/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_SQLITE_PAGES_H
#define FORMAT_SQLITE_PAGES_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* The pages of a SQLite database in memory as the last committed transaction left them: those of the
 * write-ahead log hide those of the file. */
struct sqlite_pages {
	struct str file, wal;
	size_t page_size, usable; /* usable: without the bytes reserved at the end of a page */
	uint32_t count, file_count; /* pages of the database; pages that the file has */
	const uint32_t *wal_frame; /* page number - 1 to frame, from 1; 0: not in the log. NULL: no log */
};

/* file and wal (may be empty) are borrowed; the index of the log is the arena's.
 * Returns 0, E_FORMAT (not a SQLite database), E_UNSUPPORTED (UTF-16 text, unknown file version), E_LIMIT. */
int sqlite_pages_open(struct arena *a, struct str file, struct str wal, struct sqlite_pages *out,
		      struct err *err);

/* The bytes of a page (numbered from 1), all page_size of them; empty when there is none of that number. */
struct str sqlite_pages_get(const struct sqlite_pages *p, uint32_t page);

#endif
