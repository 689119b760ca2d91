/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_PLACE_H
#define STORE_DATA_PLACE_H

#include "store/data_file.h"
#include "store/data_sqlite.h"

#include "base/task.h"

/* What import and deltas share about the store that is there; internal to store/. */

/* E_CONFLICT: some updater holds a lease and may be running. */
int data_check_leases(sqlite3 *db, struct err *err);
/* The highest number that an operation of the store was ever given. */
int data_generation(sqlite3 *db, int64_t *out, struct err *err);
/* Go on behind that number, so that nothing that remembers a generation takes this content for an older one.
 */
int data_generation_raise(sqlite3 *db, int64_t above, struct err *err);

/* Write what DIR/advisories.db says, compact, into a new file at `path` or an empty one. */
int data_copy_database(struct str dir, const char *path, struct err *err);
/* Write the database of a file whose head was read into a new file at `path`. */
int data_inflate(struct task *task, const struct data_head *h, int from, const char *path, struct err *err);

/* Put the checked database at `path` in the place of DIR/advisories.db. The file at path may go. */
int data_place(struct task *task, struct str dir, const char *path, struct err *err);

#endif
