/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_RENDER_FRAGMENTS_H
#define API_RENDER_FRAGMENTS_H

#include "base/arena.h"
#include "model/vulnerability_report.h"

/* What reports say of an advisory, written once for all reports of a pair of generations: after an update the
 * images of a fleet ask for the same few thousand advisories again and again. Threads share it. */
struct fragments;

struct fragment {
	uint64_t id; /* of the advisory */
	struct str object; /* its JSON; empty: not known */
	struct str enrichments[ENRICHMENT_KINDS]; /* elements of the list, with commas; empty: none */
};

/* max_bytes: memory for all. */
struct fragments *fragments_new(uint64_t max_bytes);
void fragments_free(struct fragments *f);
/* Fill in what is known of list[].id, copied into the arena. Another pair of generations than before forgets
 * everything. */
void fragments_get(struct fragments *f, uint64_t advisories, uint64_t enrichments, struct arena *a,
		   struct fragment *list, size_t n);
/* Remember; nothing when the generations are not those of the last fragments_get. */
void fragments_put(struct fragments *f, uint64_t advisories, uint64_t enrichments,
		   const struct fragment *list, size_t n);
/* Forget everything when nobody asked since `before_ns` (monotonic). True when there was something. */
bool fragments_trim(struct fragments *f, uint64_t before_ns);

#endif
