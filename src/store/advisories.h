/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ADVISORIES_H
#define STORE_ADVISORIES_H

#include "base/task.h"
#include "base/vec.h"
#include "model/advisory.h"
#include "model/vulnerability_report.h"
#include "store/place.h"

/* The store of advisories: read-mostly, replaceable by a rename. */
struct advisory_store;

enum store_mode { STORE_READ, STORE_WRITE };

/* Open DIR/advisories.db. STORE_WRITE makes directory, file and schema, and migrates forward. STORE_READ
 * works on a read-only file or directory. E_NOTFOUND: no such file (STORE_READ); E_CONFIG: schema newer than
 * this program (says both versions); E_FORMAT: not a database, or damaged. */
int advisories_open(struct str dir, enum store_mode mode, struct advisory_store **out, struct err *err);
/* The same in any place (store/place.h); E_UNSUPPORTED: this program does not know that database. */
int advisories_open_at(const struct store_place *place, enum store_mode mode, struct advisory_store **out,
		       struct err *err);
void advisories_close(struct advisory_store *s);
/* The same store as it was at a moment (UTC seconds): advisories_find, advisories_namespace and
 * advisories_updaters answer from what the operations that were dated up to then had left. Texts,
 * distributions and enrichments are those of now. Nothing else may be asked of it or written through it, and
 * it is closed before s. E_CONFIG: the advisories of then are not known; err names the earliest moment. */
int advisories_as_of(struct advisory_store *s, int64_t moment, struct advisory_store **out, struct err *err);
/* 1 and the earliest moment, not before `from`, of which that is known; 0: nothing was ever stored. */
int advisories_history(struct advisory_store *s, int64_t from, int64_t *earliest, struct err *err);
void advisories_usage(struct advisory_store *s, struct store_usage *out);
void advisories_closep(struct advisory_store **s);
#define autoadvisories __attribute__((cleanup(advisories_closep)))

/* Everything the update of one updater needs to know of its past. Strings in the task's arena. */
struct updater_state {
	struct str name, fingerprint, last_error;
	int64_t last_attempt, last_success, changed_at;
	uint64_t advisories, enrichments; /* valid now; an updater has one kind of them */
};
typedef VEC(struct updater_state) updater_states;
/* All updaters, by name. Of a view: `advisories` are those valid then, fingerprints are empty, and a time
 * that is later than the moment is replaced by that of the last change before it (unchanged runs are not
 * kept). */
int advisories_updaters(struct advisory_store *s, struct task *task, updater_states *out, struct err *err);
/* One; a name never seen gives zeros and returns 0. */
int advisories_updater(struct advisory_store *s, struct task *task, struct str name,
		       struct updater_state *out, struct err *err);

/* Take the lease of an updater for at most `seconds`: 1 taken, 0 somebody else has it, or an error. A lease
 * ends by release, by time, or when its process is gone (same host: pid and its start time). */
int advisories_lease(struct advisory_store *s, struct str updater, unsigned seconds, struct err *err);
int advisories_release(struct advisory_store *s, struct str updater, struct err *err);

/* Note an attempt that changed nothing (error empty: unchanged, success) or failed. Writes one row. */
int advisories_note(struct advisory_store *s, struct str updater, int64_t now, struct str error,
		    struct err *err);

/* A full update of one updater: begin, put every advisory that is valid now, commit. No lock is held before
 * commit. Rows already stored are recognised by content hash and not touched; new ones wait in an unlinked
 * spool until commit, which inserts them, ends the vanished and closes the operation in one short
 * transaction. An advisory put twice counts once; one without a package is passed over. The first text that
 * is put for a name is the text of that name, and the first distribution put for a namespace describes it. */
struct update;
struct update_summary {
	uint64_t valid, added, ended, texts_changed,
		bytes_added; /* bytes_added: of the new and ended rows' fields */
};
int update_begin(struct advisory_store *s, struct str updater, struct update **out, struct err *err);
/* The same for a part of what the updater says (matching.md 2.4): stored rows stay in force but for those
 * whose vulnerability name is replaced, which a name that is put is too. */
int update_begin_delta(struct advisory_store *s, struct str updater, struct update **out, struct err *err);
void update_replace(struct update *u, struct str name);
int update_put(struct update *u, const struct advisory *a, struct err *err);
/* The last call before update_close. E_CONFLICT: another process changed this updater since update_begin. */
int update_commit(struct update *u, struct str fingerprint, int64_t now, struct update_summary *out,
		  struct err *err);
/* Release; without a commit nothing was changed. */
void update_close(struct update *u);
void update_closep(struct update **u);
#define autoupdate __attribute__((cleanup(update_closep)))

/* The advisories valid now (or then: advisories_as_of) of each key. out: array of n lists, in the task's
 * arena, each ordered by (name, fixed_in, id); the keys in them borrow the caller's strings. All keys are
 * answered from one snapshot. with_text: fill description, links, issued. */
typedef VEC(const struct advisory *) advisory_list;
int advisories_find(struct advisory_store *s, struct task *task, const struct advisory_key *keys, size_t n,
		    bool with_text, advisory_list *out, struct err *err);
/* Texts for advisories that were found without, when few of the many candidates are wanted: each element of
 * list is replaced by a copy, in the task's arena, with description, links and issued. */
int advisories_texts(struct advisory_store *s, struct task *task, const struct advisory **list, size_t n,
		     struct err *err);
/* Number of advisories valid now (or then) in a namespace, and the updaters they are from. */
int advisories_namespace(struct advisory_store *s, struct task *task, struct str namespace, uint64_t *count,
			 str_list *updaters, struct err *err);

/* Raised by every commit that changed something: key of caches. */
int advisories_generation(struct advisory_store *s, uint64_t *out, struct err *err);
/* Drop rows that were not valid at `before` or later any more; returns how many in *dropped. */
int advisories_collect(struct advisory_store *s, int64_t before, uint64_t *dropped, struct err *err);

#endif
