/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_SCANNER_H
#define SCAN_SCANNER_H

#include "base/io.h"
#include "base/task.h"
#include "format/tar.h"
#include "model/findings.h"
#include "model/scanner_id.h"

struct layer_files;

/* What finds packages, distributions or files in one layer. Linked into the worker only. */
struct scanner {
	const struct scanner_id *id;
	/* Must this entry be kept for scan? Pure; asked for every entry but directories with their
	 * normalised path (resolved through links of the layer where known). head: the first bytes of a
	 * regular file, at most 512. NULL: the scanner needs no files, only what layer_files records. */
	bool (*wants)(const struct tar_entry *entry, struct str head);
	/* Also asked for directories: true to have the path in layer_files_has_directory. May be NULL. */
	bool (*wants_directory)(struct str path);
	/* Add to findings (arena set, lists empty). Damage of one file is a note or a database problem, not
	 * an error. Returns 0, or what task_check says, or E_LIMIT. */
	int (*scan)(struct task *task, const struct layer_files *files, struct findings *out,
		    struct err *err);
};

/* scan/table.c; same order as scanner_ids, ends with NULL */
extern const struct scanner *const scanners[];

/* --- what the sieve kept of a layer (scan/layer_files.c) --- */

/* A kept file: path as in the merged view of this layer (parents resolved through its links). content is
 * in memory (or mapped from the spool) as long as the layer_files live. */
struct kept_file {
	struct str path, content;
	uint32_t mode;
};

/* Kept files that `wants` says yes to, in bytewise order of path; *count of them. A link whose target was
 * kept counts as a file of its own path. */
const struct kept_file *const *layer_files_wanted(const struct layer_files *f, const struct scanner *s,
						  size_t *count);
/* The kept file at path, following links of this layer; NULL when there is none. */
const struct kept_file *layer_files_find(const struct layer_files *f, struct str path);
/* Was a directory of this path seen (or implied by an entry below it that was kept)? */
bool layer_files_has_directory(const struct layer_files *f, struct str path);
/* Paths of whiteout entries, in order of appearance; overlayfs's marks are written as .wh. names. */
const struct str *layer_files_whiteouts(const struct layer_files *f, size_t *count);
/* What was odd about the layer itself (duplicate entries, loops of links), for people: the first few. */
const struct str *layer_files_notes(const struct layer_files *f, size_t *count);

/* --- the sieve (scan/sieve.c): one pass over a layer --- */

enum sieve_result { SIEVE_DONE, SIEVE_AGAIN };

struct sieve_options {
	uint64_t max_entries; /* 0: LIMIT_LAYER_ENTRIES */
	bool heads_only; /* files of the stream carry only their first bytes: answer AGAIN with all wanted */
	const struct str *also; /* names wanted by a first pass that ended in AGAIN */
	size_t also_count;
	bool is_second; /* second pass: names still missing are notes, not AGAIN */
	int spool_fd; /* > 0: where large files go, from its beginning; else fd_spool when needed */
};

struct sieve_totals {
	uint64_t entries, kept_bytes;
};

/* Read the tar stream to its end and keep what the scanners of the bit set want (bit i: scanners[i]).
 * SIEVE_AGAIN: *again lists entries (normalised paths) that wanted links point to and were not kept; the
 * caller streams the layer once more with them in `also`. SIEVE_DONE: *out is complete. All memory is the
 * task's; spooled content is mapped until layer_files_close. Returns enum sieve_result or a negative error
 * (E_FORMAT, E_LIMIT, the source's). */
int sieve_layer(struct task *task, struct reader *tar_stream, uint64_t scanner_set,
		const struct sieve_options *options, struct layer_files **out, struct str **again,
		size_t *again_count, struct sieve_totals *totals, struct err *err);
void layer_files_close(struct layer_files *f);

/* What sieve_layer gives, in one. */
struct sieve_outcome {
	struct layer_files *files;
	struct str *again;
	size_t again_count;
	struct sieve_totals totals;
};

/* sieve_layer over another table than scanners[] (ends with NULL, at most 64 are looked at): for tests. */
int sieve_layer_with(struct task *task, struct reader *tar_stream, const struct scanner *const *table,
		     uint64_t scanner_set, const struct sieve_options *options, struct sieve_outcome *out,
		     struct err *err);

#endif
