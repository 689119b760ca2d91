/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_MANIFESTS_H
#define STORE_MANIFESTS_H

#include "model/record.h"
#include "store/index.h"

/* Manifests as the service sees them: being indexed, finished, failed, deleted; and who holds a package. */

/* ---- the job of indexing a manifest; at most one at a time on all nodes ---- */

/* Take the job of indexing a manifest: 1 taken, 0 another one is at it. A job ends by index_job_end, or when
 * its holder is gone (see advisories_lease) or has not renewed for `seconds`. request: what is needed to
 * start it again after a restart (JSON without secrets), empty: cannot be started again. A finished report of
 * the manifest stays as it is meanwhile. */
int index_job_begin(struct index_store *s, struct str manifest_hash, unsigned seconds, struct str request,
		    struct err *err);
int index_job_renew(struct index_store *s, struct str manifest_hash, unsigned seconds, struct err *err);
/* Clair's words: "FetchLayers", "ScanLayers", "Coalesce", "IndexManifest". */
int index_job_state(struct index_store *s, struct str manifest_hash, struct str state, struct err *err);
/* Ended. problem empty: finished or given up; the report itself was stored by index_put_report. Else an
 * IndexError with that text is what GET index_report shows, unless a finished report stands (of any state),
 * which is kept, with the problem beside it. is_permanent: posting the same again cannot help. */
int index_job_end(struct index_store *s, struct str manifest_hash, struct str problem, bool is_permanent,
		  struct err *err);
/* Jobs whose holder is gone. */
struct index_job {
	struct str manifest_hash, state, request;
	int64_t began_at;
};
typedef VEC(struct index_job) index_jobs;
int index_jobs_abandoned(struct index_store *s, struct task *task, index_jobs *out, struct err *err);
int index_jobs_running(struct index_store *s, uint64_t *count, struct err *err);

/* ---- manifests ---- */

struct manifest_status {
	struct str state; /* Clair's word: "IndexFinished", "IndexError", "ScanLayers" ... */
	struct str problem; /* of an IndexError, or of the last attempt beside a finished report */
	struct str made_by; /* engine_index_state that made the finished report; empty: none is finished */
	bool is_finished; /* report holds packages */
	bool is_incomplete;
	bool is_permanent; /* posting the same again cannot help against the problem */
	uint64_t revision; /* changes whenever the stored report is replaced; key of caches */
	struct index_report report; /* when asked for and finished: whole; else only manifest_hash */
};
/* 1 known, 0 not. with_report: load it too (also one that another engine version made). */
int manifest_get(struct index_store *s, struct task *task, struct str hash, bool with_report,
		 struct manifest_status *out, struct err *err);
/* Delete manifests; layers that no other manifest uses go too, records and sets at the next index_clean. out:
 * those that were there and were not being indexed, in the order asked. */
int manifests_delete(struct index_store *s, struct task *task, const struct str *hashes, size_t n,
		     str_list *out, struct err *err);
/* Manifests made by another state than this, least recently indexed first. */
int manifests_stale(struct index_store *s, struct task *task, struct str state, size_t max, str_list *out,
		    uint64_t *count, struct err *err);

/* ---- who holds a package (architecture: package_set, set_record) ---- */

struct stored_record {
	int64_t id;
	struct package package;
	const struct distribution *distribution; /* NULL: none */
	const struct repository **repositories;
	size_t repository_count;
};
/* Records whose package, or whose source package, has one of these names; borrowed for the call. */
int records_named(struct index_store *s, struct task *task, const struct str *names, size_t n,
		  int (*each)(void *ctx, const struct stored_record *r, struct err *err), void *ctx,
		  struct err *err);
/* Digests of manifests that hold any of the records, after `after` in order of digest, at most max. */
int manifests_holding(struct index_store *s, struct task *task, const int64_t *records, size_t n,
		      struct str after, size_t max, str_list *out, struct err *err);

#endif
