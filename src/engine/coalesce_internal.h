/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_COALESCE_INTERNAL_H
#define ENGINE_COALESCE_INTERNAL_H

/* What coalesce.c and the coalescers of one kind of package share. */

#include "base/map.h"
#include "engine/coalesce.h"
#include "engine/coalesce_rhel.h"
#include "engine/deletions.h"

struct merge {
	struct task *task;
	const struct layer_findings *layers;
	size_t n;
	struct deletions *deleted; /* by layer */
	int32_t *distribution_of; /* by layer: index into the report of a distribution still there, or -1 */
	const struct rhel_repositories *repositories; /* for rpm packages */
	const uint32_t *pro; /* repositories of Ubuntu Pro, for packages of dpkg and chisel */
	size_t pro_count;
	struct index_report *out;
	struct map packages; /* identity -> position + 1 in out->packages */
};

/* NULL: nothing. */
const struct findings *merge_findings_(const struct merge *m, size_t layer, int scanner);
/* Is path, seen in `layer`, deleted by a later one up to and without `end`? */
bool merge_is_deleted_(const struct merge *m, size_t layer, size_t end, struct str path);
/* The report's package of this identity, made when it is new. Valid until the next call. */
struct indexed_package *merge_place_of_(struct merge *m, const struct package *p);
/* Name, version, architecture and module, and the kind if asked for, as a key. */
struct str merge_identity_(struct arena *a, const struct package *p, bool with_kind);

/* Does this scanner find containers, which coalesce_rhcc merges (coalesce_rhcc.c)? */
bool merge_is_rhcc_(int scanner);
int merge_rhcc_(struct merge *m, struct err *err);

/* Add the repositories of Ubuntu Pro that the image has (coalesce_ubuntu.c). */
void merge_ubuntu_pro_(struct merge *m);

#endif
