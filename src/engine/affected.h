/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_AFFECTED_H
#define ENGINE_AFFECTED_H

#include "model/advisory.h"
#include "store/advisories.h"
#include "store/manifests.h"

struct affected_question {
	struct index_store *index;
	struct advisory_store *store; /* what else has to be known to decide; NULL: nothing is */
	/* They may come from outside: their key.namespace is worked out when it is empty. */
	const struct advisory *const *advisories;
	size_t n;
	struct str after; /* only manifests after this digest; empty: from the start */
	size_t max; /* manifests; 0: all */
};

struct affected {
	struct str manifest; /* digest */
	VEC(uint32_t) advisories; /* positions in the question, most severe first */
};
typedef VEC(struct affected) affected_list;
/* Which stored manifests advisories concern: their keys lead to records, decide() chooses, records lead to
 * manifests (architecture: idea 2). Manifests by digest. */
int engine_affected(struct task *task, const struct affected_question *question, affected_list *out,
		    struct err *err);

/* The namespace ("debian:12") under which the ecosystem of a distribution keeps advisories; from the generic
 * rule did ":" version_id when no ecosystem knows it. In the arena; empty: no distribution. */
struct str engine_namespace(struct arena *a, const struct distribution *d);
/* That of an advisory that does not tell it: from its repository, where the ecosystem goes by that, else from
 * its distribution. */
struct str engine_advisory_namespace(struct arena *a, const struct advisory *advisory);

#endif
