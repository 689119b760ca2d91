/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_REPOSITORIES_H
#define ENGINE_REPOSITORIES_H

#include "base/map.h"
#include "base/vec.h"
#include "model/index_report.h"
#include "store/enrichments.h"

/* Layers name Red Hat's repositories by an id; what an id stands for is looked up when a report is read, in
 * the enrichments of rhel-repository-to-cpe, and never stored with what was found in a layer or an image. */

/* Replace each repository that is only an id by one for each of its platforms (CPE names), and the
 * environments by what points to those. An id that the map does not have stays as it is. store NULL: nothing
 * is looked up. Packages of containers get their names (engine/container_names.h). All in the task's arena.
 */
int repositories_expand(struct task *task, struct advisory_store *store, struct index_report *report,
			struct err *err);

/* The same for single records, each id asked for once. */
struct repository_resolver {
	struct task *task;
	struct advisory_store *store;
	struct map known; /* URI -> list; .arena has to be set */
};
typedef VEC(const struct repository *) repository_pointers;
/* Add to out, in its arena a, what the n repositories stand for. */
int repositories_resolve(struct repository_resolver *r, const struct repository *const *repositories,
			 size_t n, struct arena *a, repository_pointers *out, struct err *err);

#endif
