/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "base/task.h"
#include "model/index_report.h"
#include "model/scanner_id.h"
#include "store/place.h"

/* The store of what was found in layers and images: many small writes, partly a cache. */
struct index_store;

/* Open DIR/index.db, making directory, file and schema, and migrating forward. Errors as advisories_open. */
int index_store_open(struct str dir, struct index_store **out, struct err *err);
/* The same in any place (store/place.h). */
int index_store_open_at(const struct store_place *place, struct index_store **out, struct err *err);
void index_store_close(struct index_store *s);
void index_store_usage(struct index_store *s, struct store_usage *out);
void index_store_closep(struct index_store **s);
#define autoindex __attribute__((cleanup(index_store_closep)))

/* The encoded findings of one scanner in one layer (model/findings.h); empty owned: none asked for or none.
 */
struct layer_scan {
	const struct scanner_id *scanner;
	struct str findings, owned;
};

/* The findings of a layer by all the scanners of scanner_ids whose bit is in `set`; *known gets the bits that
 * are stored under their current version. out[i] for bit i, in the task's arena; `owned` is filled only when
 * with_owned. Marks the layer as used. */
int index_get_layer(struct index_store *s, struct task *task, struct str digest, uint64_t set,
		    bool with_owned, struct layer_scan *out, uint64_t *known, struct err *err);
/* Store findings of a layer in one transaction, replacing those of the same scanners (any version). Owned
 * lists are kept compressed. */
int index_put_layer(struct index_store *s, struct str digest, uint64_t size_bytes,
		    const struct layer_scan *scans, size_t n, struct err *err);

/* A layer that no worker of this engine could scan, so that it is not tried at each request: found by
 * index_get_failure (1, and the code and text in *failure; 0: none) until the engine's version changes, the
 * layer is stored after all, or index_clean forgets it. */
int index_put_failure(struct index_store *s, struct str digest, const struct err *failure, struct err *err);
int index_get_failure(struct index_store *s, struct str digest, struct err *failure, struct err *err);

/* Store a finished index report under its manifest hash in one transaction: records, contexts, package sets
 * (each once, by content hash), layers. state: which scanners made it (engine); the last posting wins. */
int index_put_report(struct index_store *s, const struct index_report *report, struct str state,
		     struct err *err);
/* 1 and the report (in the task's arena) when one of this state is stored and its layers are these; 0 when
 * not. */
int index_get_report(struct index_store *s, struct task *task, struct str manifest_hash, struct str state,
		     const struct str *layers, size_t layer_count, struct index_report *out, struct err *err);

struct index_totals {
	uint64_t layers, manifests, records, package_sets, file_bytes, layer_bytes;
};
int index_status(struct index_store *s, struct index_totals *out, struct err *err);

/* Forget layers not used since `before` (0: none by age) and then, least recently used first, until stored
 * findings are at most max_bytes (0: no cap); manifests not used since `before`; then records and sets no
 * manifest holds. *dropped: layers. vacuum: give the space back to the file system. */
int index_clean(struct index_store *s, int64_t before, uint64_t max_bytes, bool vacuum, uint64_t *dropped,
		struct err *err);

#endif
