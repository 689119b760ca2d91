/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "base/arena.h"
#include "store/db.h"

/* Inside of the store of indexes: the job of a manifest, for whoever asks what state it is in. */
struct job_row {
	struct str state, request; /* in the arena */
	int64_t began_at;
	bool is_own; /* this process holds it */
	bool is_running; /* it has not expired, and its holder may still run */
};
/* 1, or 0 when there is none. Needs a transaction. */
int job_read_(struct db *db, struct arena *a, struct str manifest_hash, struct job_row *out, struct err *err);
int job_forget_(struct db *db, struct str manifest_hash, struct err *err);

/* A new revision of a manifest, above all that ever were. Needs a transaction. */
int manifest_revision_(struct db *db, int64_t *out, struct err *err);

#endif
