/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_LAYER_FILES_H
#define SCAN_LAYER_FILES_H

/* What the sieve builds and the functions of scan/scanner.h look at; nobody else includes it. */
#include "base/vec.h"
#include "scan/content_store.h"
#include "scan/layer_tree.h"
#include "scan/scanner.h"

#define SIEVE_SCANNERS 64u

/* A file with what is needed to list it. */
struct listed_file {
	struct kept_file file; /* first */
	struct content_place place;
};

/* One scanner of the set. */
struct sieve_scanner {
	const struct scanner *scanner;
	uint64_t bit;
	const struct kept_file **files; /* in order of path */
	size_t n;
};

struct layer_files {
	struct arena *arena;
	struct layer_tree tree;
	struct content_store contents;
	struct sieve_scanner scanners[SIEVE_SCANNERS];
	size_t scanner_count;
	VEC(struct str) whiteouts;
	VEC(struct str) notes;
};

struct layer_files *layer_files_open(struct task *task, int spool_fd);
/* Add a note; text may be anything. Notes beyond the first few are dropped. */
void layer_files_note(struct layer_files *f, const char *what, struct str path);
/* Keep a file at node, which becomes NODE_FILE. */
int layer_files_keep(struct layer_files *f, struct node *node, struct str path, uint32_t mode,
		     const struct content_place *place, struct err *err);
/* All entries are in: map the spool, fill the contents in and make the lists. */
int layer_files_finish(struct layer_files *f, struct err *err);

#endif
