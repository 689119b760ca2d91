/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REPORT_PUT_H
#define STORE_REPORT_PUT_H

#include "base/cursor.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/vec.h"
#include "model/index_report.h"
#include "store/db.h"
#include "store/report_shape.h"

/* Inside of index_put_report, shared by report_put.c (sets and the manifest) and report_parts.c (what they
 * consist of). */

/* A stored thing: its row and its content hash. */
struct part {
	int64_t id;
	unsigned char hash[REPORT_HASH_BYTES];
};

struct set_entry {
	const struct part *record;
	uint32_t layer; /* position in the set's layers */
};

/* A set being collected. */
struct put_set {
	struct str package_db;
	uint32_t position;
	VEC(struct set_entry) entries;
	VEC(uint32_t) layers; /* positions in the report */
};

struct put {
	struct db *db;
	const struct index_report *report;
	struct arena arena;
	struct hasher *hasher;
	struct buffer content; /* being hashed */
	struct part *distributions, *repositories;
	uint32_t *occurrences; /* per layer of the report: how often its digest came before */
	struct map contexts; /* of the report's positions, to struct part */
	struct map records; /* hash to struct record_row */
	VEC(struct record_row *) record_rows; /* the same, in order */
	struct map set_of; /* package_db to struct put_set */
	VEC(struct put_set *) sets;
	struct buffer shape;
};

struct str part_hash(const struct part *part);
/* Hash p->content and empty it. */
void part_hash_content(struct put *p, struct part *out);
/* 1 and part->id when a row of this hash is there. sql: SELECT with ?1 the hash. */
int part_find(struct db *db, const char *sql, struct part *part, struct err *err);
/* Store the report's distributions and repositories, and put them into the shape. */
int part_put_lists(struct put *p, struct err *err);
/* The record of a package in an environment; it has no id before part_write_records. */
int part_record(struct put *p, const struct package *package, const struct environment *e,
		const struct part **out, struct err *err);
/* Store all records. */
int part_write_records(struct put *p, struct err *err);

#endif
