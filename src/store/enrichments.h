/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ENRICHMENTS_H
#define STORE_ENRICHMENTS_H

#include "model/enrichment.h"
#include "store/advisories.h"

/* Enrichments: data of a publisher about vulnerability names (tags), joined when a report is written. One
 * table for each enricher, replaced as a whole; unchanged rows are not touched. No history. */

/* As update_begin ... update_close, of kind enrichment: a change makes an update operation of that kind and
 * raises enrichments_generation, never advisories_generation. Each tag of an enrichment counts for itself
 * (and is what the summary counts); enrichments without tags are passed over. */
struct enrichment_update;
int enrichments_begin(struct advisory_store *s, struct str updater, struct enrichment_update **out,
		      struct err *err);
int enrichments_put(struct enrichment_update *u, const struct enrichment *e, struct err *err);
/* For updates of a part: stored rows whose tag `keep` says true of stay as if they were put again. Call after
 * the last put. `keep` must not ask the store. */
int enrichments_keep(struct enrichment_update *u, bool (*keep)(void *ctx, struct str tag), void *ctx,
		     struct err *err);
int enrichments_commit(struct enrichment_update *u, struct str fingerprint, int64_t now,
		       struct update_summary *out, struct err *err);
void enrichments_close(struct enrichment_update *u);
void enrichments_closep(struct enrichment_update **u);
#define autoenrichments __attribute__((cleanup(enrichments_closep)))

/* Data for each name: out[i] has the JSON texts of names[i] from that updater, in the task's arena, in order
 * of the data's hash. */
int enrichments_find(struct advisory_store *s, struct task *task, struct str updater, const struct str *names,
		     size_t n, str_list *out, struct err *err);
/* All of an updater, for export, in order of the data's hash and the tag: an enrichment of several tags comes
 * once for each. `each` must not ask the store. */
int enrichments_each(struct advisory_store *s, struct task *task, struct str updater,
		     int (*each)(void *ctx, const struct enrichment *e, struct err *err), void *ctx,
		     struct err *err);
int enrichments_generation(struct advisory_store *s, uint64_t *out, struct err *err);

#endif
