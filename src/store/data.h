/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_H
#define STORE_DATA_H

#include "store/advisories.h"
#include "store/data_file.h"

/* Prebuilt databases: the store of advisories (SQLite's) as a file to hand on. */

/* A database that was taken out of a store: compact, consistent, without what is only this machine's (leases,
 * failed attempts, stamps of local files). It is a file of its own that is removed by data_copy_close. */
struct data_copy {
	char *path; /* NULL: none */
	struct data_manifest manifest; /* but for inflated and payload; task's arena */
};
/* beside: a path; the copy's file lies beside it. E_NOTFOUND: no data. */
int data_copy_open(struct task *task, struct str dir, const char *beside, struct data_copy *out,
		   struct err *err);
void data_copy_close(struct data_copy *c);
#define autocopy __attribute__((cleanup(data_copy_close)))

/* Write the file of a copy into fd, which is empty. sign_key: private, PEM; empty: no signature. */
struct data_packed;
int data_copy_pack(struct task *task, const struct data_copy *c, struct str sign_key, int fd,
		   struct data_packed *out, struct err *err);

/* Put the database of a file in force in DIR/advisories.db, or its changes (data_delta_apply). Nothing is
 * parsed: sizes, digests, the signature, the schema and the structure of the database are checked, then it
 * takes the place of what is there, in one transaction: who reads goes on with what it read. While an updater
 * runs it is E_CONFLICT. On any error what was there stays. E_FORMAT, E_LIMIT, E_AUTH (signature), E_CONFIG
 * (newer schema), E_IO. */
int data_import(struct task *task, struct str dir, int fd, const struct data_trust *trust,
		struct data_manifest *out, struct err *err);

/* One program at a time imports into a directory, which is made; others wait, 600 s, then E_CONFLICT. *fd is
 * held meanwhile; data_import wants it held. */
int data_lock(struct task *task, struct str dir, int *fd, struct err *err);

#endif
