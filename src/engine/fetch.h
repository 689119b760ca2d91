/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

#include "base/io.h"
#include "base/task.h"
#include "ecosystem/ecosystem.h"
#include "net/http_client.h"

/* Who keeps what discovery reads. */
struct fetch_keeper {
	const char *set; /* being discovered */
	/* A small document, whole. */
	int (*document)(struct fetch_keeper *k, struct str mirror_path, struct str text, struct err *err);
	/* A folder was to be listed; the path ends with a slash. */
	void (*folder)(struct fetch_keeper *k, struct str mirror_path);
};

/* Where feeds come from: the publishers, or a mirror laid out with one folder a feed. */
struct fetcher {
	struct discovery discovery; /* what ecosystems may ask; must be first */
	struct task *task;
	struct http_client *http; /* made when first needed */
	struct str mirror_url; /* http(s) mirror, ending in a slash; empty: none */
	struct str mirror_dir; /* folder, ending in a slash; empty: none */
	bool is_mirrored;
	bool may_be_empty; /* what is being fetched */
	void (*transferred)(void *ctx, uint64_t bytes); /* of documents; may be NULL */
	void *transferred_ctx;
	struct fetch_keeper *keeper; /* NULL: nobody */
	struct http_pace *pace; /* of all fetchers of a run; NULL: as fast as it goes */
};

/* mirror: http(s)://, file:// or a path; empty: the publishers. A folder that does not exist is E_NOTFOUND.
 */
int fetcher_open(struct fetcher *f, struct task *task, struct str mirror, struct str debian_archive,
		 struct err *err);
void fetcher_close(struct fetcher *f);
#define autofetcher __attribute__((cleanup(fetcher_close)))

enum fetch_result { FETCH_UNCHANGED, FETCH_CHANGED, FETCH_MISSING };

/* A document as fetched: read it from fd at offset 0. */
struct fetched {
	int fd; /* the caller closes it */
	uint64_t size_bytes;
	struct str fingerprint; /* to be stored with what was parsed; task's arena */
	struct str origin; /* URL or path, for errors */
};

/* Fetch a source unless it is what `fingerprint` says. parser: a text that changes whenever the same bytes
 * would be parsed differently; part of the fingerprint. Returns enum fetch_result or an error. */
int fetch(struct fetcher *f, const struct feed_source *source, struct str parser, struct str fingerprint,
	  struct fetched *out, struct err *err);

#endif
