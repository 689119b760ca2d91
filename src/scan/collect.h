/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_COLLECT_H
#define SCAN_COLLECT_H

#include "base/task.h"
#include "model/findings.h"

/* How scanners add to findings what layers say, so that it can cross the boundary to the parent: UTF-8, below
 * the limits. Texts are borrowed when they are clean, else escaped into the arena. */

/* The index of a new database. */
uint32_t collect_database(struct findings *f, struct str name, struct str file);

/* Say what is damaged in a database; the first word on it stays. */
void collect_problem(struct findings *f, uint32_t database, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A warning for people. */
void collect_note(struct findings *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Escape the fields of a package. False when one is longer than LIMIT_FIELD_BYTES, or there is no name. */
bool collect_clean_package(struct arena *a, struct package *p);

/* Add a clean package. Returns 0, or E_LIMIT above LIMIT_LAYER_PACKAGES. */
int collect_package(struct findings *f, uint32_t database, const struct package *p, struct err *err);

/* The same for a distribution: false when a field is too long. */
bool collect_clean_distribution(struct arena *a, struct distribution *d);

/* Gathers the files of one package after the other. Zero-initialised with .findings set is empty. */
struct file_collector {
	struct findings *findings;
	uint64_t paths, bytes; /* so far */
	bool is_full; /* a limit was crossed: later files are left out, a note says so */
};
/* The files that follow are this package's (index into findings.packages). */
void collect_owner(struct file_collector *c, uint32_t package);
/* A file: directory + "/" + name; directory may be empty; leading "/" and "./" are dropped. */
void collect_file(struct file_collector *c, struct str directory, struct str name);

#endif
