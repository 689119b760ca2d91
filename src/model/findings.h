/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_FINDINGS_H
#define MODEL_FINDINGS_H

#include "base/cursor.h"
#include "base/err.h"
#include "base/vec.h"
#include "model/distribution.h"
#include "model/package.h"
#include "model/repository.h"

struct task;

/* A package database found in a layer. name is what reports call package_db ("var/lib/dpkg/status",
 * "sqlite:var/lib/rpm"); file is the path whose deletion by a later layer deletes the database.
 * problem is empty, or says what was damaged: the packages listed are then those that could be read. */
struct database {
	struct str name, file, problem;
};

struct found_package {
	struct package package;
	uint32_t database; /* index into findings.databases */
};

/* Files that a package owns: normalised paths, no leading slash, in the order of the database. */
struct owned_files {
	uint32_t package; /* index into findings.packages */
	struct str *paths;
	size_t n;
};

/* What one scanner found in one layer. Empty lists are normal. Everything borrows from *arena or from the
 * bytes that were decoded. */
struct findings {
	struct arena *arena;
	VEC(struct database) databases;
	VEC(struct found_package) packages;
	VEC(struct distribution) distributions;
	VEC(struct repository) repositories;
	VEC(struct str) whiteouts; /* full paths of .wh. entries, opaque markers included; whiteout scanner */
	VEC(struct owned_files) owned;
	VEC(struct str) notes; /* warnings for people: what was odd, skipped or unreadable */
};

/* Encode everything but the owned files, or only the owned files (sorted and front-coded). */
void findings_encode(const struct findings *f, struct buffer *out);
void findings_encode_owned(const struct findings *f, struct buffer *out);

/* Decode as if an attacker wrote the bytes: lengths, counts, UTF-8 without NUL, indexes, enums and totals
 * are checked (base/limits.h). Fields borrow from bytes; lists are in f->arena, which must be set.
 * scanner: position in scanner_ids that the packages get. Returns 0, E_FORMAT or E_LIMIT. */
int findings_decode(struct task *task, struct str bytes, int scanner, struct findings *f, struct err *err);
/* Add the owned files; f must hold the packages already. Paths are rebuilt in f->arena. */
int findings_decode_owned(struct task *task, struct str bytes, struct findings *f, struct err *err);

#endif
