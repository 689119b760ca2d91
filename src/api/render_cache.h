/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_RENDER_CACHE_H
#define API_RENDER_CACHE_H

#include "api/render.h"
#include "api/render_fragments.h"

#include <pthread.h>

/* Inside of rendering, shared by render.c (making) and render_cache.c (keeping). */

struct render_key {
	struct str manifest_hash;
	uint64_t revision; /* 0: unknown, nobody else may have it */
	uint64_t advisories, enrichments; /* generations */
};

enum render_state { RENDER_MAKING, RENDER_READY, RENDER_FAILED };

/* Counted: the cache's list holds one reference, each user one. Texts never change once they are there. */
struct rendering_ {
	struct rendering_ *next; /* in its bucket */
	struct rendering_ *newer, *older; /* by last use */
	struct render_key key;
	unsigned references;
	enum render_state state;
	bool is_listed, is_compressing;
	struct err error; /* RENDER_FAILED */
	struct rendering facts; /* but entry_; texts are malloc'ed */
	uint64_t made_ns, used_ns;
	uint64_t bytes; /* counted for it while it is listed */
	char hash[]; /* key.manifest_hash */
};

enum { RENDER_BUCKETS = 1024 };
#define RENDER_IDLE_NS (60 * UINT64_C(1000000000)) /* not asked for so long: dropped */
#define RENDER_AGE_NS (300 * UINT64_C(1000000000)) /* then it is made again: the age of data is no key */

struct render_cache {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* some entry */
	pthread_cond_t closing;
	pthread_t janitor;
	struct render_options options; /* names are copies */
	struct arena arena;
	struct rendering_ *buckets[RENDER_BUCKETS];
	struct rendering_ *newest, *oldest;
	struct fragments *fragments;
	uint64_t advisories, enrichments; /* generations last asked for */
	uint64_t bytes, hits, misses;
	bool is_closing;
};

/* 1: *out is ready; 0: the caller has to make it and to call render_cache_finish; both hold a reference.
 * Waits for whoever makes it already, whose error is returned; a maker that was canceled is replaced. */
int render_cache_take(struct render_cache *c, struct task *task, const struct render_key *key,
		      struct rendering_ **out, struct err *err);
/* It is ready, or failed for error != NULL. keep: may be given to others. */
void render_cache_finish(struct render_cache *c, struct rendering_ *r, bool keep, const struct err *error);
/* Give the entry its gzip text: 1 it is there; 0 the caller has to make it and to call render_cache_add_gzip.
 */
int render_cache_gzip(struct render_cache *c, struct task *task, struct rendering_ *r, struct err *err);
/* gzip: malloc'ed, now the entry's; empty when it could not be made. */
void render_cache_add_gzip(struct render_cache *c, struct rendering_ *r, struct str gzip);
/* What is known of a ready entry by now. */
struct rendering render_cache_facts(struct render_cache *c, const struct rendering_ *r);
void render_cache_drop(struct render_cache *c, struct rendering_ *r);

#endif
