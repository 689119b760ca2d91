/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_DELTA_H
#define STORE_DATA_DELTA_H

#include "store/data.h"
#include "store/data_pack.h"

/* The changes that lead from one prebuilt database to a later one: rows that went and rows that came, table
 * by table in the order of their keys. */

/* Write the changes from the file of an earlier export (fd, its head read into `from`) to the copy into
 * `to`, an empty file. */
int data_delta_pack(struct task *task, int fd, const struct data_head *from, const struct data_copy *c,
		    struct str sign_key, int to, struct data_packed *out, struct err *err);

/* Put the changes of a file in force in DIR/advisories.db, as data_import does with a whole database: what is
 * there must be what the file begins with, and becomes what it ends with, by digests. Else E_CONFLICT, and
 * what was there stays. */
int data_delta_apply(struct task *task, struct str dir, int fd, const struct data_trust *trust,
		     struct data_manifest *out, struct err *err);

/* Digest of what DIR/advisories.db says, as manifests have it (content). E_NOTFOUND: there is none. */
int data_local_content(struct task *task, struct str dir, struct str *out, struct err *err);

#endif
