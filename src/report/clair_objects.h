/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_CLAIR_OBJECTS_H
#define REPORT_CLAIR_OBJECTS_H

#include "base/json.h"
#include "model/advisory.h"
#include "model/index_report.h"

/* The JSON objects that several of our formats share, with Clair's member names. */

/* "id": the decimal text of a content hash; "" for 0 (an object that is not stored by itself). */
void clair_member_id(struct json_writer *w, const char *key, uint64_t id);
/* The same as a key of a map, and as an element of a list. */
void clair_key_id(struct json_writer *w, uint64_t id);
void clair_id(struct json_writer *w, uint64_t id);
/* "issued" and the like: RFC 3339; 0 (unknown) is the zero time that Clair writes, year 1. */
void clair_member_time(struct json_writer *w, const char *key, int64_t utc);

void clair_package(struct json_writer *w, const struct package *p, uint64_t id);
void clair_distribution(struct json_writer *w, const struct distribution *d, uint64_t id);
void clair_repository(struct json_writer *w, const struct repository *r, uint64_t id);
void clair_vulnerability(struct json_writer *w, const struct advisory *a);
/* With `range`, which reports must not have (Quay refuses them): for diffs and bundles. */
void clair_vulnerability_whole(struct json_writer *w, const struct advisory *a);

/* Public identifiers of an index report's objects, parallel to its lists, in the arena. */
struct clair_index {
	const struct index_report *report;
	uint64_t *packages, *distributions, *repositories;
};
void clair_index_open(struct arena *a, const struct index_report *report, struct clair_index *out);

/* The members that index and vulnerability reports have in common: packages, distributions, repository,
 * environments; ids ascending. E_CONFLICT when two different objects have the same id. */
int clair_packages(struct task *task, struct json_writer *w, const struct clair_index *index,
		   struct err *err);
int clair_contexts(struct task *task, struct json_writer *w, const struct clair_index *index,
		   struct err *err);

/* Positions 0..n-1 in ascending order of ids; equal ids in order of position. In the arena. */
uint32_t *clair_order(struct arena *a, const uint64_t *ids, size_t n);

#endif
