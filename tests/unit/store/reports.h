/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REPORTS_H
#define STORE_REPORTS_H

/* Small index reports for tests of the store. */

#include "base/vec.h"
#include "store/index.h"

/* A report of these layers (ends with NULL), without packages, of debian 12. */
static inline struct index_report report_of(struct arena *a, const char *hash, const char *const *layers)
{
	struct index_report r = { .manifest_hash = str_of(hash), .distribution = 0 };

	for (; *layers; layers++)
		VEC_PUSH(a, &r.layers, str_of(*layers));
	VEC_PUSH(a, &r.distributions,
		 ((struct distribution){ .did = STR("debian"), .version_id = STR("12") }));
	VEC_PUSH(a, &r.repositories, ((struct repository){ .name = STR("main"), .uri = STR("uri") }));
	VEC_PUSH(a, &r.repositories, ((struct repository){ .name = STR("extra") }));
	return r;
}

/* A package of that report in a database. */
static inline void report_add(struct arena *a, struct index_report *r, const char *db, uint32_t layer,
			      const char *name, const char *source)
{
	static const uint32_t repositories[] = { 1, 0 };
	struct indexed_package p = { .package = { .name = str_of(name),
						  .version = STR("1"),
						  .kind = PACKAGE_BINARY,
						  .source_name = str_of(source),
						  .scanner = scanner_index(&id_dpkg) } };

	VEC_PUSH(a, &p.environments, ((struct environment){ str_of(db), layer, 0, repositories, 2 }));
	VEC_PUSH(a, &r->packages, p);
}

#endif
