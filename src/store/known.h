/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_KNOWN_H
#define STORE_KNOWN_H

#include "base/arena.h"
#include "base/str.h"

/* What an update knows of what is stored, in few bytes. Zero-initialised is empty. */

/* Content hashes (63 bits, never 0) of advisories, each with its key and whether this update has put it: 12
 * bytes a slot, at most 3/4 full. */
struct known_rows {
	struct arena arena;
	uint64_t *slots; /* hash * 2 + seen; 0 is free */
	uint32_t *keys;
	size_t n, cap;
	size_t unseen;
	uint64_t seed;
};
void known_rows_reserve(struct known_rows *k, size_t n);
/* A stored row. */
void known_rows_add(struct known_rows *k, uint64_t hash, uint32_t key);
enum known_row { ROW_NEW, ROW_STORED, ROW_REPEATED };
/* Mark a row as put: it was not known, it was stored, or it was put before. */
enum known_row known_rows_see(struct known_rows *k, uint64_t hash);
bool known_rows_is_seen(const struct known_rows *k, uint64_t hash);
/* Is it a stored row that was not put? */
bool known_rows_is_unseen(const struct known_rows *k, uint64_t hash);
/* A stored row of which it is told after the last put. False: it was put; else it is added, unseen. */
bool known_rows_add_late(struct known_rows *k, uint64_t hash, uint32_t key);
/* Key of a stored row; 0: it is not stored. */
uint32_t known_rows_key(const struct known_rows *k, uint64_t hash);
/* Walk the keys of stored rows that were not put, a key as often as it has such rows: start with *i = 0. */
bool known_rows_next_unseen(const struct known_rows *k, size_t *i, uint32_t *key);

/* Names of vulnerabilities, by hash, with the text stored for each and what this update said: 24 bytes a
 * slot. */
struct known_text {
	uint64_t name; /* 0 is free */
	uint64_t text_id; /* stored; 0: none */
	bool is_named; /* put in this update */
	bool has_text; /* with a text */
};
struct known_texts {
	struct arena arena;
	struct known_text *slots;
	size_t n, cap;
};
/* The entry of a name, made when absent. Valid until the next call. */
struct known_text *known_texts_at(struct known_texts *k, struct str name);
/* Is there an entry? */
bool known_texts_has(const struct known_texts *k, struct str name);

#endif
