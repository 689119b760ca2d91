/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_OPERATION_H
#define STORE_OPERATION_H

#include "store/db.h"
#include "store/operations.h"

/* Inside of the store of advisories: what commits and deletions share. All of it needs a transaction. */

/* The newest id of a kind, deleted operations included. */
int generation_read(struct db *db, enum operation_kind kind, int64_t *out, struct err *err);
/* A new id, above all of both kinds that ever were. */
int generation_raise(struct db *db, enum operation_kind kind, int64_t *out, struct err *err);

struct new_operation {
	int64_t id, updater_id;
	enum operation_kind kind;
	struct str fingerprint;
	int64_t date;
	uint64_t added, ended;
};
/* With a new random ref. */
int operation_add(struct db *db, const struct new_operation *o, struct err *err);

#endif
