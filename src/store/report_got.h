/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REPORT_GOT_H
#define STORE_REPORT_GOT_H

#include "base/map.h"
#include "base/task.h"
#include "base/vec.h"
#include "model/index_report.h"
#include "store/db.h"

/* Inside of reading a report, shared by report_get.c and report_records.c. */

/* A record read back, and where its context is in the report. */
struct got_record {
	struct package package;
	const struct environment *context; /* distribution and repositories only */
};

struct got_entry {
	const struct got_record *record;
	uint32_t layer; /* position in the report */
};

struct got_set {
	struct str package_db;
	struct got_entry *entries;
	size_t n, next; /* next: first that no environment has taken */
};

struct get {
	struct db *db;
	struct task *task;
	struct arena *arena;
	struct index_report report;
	int64_t manifest_id, last_used;
	struct str shape;
	struct map layers; /* (digest, occurrence) to position + 1 */
	struct map distributions, repositories; /* id to position + 1 */
	struct map contexts, records; /* id to struct environment, struct got_record */
	VEC(struct got_set) sets;
};

/* Records yet to be read. */
struct wanted_records {
	struct get *g;
	VEC(int64_t) ids;
	VEC(struct got_record *) records;
};

/* The record of an id, read by got_records_. */
const struct got_record *got_want_(struct wanted_records *w, int64_t id);
int got_records_(struct wanted_records *w, struct err *err);

/* Positions are kept in maps of pointers, from 1. */
bool got_position_(const struct map *m, struct str key, uint32_t *out);
static inline struct str got_key_(const int64_t *id)
{
	return (struct str){ (const char *)id, sizeof(*id) };
}
static inline void **got_put_(struct map *m, int64_t id)
{
	return map_put(m, str_copy(m->arena, got_key_(&id)));
}
static inline struct str got_column_(struct get *g, const struct query *q, int i)
{
	return str_copy(g->arena, query_text(q, i));
}
static inline int got_damaged_(const struct get *g, struct err *err)
{
	return db_damaged(g->db, "an index report", err);
}

#endif
