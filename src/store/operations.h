/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_OPERATIONS_H
#define STORE_OPERATIONS_H

#include "store/advisories.h"

/* The history of updates, as Clair's update_operation and update_diff show it (service.md 1.9, 1.10, 4.4). An
 * operation is a commit that changed something. */
enum operation_kind { OPERATION_VULNERABILITY, OPERATION_ENRICHMENT };
const char *operation_kind_name(enum operation_kind kind); /* "vulnerability", "enrichment" */

struct update_operation {
	int64_t id; /* generation */
	struct str ref; /* UUID */
	struct str updater, fingerprint;
	int64_t date;
	enum operation_kind kind;
};
typedef VEC(struct update_operation) update_operations;

/* Operations of a kind by updater, newest first; latest: one for each updater. */
int operations_list(struct advisory_store *s, struct task *task, enum operation_kind kind, bool latest,
		    update_operations *out, struct err *err);
/* Ref of the newest of a kind over all updaters; empty: none. */
int operations_newest(struct advisory_store *s, struct task *task, enum operation_kind kind, struct str *ref,
		      struct err *err);
/* 1 found, 0 not. */
int operation_find(struct advisory_store *s, struct task *task, struct str ref, struct update_operation *out,
		   struct err *err);
/* Has any stored operation of the updater and kind this fingerprint (offline import skips it)? 1, 0, error.
 */
int operation_has_fingerprint(struct advisory_store *s, struct str updater, enum operation_kind kind,
			      struct str fingerprint, struct err *err);
/* Delete: the newest operation of its updater is undone (rows it began go, rows it ended are valid again, the
 * fingerprint is forgotten so that the next run fetches again); an older one is merged into the next. What
 * was valid from its date until the next one's, or now, cannot be asked any more. Unknown refs return 0,
 * deleted ones 1. */
int operation_delete(struct advisory_store *s, struct str ref, int64_t now, struct err *err);

/* What cur has and prev has not, and the other way round. prev NULL: everything of cur is added. Advisories
 * with texts, borrowed for the call, ordered by (name, id), first the added. A sink must not ask the store.
 */
struct diff_sink {
	int (*added)(struct diff_sink *sink, const struct advisory *a, struct err *err);
	int (*removed)(struct diff_sink *sink, const struct advisory *a, struct err *err);
};
int operations_diff(struct advisory_store *s, struct task *task, const struct update_operation *prev,
		    const struct update_operation *cur, struct diff_sink *sink, struct err *err);
/* Every advisory valid now of an updater (empty: of all), with texts, through sink->added; ordered by
 * (updater, namespace, package, name, fixed_in, id). */
int advisories_each(struct advisory_store *s, struct task *task, struct str updater, struct diff_sink *sink,
		    struct err *err);

/* 1: some advisory is valid now; 0: none. */
int advisories_any(struct advisory_store *s, struct err *err);
/* The advisories valid now with this vulnerability name ("CVE-2014-0160"), with texts, ordered by (namespace,
 * package, updater, id); at most max. Reads the whole table: 50 ms for a million. */
int advisories_named(struct advisory_store *s, struct task *task, struct str name, size_t max,
		     advisory_list *out, struct err *err);
/* Keep of each updater and kind the operations since `before` and the one that was the newest then, of these
 * the newest `keep` (0: all), at least one; older ones are merged into the oldest kept, and rows that are
 * valid at none kept go, in many short transactions. */
int advisories_retain(struct advisory_store *s, unsigned keep, int64_t before, uint64_t *dropped,
		      struct err *err);

#endif
