/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_UPDATE_COMMIT_H
#define STORE_UPDATE_COMMIT_H

#include "store/update.h"

/* Inside of update_commit, shared by update_commit.c (the operation), update_rows.c, update_keys.c and
 * update_texts.c. */

enum { KEY_BITS = 26 }; /* of the id of an advisory_key */

/* A key looked up lately; packages with longer names are not kept. */
struct recent_key {
	int64_t namespace_id;
	uint32_t id, n;
	char package[48];
};
enum { RECENT_KEYS = 4096 };

struct commit {
	struct update *u;
	struct db *db;
	struct arena scratch;
	int64_t operation;
	bool is_first; /* operation of the updater */
	struct recent_key *recent;
	struct map scopes; /* encoded scope to id */
	uint64_t ended, ended_bytes;
};

/* A delta: which stored rows it replaces, and what is valid with those that stay. After the last put. */
int update_delta_load(struct commit *c, struct err *err);
/* Write the namespaces that are new or described otherwise; look up the ids of all. */
int update_namespaces_write(struct commit *c, struct err *err);
/* Write how many advisories of this updater are valid in each namespace. */
int update_valid_write(struct commit *c, struct err *err);
/* Insert the new rows and end the vanished ones. */
int update_rows_write(struct commit *c, struct err *err);

/* Keys to be looked up together. Zero-initialised is empty. */
struct window_key {
	int64_t namespace_id;
	struct str package;
	uint32_t id; /* 0: not found yet */
};
struct key_window {
	struct arena arena;
	struct map known; /* of `list` */
	VEC(struct window_key *) list;
};
/* The id of a key looked up lately. */
bool update_key_recent(const struct commit *c, const struct advisory_key *key, uint32_t *id);
/* The entry of a key, made when absent; valid until update_keys_clear. */
const struct window_key *update_keys_add(struct commit *c, struct key_window *w,
					 const struct advisory_key *key);
/* Look all up; those that are new are made. */
int update_keys_find(struct commit *c, struct key_window *w, struct err *err);
void update_keys_clear(struct key_window *w);
/* The id of an encoded scope, made when new; 0 for the empty one. */
int update_scope(struct commit *c, struct str scope, int64_t *id, struct err *err);
/* Write the texts that were put and changed, and which name has which. */
int update_texts_write(struct commit *c, struct err *err);
/* How many names were put with no text though one is stored, and taking those texts from the names. */
uint64_t update_texts_lost(const struct update *u);
int update_texts_drop_lost(struct commit *c, struct err *err);

#endif
