/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_AFFECTED_H
#define ENGINE_AFFECTED_H

#include "model/advisory.h"
#include "store/manifests.h"

/* Which stored manifests an advisory concerns: its keys lead to records, decide() chooses, records lead to
 * manifests (architecture: idea 2). advisories may come from outside: their key.namespace is worked out from
 * their distribution when it is empty. */
struct affected {
	struct str manifest; /* digest */
	VEC(uint32_t) advisories; /* positions in the question, most severe first */
};
typedef VEC(struct affected) affected_list;
/* Manifests by digest, after `after` (empty: from the start), at most max (0: all). */
int engine_affected(struct task *task, struct index_store *index, const struct advisory *const *advisories,
		    size_t n, struct str after, size_t max, affected_list *out, struct err *err);

/* The namespace ("debian:12") under which the ecosystem of a distribution keeps advisories; from the generic
 * rule did ":" version_id when no ecosystem knows it. In the arena; empty: no distribution. */
struct str engine_namespace(struct arena *a, const struct distribution *d);
/* That of an advisory that does not tell it: from its repository, where the ecosystem goes by that, else from
 * its distribution. */
struct str engine_advisory_namespace(struct arena *a, const struct advisory *advisory);

#endif
